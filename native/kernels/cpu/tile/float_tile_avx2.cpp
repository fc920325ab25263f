#include "kernels/cpu/tile/float_tile_sets.h"

#if defined(__x86_64__)
#include <immintrin.h>

#include <algorithm>
#include <cstring>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/tile/transpose.h"

namespace tripoint::cpu {
namespace {

#define TRIPOINT_TARGET TRIPOINT_AVX2_FMA

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
};

// Their sums take twelve of the sixteen registers.
constexpr int kRows = 6;
constexpr int kRegisters = 2;

#include "kernels/cpu/tile/float_tile_body.inc"
#undef TRIPOINT_TARGET

}  // namespace

template <typename T>
const FloatTileKernels<T>* avx2_float_tile_kernels() {
  return has_avx2_fma() ? &kKernels<T> : nullptr;
}

template const FloatTileKernels<float>* avx2_float_tile_kernels<float>();
template const FloatTileKernels<double>* avx2_float_tile_kernels<double>();

}  // namespace tripoint::cpu

#endif
