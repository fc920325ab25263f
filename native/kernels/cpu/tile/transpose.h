#ifndef TRIPOINT_KERNELS_CPU_TILE_TRANSPOSE_H
#define TRIPOINT_KERNELS_CPU_TILE_TRANSPOSE_H

#if defined(__x86_64__)
#include <immintrin.h>

#include <cstdint>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

// Rows and columns of the square that `transpose` turns.
template <typename T>
inline constexpr int64_t kSquare = 32 / static_cast<int64_t>(sizeof(T));

// Column k of a square of rows that lie `stride` apart goes to to + k * to_stride.
TRIPOINT_AVX2 inline void transpose(const float* from, int64_t stride, float* to,
                                    int64_t to_stride) {
  __m256 halves[8];
#pragma GCC unroll 4
  for (int r = 0; r < 4; ++r) {
    const auto both = [&](int64_t k) TRIPOINT_AVX2 {
      return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + r * stride + k)),
                                  _mm_loadu_ps(from + (r + 4) * stride + k), 1);
    };
    halves[r] = both(0);
    halves[r + 4] = both(4);
  }
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const __m256* const rows = halves + 4 * half;
    const __m256 low = _mm256_unpacklo_ps(rows[0], rows[1]);
    const __m256 high = _mm256_unpackhi_ps(rows[0], rows[1]);
    const __m256 low_after = _mm256_unpacklo_ps(rows[2], rows[3]);
    const __m256 high_after = _mm256_unpackhi_ps(rows[2], rows[3]);
    float* const target = to + 4 * half * to_stride;
    _mm256_storeu_ps(target, _mm256_shuffle_ps(low, low_after, 0x44));
    _mm256_storeu_ps(target + to_stride, _mm256_shuffle_ps(low, low_after, 0xee));
    _mm256_storeu_ps(target + 2 * to_stride, _mm256_shuffle_ps(high, high_after, 0x44));
    _mm256_storeu_ps(target + 3 * to_stride, _mm256_shuffle_ps(high, high_after, 0xee));
  }
}

TRIPOINT_AVX2 inline void transpose(const double* from, int64_t stride, double* to,
                                    int64_t to_stride) {
#pragma GCC unroll 2
  for (int half = 0; half < 2; ++half) {
    const auto both = [&](int64_t r) TRIPOINT_AVX2 {
      const double* const row = from + r * stride + 2 * half;
      return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(row)),
                                  _mm_loadu_pd(row + 2 * stride), 1);
    };
    const __m256d even = both(0);
    const __m256d odd = both(1);
    _mm256_storeu_pd(to + 2 * half * to_stride, _mm256_unpacklo_pd(even, odd));
    _mm256_storeu_pd(to + (2 * half + 1) * to_stride, _mm256_unpackhi_pd(even, odd));
  }
}

}  // namespace tripoint::cpu
#endif

#endif
