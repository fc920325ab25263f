#include "kernels/cpu/mine/row_scan.h"

#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

#define TRIPOINT_BODY "kernels/cpu/mine/row_scan_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const RowScanKernels<T>& portable_row_scan_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const RowScanKernels<T>& row_scan_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const RowScanKernels<float>& portable_row_scan_kernels<float>();
template const RowScanKernels<double>& portable_row_scan_kernels<double>();
template const RowScanKernels<float>& row_scan_kernels<float>();
template const RowScanKernels<double>& row_scan_kernels<double>();

}  // namespace tripoint::cpu
