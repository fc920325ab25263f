#include "kernels/cpu/float_tile.h"

#include <algorithm>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tripoint::cpu {

#if defined(__x86_64__)
namespace avx2 {
namespace {

#define TRIPOINT_TARGET __attribute__((target("avx2,fma")))

// One register of T, and what is done with it.
template <typename T>
struct Register;

template <>
struct Register<float> {
  using V = __m256;
  TRIPOINT_TARGET static V zero() { return _mm256_setzero_ps(); }
  TRIPOINT_TARGET static V load(const float* from) { return _mm256_loadu_ps(from); }
  TRIPOINT_TARGET static V same(const float* from) { return _mm256_broadcast_ss(from); }
  TRIPOINT_TARGET static V add(V x, V y) { return _mm256_add_ps(x, y); }
  TRIPOINT_TARGET static V multiply_add(V x, V y, V z) { return _mm256_fmadd_ps(x, y, z); }
  TRIPOINT_TARGET static void store(float* to, V value) { _mm256_storeu_ps(to, value); }

  // Eight columns of eight rows that lie `stride` apart: column k goes to to + k * to_stride.
  TRIPOINT_TARGET static void transpose(const float* from, int64_t stride, float* to,
                                        int64_t to_stride) {
    V halves[8];
#pragma GCC unroll 4
    for (int r = 0; r < 4; ++r) {
      const auto both = [&](int64_t k) __attribute__((target("avx2,fma"))) {
        return _mm256_insertf128_ps(_mm256_castps128_ps256(_mm_loadu_ps(from + r * stride + k)),
                                    _mm_loadu_ps(from + (r + 4) * stride + k), 1);
      };
      halves[r] = both(0);
      halves[r + 4] = both(4);
    }
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const V* const rows = halves + 4 * half;
      const V low = _mm256_unpacklo_ps(rows[0], rows[1]);
      const V high = _mm256_unpackhi_ps(rows[0], rows[1]);
      const V low_after = _mm256_unpacklo_ps(rows[2], rows[3]);
      const V high_after = _mm256_unpackhi_ps(rows[2], rows[3]);
      float* const target = to + 4 * half * to_stride;
      store(target, _mm256_shuffle_ps(low, low_after, 0x44));
      store(target + to_stride, _mm256_shuffle_ps(low, low_after, 0xee));
      store(target + 2 * to_stride, _mm256_shuffle_ps(high, high_after, 0x44));
      store(target + 3 * to_stride, _mm256_shuffle_ps(high, high_after, 0xee));
    }
  }
};

template <>
struct Register<double> {
  using V = __m256d;
  TRIPOINT_TARGET static V zero() { return _mm256_setzero_pd(); }
  TRIPOINT_TARGET static V load(const double* from) { return _mm256_loadu_pd(from); }
  TRIPOINT_TARGET static V same(const double* from) { return _mm256_broadcast_sd(from); }
  TRIPOINT_TARGET static V add(V x, V y) { return _mm256_add_pd(x, y); }
  TRIPOINT_TARGET static V multiply_add(V x, V y, V z) { return _mm256_fmadd_pd(x, y, z); }
  TRIPOINT_TARGET static void store(double* to, V value) { _mm256_storeu_pd(to, value); }

