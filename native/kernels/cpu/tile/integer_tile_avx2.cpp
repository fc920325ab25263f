#include "kernels/cpu/tile/integer_tile_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <bit>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {
#define TRIPOINT_TARGET TRIPOINT_AVX2

constexpr int64_t kWide = 8;  // numbers of a register: half a group
static_assert(kIntegerGroup == 2 * kWide);

// Rows of one block: their sums with two registers of columns take twelve of the sixteen.
constexpr int kRows = 6;

// Six rows by `Halves` halves of a group of columns. The first `Split` rows are the last ones of a
// group of rows whose first is at `x`, the others the first ones of the group after it; without a
// split, all are of one group.
template <int Halves, int Split>
TRIPOINT_TARGET void block(const IntegerRows& rows, int64_t row, const IntegerRows& columns,
                           int64_t column, int32_t* tile) {
  const int16_t* const x = rows.values + integer_place(rows.pairs, row, 0);
  const int16_t* const x_after = rows.values + integer_place(rows.pairs, row + Split, 0);
  const int16_t* const y = columns.values + integer_place(rows.pairs, column, 0);
  __m256i sums[kRows][Halves];
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int h = 0; h < Halves; ++h) sums[r][h] = _mm256_setzero_si256();
  }
  for (int64_t pair = 0; pair < rows.pairs; ++pair) {
    __m256i others[Halves];
#pragma GCC unroll 2
    for (int h = 0; h < Halves; ++h) {
      std::memcpy(&others[h], y + (pair * kIntegerGroup + h * kWide) * 2, sizeof(__m256i));
    }
#pragma GCC unroll 6
    for (int r = 0; r < kRows; ++r) {
      const int16_t* const two =
          (r < Split ? x + 2 * r : x_after + 2 * (r - Split)) + pair * kIntegerGroup * 2;
      // Left to itself the compiler makes many products before it adds them, and moves sums to
      // memory and back: twice the time.
      __m256i own;
      asm("vpbroadcastd %1, %0" : "=x"(own) : "m"(*reinterpret_cast<const int16_t(*)[2]>(two)));
#pragma GCC unroll 2
      for (int h = 0; h < Halves; ++h) {
        __m256i product;
        asm("vpmaddwd %3, %2, %0\n\tvpaddd %0, %1, %1"
            : "=&x"(product), "+x"(sums[r][h])
            : "x"(own), "x"(others[h]));
      }
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    const __m256i own = _mm256_set1_epi32(rows.squares[row + r]);
#pragma GCC unroll 2
    for (int h = 0; h < Halves; ++h) {
      __m256i others;
      std::memcpy(&others, columns.squares + column + h * kWide, sizeof(others));
      const __m256i distances =
          _mm256_sub_epi32(_mm256_add_epi32(own, others), _mm256_slli_epi32(sums[r][h], 1));
      std::memcpy(tile + r * kIntegerTile + h * kWide, &distances, sizeof(distances));
    }
  }
}

template <int Halves>
TRIPOINT_TARGET void columns_of(const IntegerRows& rows, int64_t row, int64_t row_count,
                                const IntegerRows& columns, int64_t column, int32_t* tile) {
  for (int64_t i = 0; i < row_count; i += kRows) {
    int32_t* const target = tile + i * kIntegerTile;
    switch ((row + i) % kIntegerGroup) {
      case 14:
        block<Halves, 2>(rows, row + i, columns, column, target);
        break;
      case 12:
        block<Halves, 4>(rows, row + i, columns, column, target);
        break;
      default:
        block<Halves, 6>(rows, row + i, columns, column, target);
    }
  }
}

TRIPOINT_TARGET void squared_distances(const IntegerRows& rows, int64_t row, int64_t row_count,
                                       const IntegerRows& columns, int64_t column,
                                       int64_t column_count, int32_t* tile) {
  int64_t j = 0;
  for (; j + kWide < column_count; j += kIntegerGroup) {
    columns_of<2>(rows, row, row_count, columns, column + j, tile + j);
  }
  if (j < column_count) columns_of<1>(rows, row, row_count, columns, column + j, tile + j);
}

template <bool WithLimits>
TRIPOINT_TARGET int64_t collect_by(const int32_t* keys, int64_t count, int32_t limit,
                                   const int32_t* limits, int32_t* places) {
  constexpr int64_t kVectors = 4;
  constexpr int64_t kStep = kVectors * kWide;
  static_assert(kIntegerTile % kStep == 0);
  const __m256i of_all = _mm256_set1_epi32(limit);
  int64_t found = 0;
  for (int64_t j = 0; j < count; j += kStep) {
    __m256i greater[kVectors];
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; ++v) {
      __m256i most = of_all;
      if constexpr (WithLimits) {
        __m256i own;
        std::memcpy(&own, limits + j + v * kWide, sizeof(own));
        most = _mm256_max_epi32(most, own);
      }
      std::memcpy(&greater[v], keys + j + v * kWide, sizeof(__m256i));
      greater[v] = _mm256_cmpgt_epi32(greater[v], most);
    }
    const __m256i all = _mm256_and_si256(_mm256_and_si256(greater[0], greater[1]),
                                         _mm256_and_si256(greater[2], greater[3]));
    if (_mm256_movemask_epi8(all) == -1) continue;
#pragma GCC unroll 4
    for (int64_t v = 0; v < kVectors; ++v) {
      const int mask = _mm256_movemask_ps(_mm256_castsi256_ps(greater[v]));
      for (unsigned left = ~static_cast<unsigned>(mask) & 0xffu; left != 0; left &= left - 1) {
        const int64_t place = j + v * kWide + std::countr_zero(left);
        if (place >= count) return found;
        places[found++] = static_cast<int32_t>(place);
      }
    }
  }
  return found;
}

#include "kernels/cpu/tile/integer_tile_body.inc"
#undef TRIPOINT_TARGET
}  // namespace

const IntegerKernels* avx2_integer_kernels() { return has_avx2() ? &kKernels : nullptr; }

}  // namespace tripoint::cpu

#endif
