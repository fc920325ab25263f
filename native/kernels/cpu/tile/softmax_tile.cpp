#include "kernels/cpu/tile/softmax_tile.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>

namespace tripoint::cpu {
namespace {

template <typename T>
constexpr int64_t in_groups(int64_t columns) {
  return (columns + kSoftmaxGroup<T> - 1) / kSoftmaxGroup<T> * kSoftmaxGroup<T>;
}

}  // namespace

namespace portable {
namespace {
constexpr int kBytes = 16;
#define TRIPOINT_TARGET
#include "kernels/cpu/tile/softmax_tile_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
constexpr int kBytes = 32;
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/tile/softmax_tile_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
constexpr int kBytes = 64;
#define TRIPOINT_TARGET __attribute__((target("avx512f,avx512dq,prefer-vector-width=512")))
#include "kernels/cpu/tile/softmax_tile_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const SoftmaxTileKernels<T>& portable_softmax_tile_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const SoftmaxTileKernels<T>& softmax_tile_kernels() {
#if defined(__x86_64__)
  static const bool has_avx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq");
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx512) return avx512::kKernels<T>;
  if (has_avx2) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const SoftmaxTileKernels<float>& portable_softmax_tile_kernels<float>();
template const SoftmaxTileKernels<double>& portable_softmax_tile_kernels<double>();
template const SoftmaxTileKernels<float>& softmax_tile_kernels<float>();
template const SoftmaxTileKernels<double>& softmax_tile_kernels<double>();

}  // namespace tripoint::cpu