  // Four columns of four rows.
  TRIPOINT_TARGET static void transpose(const double* from, int64_t stride, double* to,
                                        int64_t to_stride) {
#pragma GCC unroll 2
    for (int half = 0; half < 2; ++half) {
      const auto both = [&](int64_t r) __attribute__((target("avx2,fma"))) {
        const double* const row = from + r * stride + 2 * half;
        return _mm256_insertf128_pd(_mm256_castpd128_pd256(_mm_loadu_pd(row)),
                                    _mm_loadu_pd(row + 2 * stride), 1);
      };
      const V even = both(0);
      const V odd = both(1);
      store(to + 2 * half * to_stride, _mm256_unpacklo_pd(even, odd));
      store(to + (2 * half + 1) * to_stride, _mm256_unpackhi_pd(even, odd));
    }
  }
};

// Elements of a register, and columns of one block: of the sixteen registers its sums take twelve.
template <typename T>
constexpr int64_t kWide = 32 / static_cast<int64_t>(sizeof(T));
template <typename T>
constexpr int64_t kPanel = 2 * kWide<T>;
constexpr int kRows = 6;

// Packed rows: panels of kPanel rows, of each panel the columns, of each column the rows.
template <typename T>
TRIPOINT_TARGET void pack(const T* rows, int64_t count, int64_t width, T* packed) {
  for (int64_t panel = 0; panel < count; panel += kPanel<T>, packed += kPanel<T> * width) {
    const int64_t filled = std::min(kPanel<T>, count - panel);
    if (filled == kPanel<T>) {
      for (int64_t k = 0; k < width; k += kWide<T>) {
        for (int64_t r = 0; r < kPanel<T>; r += kWide<T>) {
          Register<T>::transpose(rows + (panel + r) * width + k, width, packed + k * kPanel<T> + r,
                                 kPanel<T>);
        }
      }
      continue;
    }
    for (int64_t k = 0; k < width; ++k) {
      T* const column = packed + k * kPanel<T>;
      for (int64_t r = 0; r < filled; ++r) column[r] = rows[(panel + r) * width + k];
      for (int64_t r = filled; r < kPanel<T>; ++r) column[r] = 0;
    }
  }
}

// kRows rows by two registers: out = the sum over k < depth of left(row, k) · right(k), where
// left(row, k) lies at left + row * left_row + k * left_step and right(k) at right + k *
// right_step.
template <typename T, int Rows, bool Add>
TRIPOINT_TARGET void block(const T* left, int64_t left_row, int64_t left_step, const T* right,
                           int64_t right_step, int64_t depth, T* out, int64_t out_stride) {
  using R = Register<T>;
  typename R::V sums[Rows][2];
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) sums[r][0] = sums[r][1] = R::zero();
  for (int64_t k = 0; k < depth; ++k) {
    const typename R::V first = R::load(right + k * right_step);
    const typename R::V second = R::load(right + k * right_step + kWide<T>);
    const T* const own = left + k * left_step;
#pragma GCC unroll 6
    for (int r = 0; r < Rows; ++r) {
      const typename R::V same = R::same(own + r * left_row);
      sums[r][0] = R::multiply_add(same, first, sums[r][0]);
      sums[r][1] = R::multiply_add(same, second, sums[r][1]);
    }
  }
#pragma GCC unroll 6
  for (int r = 0; r < Rows; ++r) {
#pragma GCC unroll 2
    for (int part = 0; part < 2; ++part) {
      T* const target = out + r * out_stride + part * kWide<T>;
      R::store(target, Add ? R::add(R::load(target), sums[r][part]) : sums[r][part]);
    }
  }
}

template <typename T, bool Add>
TRIPOINT_TARGET void rows_of(const T* left, int64_t left_row, int64_t left_step, int64_t count,
                             const T* right, int64_t right_step, int64_t depth, T* out,
                             int64_t out_stride) {
  int64_t i = 0;
  for (; i + kRows <= count; i += kRows) {
    block<T, kRows, Add>(left + i * left_row, left_row, left_step, right, right_step, depth,
                         out + i * out_stride, out_stride);
  }
  for (; i < count; ++i) {
    block<T, 1, Add>(left + i * left_row, left_row, left_step, right, right_step, depth,
                     out + i * out_stride, out_stride);
  }
}

template <typename T>
TRIPOINT_TARGET void products(const T* x, int64_t x_count, const T* packed, int64_t y_count,
                              int64_t width, T* tile) {
  for (int64_t j = 0; j < y_count; j += kPanel<T>) {
    rows_of<T, false>(x, width, 1, x_count, packed + j * width, kPanel<T>, width, tile + j,
                      kFloatTile);
  }
}

template <typename T>
TRIPOINT_TARGET void accumulate(const T* weights, int64_t row_stride, int64_t column_stride,
                                int64_t count, const T* y, int64_t y_count, int64_t width,
                                T* sums) {
  // Rows whose width is a power of two meet in a few sets of the cache; a copy does not.
  T panel[kFloatTile * kPanel<T>];
  for (int64_t k = 0; k < width; k += kPanel<T>) {
    for (int64_t j = 0; j < y_count; ++j) {
      std::memcpy(panel + j * kPanel<T>, y + j * width + k, kPanel<T> * sizeof(T));
    }
    rows_of<T, true>(weights, row_stride, column_stride, count, panel, kPanel<T>, y_count, sums + k,
                     width);
  }
}

template <typename T>
constexpr FloatTileKernels<T> kKernels{&pack<T>, &products<T>, &accumulate<T>};

#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx2
#endif

template <typename T>
const FloatTileKernels<T>* float_tile_kernels() {
#if defined(__x86_64__)
  static const bool has_fma = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (has_fma) return &avx2::kKernels<T>;
#endif
  return nullptr;
}

template const FloatTileKernels<float>* float_tile_kernels<float>();
template const FloatTileKernels<double>* float_tile_kernels<double>();

}  // namespace tripoint::cpu
