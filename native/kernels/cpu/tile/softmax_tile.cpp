#include "kernels/cpu/tile/softmax_tile.h"

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {

template <typename T>
constexpr int64_t in_groups(int64_t columns) {
  return (columns + kSoftmaxGroup<T> - 1) / kSoftmaxGroup<T> * kSoftmaxGroup<T>;
}

}  // namespace

#define TRIPOINT_BODY "kernels/cpu/tile/softmax_tile_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const SoftmaxTileKernels<T>& portable_softmax_tile_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const SoftmaxTileKernels<T>& softmax_tile_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const SoftmaxTileKernels<float>& portable_softmax_tile_kernels<float>();
template const SoftmaxTileKernels<double>& portable_softmax_tile_kernels<double>();
template const SoftmaxTileKernels<float>& softmax_tile_kernels<float>();
template const SoftmaxTileKernels<double>& softmax_tile_kernels<double>();

}  // namespace tripoint::cpu
