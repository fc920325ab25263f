#include "kernels/cpu/integer_tile.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>
#include <limits>

namespace tripoint::cpu {

namespace portable {
namespace {
#define TRIPOINT_TARGET
#include "kernels/cpu/integer_tile_body.inc"
#undef TRIPOINT_TARGET

void squared_distances(const IntegerRows& rows, int64_t row, int64_t row_count, int64_t column,
                       int64_t column_count, int32_t* tile) {
  for (int64_t i = 0; i < row_count; ++i) {
    for (int64_t j = 0; j < column_count; ++j) {
      int32_t product = 0;
      for (int64_t pair = 0; pair < rows.pairs; ++pair) {
        const int16_t* const x = rows.values + integer_place(rows.pairs, row + i, pair);
        const int16_t* const y = rows.values + integer_place(rows.pairs, column + j, pair);
        product += x[0] * y[0] + x[1] * y[1];
      }
      tile[i * kIntegerTile + j] = rows.squares[row + i] + rows.squares[column + j] - 2 * product;
    }
  }
}

constexpr IntegerKernels kKernels{&squared_distances, &least, &within};
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/integer_tile_body.inc"

// Rows of one block: their sums with two groups of columns take twelve of the sixteen registers.
constexpr int kRows = 6;

// Six rows by `Groups` groups of columns. The first `Split` rows are the last ones of a group of
// rows whose first is at `x`, the others the first ones of the group after it; without a split, all
// are of one group.
template <int Groups, int Split>
TRIPOINT_TARGET void block(const IntegerRows& rows, int64_t row, int64_t column, int32_t* tile) {
  const int64_t stride = rows.pairs * kIntegerGroup * 2;
  const int16_t* const x = rows.values + integer_place(rows.pairs, row, 0);
  const int16_t* const x_after = rows.values + integer_place(rows.pairs, row + Split, 0);
  const int16_t* const y = rows.values + integer_place(rows.pairs, column, 0);
  __m256i sums[kRows][Groups];
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 2
    for (int g = 0; g < Groups; ++g) sums[r][g] = _mm256_setzero_si256();
  }
  for (int64_t pair = 0; pair < rows.pairs; ++pair) {
    __m256i others[Groups];
#pragma GCC unroll 2
    for (int g = 0; g < Groups; ++g) {
      std::memcpy(&others[g], y + g * stride + pair * kIntegerGroup * 2, sizeof(__m256i));
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
      for (int g = 0; g < Groups; ++g) {
        __m256i product;
        asm("vpmaddwd %3, %2, %0\n\tvpaddd %0, %1, %1"
            : "=&x"(product), "+x"(sums[r][g])
            : "x"(own), "x"(others[g]));
      }
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < kRows; ++r) {
    const __m256i own = _mm256_set1_epi32(rows.squares[row + r]);
#pragma GCC unroll 2
    for (int g = 0; g < Groups; ++g) {
      __m256i others;
      std::memcpy(&others, rows.squares + column + g * kIntegerGroup, sizeof(others));
      const __m256i distances =
          _mm256_sub_epi32(_mm256_add_epi32(own, others), _mm256_slli_epi32(sums[r][g], 1));
      std::memcpy(tile + r * kIntegerTile + g * kIntegerGroup, &distances, sizeof(distances));
    }
  }
}

template <int Groups>
TRIPOINT_TARGET void columns_of(const IntegerRows& rows, int64_t row, int64_t row_count,
                                int64_t column, int32_t* tile) {
  for (int64_t i = 0; i < row_count; i += kRows) {
    int32_t* const target = tile + i * kIntegerTile;
    switch ((row + i) % kIntegerGroup) {
      case 6:
        block<Groups, 2>(rows, row + i, column, target);
        break;
      case 4:
        block<Groups, 4>(rows, row + i, column, target);
        break;
      default:
        block<Groups, 6>(rows, row + i, column, target);
    }
  }
}

TRIPOINT_TARGET void squared_distances(const IntegerRows& rows, int64_t row, int64_t row_count,
                                       int64_t column, int64_t column_count, int32_t* tile) {
  int64_t j = 0;
  for (; j + kIntegerGroup < column_count; j += 2 * kIntegerGroup) {
    columns_of<2>(rows, row, row_count, column + j, tile + j);
  }
  if (j < column_count) columns_of<1>(rows, row, row_count, column + j, tile + j);
}
#undef TRIPOINT_TARGET

constexpr IntegerKernels kKernels{&squared_distances, &least, &within};
}  // namespace
}  // namespace avx2
#endif

const IntegerKernels& portable_integer_kernels() { return portable::kKernels; }

const IntegerKernels& integer_kernels() {
#if defined(__x86_64__)
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2) return avx2::kKernels;
#endif
  return portable::kKernels;
}

}  // namespace tripoint::cpu
