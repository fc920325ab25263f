#include "kernels/cpu/rows/pair.h"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

#define TRIPOINT_BODY "kernels/cpu/rows/pair_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const PairKernels<T>& portable_pair_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const PairKernels<T>& pair_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const PairKernels<float>& portable_pair_kernels<float>();
template const PairKernels<double>& portable_pair_kernels<double>();
template const PairKernels<float>& pair_kernels<float>();
template const PairKernels<double>& pair_kernels<double>();

}  // namespace tripoint::cpu
