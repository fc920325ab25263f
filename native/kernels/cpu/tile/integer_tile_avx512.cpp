#include "kernels/cpu/tile/integer_tile_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <bit>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {

#define TRIPOINT_TARGET TRIPOINT_AVX512_VNNI

static_assert(kIntegerGroup == 16);  // numbers of a register

// Sums of a block with three groups of columns take 24 of the 32 registers. A block's rows are all
// of one group.
constexpr int kRows = 8;
constexpr int64_t kMostGroups = 3;
static_assert(kIntegerGroup % kRows == 0);

template <int Groups>
TRIPOINT_TARGET void block(const IntegerRows& rows, int64_t row, const IntegerRows& columns,
                           int64_t column, int32_t* tile) {
  const int64_t stride = rows.pairs * kIntegerGroup * 2;
  const int16_t* x = rows.values + integer_place(rows.pairs, row, 0);
  const int16_t* y = columns.values + integer_place(rows.pairs, column, 0);
  __m512i sums[kRows][Groups];
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 3
    for (int g = 0; g < Groups; ++g) sums[r][g] = _mm512_setzero_si512();
  }
  for (int64_t pair = 0; pair < rows.pairs; ++pair) {
    __m512i others[Groups];
#pragma GCC unroll 3
    for (int g = 0; g < Groups; ++g) others[g] = _mm512_loadu_si512(y + g * stride);
#pragma GCC unroll 8
    for (int r = 0; r < kRows; ++r) {
      // Left to itself the compiler moves sums from register to register.
      __m512i own;
      asm("vpbroadcastd %1, %0"
          : "=v"(own)
          : "m"(*reinterpret_cast<const int16_t(*)[2]>(x + 2 * r)));
#pragma GCC unroll 3
      for (int g = 0; g < Groups; ++g) {
        asm("vpdpwssd %2, %1, %0" : "+v"(sums[r][g]) : "v"(own), "v"(others[g]));
      }
    }
    x += kIntegerGroup * 2;
    y += kIntegerGroup * 2;
  }
#pragma GCC unroll 8
  for (int r = 0; r < kRows; ++r) {
    const __m512i own = _mm512_set1_epi32(rows.squares[row + r]);
#pragma GCC unroll 3
    for (int g = 0; g < Groups; ++g) {
      const __m512i others = _mm512_loadu_si512(columns.squares + column + g * kIntegerGroup);
      const __m512i distances =
          _mm512_sub_epi32(_mm512_add_epi32(own, others), _mm512_add_epi32(sums[r][g], sums[r][g]));
      _mm512_storeu_si512(tile + r * kIntegerTile + g * kIntegerGroup, distances);
    }
  }
}

TRIPOINT_TARGET void squared_distances(const IntegerRows& rows, int64_t row, int64_t row_count,
                                       const IntegerRows& columns, int64_t column,
                                       int64_t column_count, int32_t* tile) {
  for (int64_t j = 0; j < column_count; j += kMostGroups * kIntegerGroup) {
    const int64_t groups =
        std::min((column_count - j + kIntegerGroup - 1) / kIntegerGroup, kMostGroups);
    for (int64_t i = 0; i < row_count; i += kRows) {
      int32_t* const target = tile + i * kIntegerTile + j;
      switch (groups) {
        case 1:
          block<1>(rows, row + i, columns, column + j, target);
          break;
        case 2:
          block<2>(rows, row + i, columns, column + j, target);
          break;
        default:
          block<3>(rows, row + i, columns, column + j, target);
      }
    }
  }
}

template <bool WithLimits>
TRIPOINT_TARGET int64_t collect_by(const int32_t* keys, int64_t count, int32_t limit,
                                   const int32_t* limits, int32_t* places) {
  constexpr int64_t kVectors = 2;
  static_assert(kIntegerTile % (kVectors * kIntegerGroup) == 0);
  const __m512i of_all = _mm512_set1_epi32(limit);
  int64_t found = 0;
  for (int64_t j = 0; j < count; j += kVectors * kIntegerGroup) {
    uint32_t left = 0;
#pragma GCC unroll 2
    for (int64_t v = 0; v < kVectors; ++v) {
      const int64_t at = j + v * kIntegerGroup;
      const __m512i some = _mm512_loadu_si512(keys + at);
      uint32_t mask = _mm512_cmple_epi32_mask(some, of_all);
      if constexpr (WithLimits) {
        mask |= _mm512_cmple_epi32_mask(some, _mm512_loadu_si512(limits + at));
      }
      left |= mask << (v * kIntegerGroup);
    }
    for (; left != 0; left &= left - 1) {
      const int64_t place = j + std::countr_zero(left);
      if (place >= count) return found;
      places[found++] = static_cast<int32_t>(place);
    }
  }
  return found;
}

#include "kernels/cpu/tile/integer_tile_body.inc"
#undef TRIPOINT_TARGET

}  // namespace

const IntegerKernels* avx512_integer_kernels() { return has_avx512_vnni() ? &kKernels : nullptr; }

}  // namespace tripoint::cpu

#endif
