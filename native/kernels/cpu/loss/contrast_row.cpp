#include "kernels/cpu/loss/contrast_row.h"

#include <cstring>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/relation.h"

namespace tripoint::cpu {

#define TRIPOINT_BODY "kernels/cpu/loss/contrast_row_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const ContrastKernels<T>& contrast_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const ContrastKernels<float>& contrast_kernels<float>();
template const ContrastKernels<double>& contrast_kernels<double>();

}  // namespace tripoint::cpu
