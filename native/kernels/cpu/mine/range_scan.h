#ifndef TRIPOINT_KERNELS_CPU_MINE_RANGE_SCAN_H
#define TRIPOINT_KERNELS_CPU_MINE_RANGE_SCAN_H

#include <cstdint>

namespace tripoint::cpu {

// Scans of values for those above one number and up to another.
template <typename T>
struct RangeScanKernels {
  int64_t (*count)(const T* values, int64_t count, T above, T upto);

  // Writes their columns one after the other; one more entry of the target may be overwritten.
  void (*take)(const T* values, const int32_t* columns, int64_t count, T above, T upto,
               int32_t* target);
};

// The fastest for this processor.
template <typename T>
const RangeScanKernels<T>& range_scan_kernels();

}  // namespace tripoint::cpu

#endif
