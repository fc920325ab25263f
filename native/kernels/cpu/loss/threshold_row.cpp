#include "kernels/cpu/loss/threshold_row.h"

#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

#define TRIPOINT_BODY "kernels/cpu/loss/threshold_row_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const ThresholdKernels<T>& threshold_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const ThresholdKernels<float>& threshold_kernels<float>();
template const ThresholdKernels<double>& threshold_kernels<double>();

}  // namespace tripoint::cpu
