#ifndef TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_SCAN_H
#define TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_SCAN_H

#include "kernels/cpu/loss/batch_all_parts.h"

namespace tripoint::cpu {

// A block of anchors at a time. An anchor's thresholds are sorted, so that the triplets a negative
// is active in are a suffix, which is searched.
template <typename T>
BatchAllSums scan_batch_all(const RelatedBatchAll<T>& input, const GradientTarget& gradient);

template <typename T>
BatchAllSums scan_batch_all(const BatchAllInput<T>& input, const GradientTarget& gradient);

}  // namespace tripoint::cpu

#endif
