#ifndef TRIPOINT_KERNELS_CPU_MINE_ROW_SCAN_H
#define TRIPOINT_KERNELS_CPU_MINE_ROW_SCAN_H

#include <cstdint>

namespace tripoint::cpu {

// Which values a scan of a row counts, beside a reference r.
//   all      every one
//   below    v < r
//   farther  r − v > margin
enum class Counted { kAll, kBelow, kFarther };

template <typename T>
struct RowScanKernels {
  // target[j] = scores[j], or −scores[j] where they are turned, or NaN where one of the bytes of
  // column j is not 0. The second bytes may be missing.
  void (*show)(const T* scores, bool turned, const uint8_t* first, const uint8_t* second,
               int64_t count, T* target);

  // The greatest of the values that are counted, −infinity where none is; a NaN never is.
  T (*greatest)(const T* values, int64_t count, Counted counted, T reference, T margin);

  // The first place of a value; `count` where it is none.
  int64_t (*find)(const T* values, int64_t count, T value);
};

// The fastest for this processor; all give the same bits.
template <typename T>
const RowScanKernels<T>& row_scan_kernels();

// Those of every processor, for comparison.
template <typename T>
const RowScanKernels<T>& portable_row_scan_kernels();

}  // namespace tripoint::cpu

#endif
