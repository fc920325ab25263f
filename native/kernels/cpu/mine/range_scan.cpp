#include "kernels/cpu/mine/range_scan.h"

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

#define TRIPOINT_BODY "kernels/cpu/mine/range_scan_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const RangeScanKernels<T>& range_scan_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const RangeScanKernels<float>& range_scan_kernels<float>();
template const RangeScanKernels<double>& range_scan_kernels<double>();

}  // namespace tripoint::cpu
