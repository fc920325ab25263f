#ifndef TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_TILES_H
#define TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_TILES_H

#include <optional>

#include "kernels/cpu/loss/batch_all_parts.h"

namespace tripoint::cpu {

// The same by tiles of thresholds, of which each positive of an anchor is one. Nothing where the
// scan is the better way: many positives, and where ThresholdTiles says so. That depends on the
// input alone.
template <typename T>
std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<T>& input,
                                           const GradientTarget& gradient);

}  // namespace tripoint::cpu

#endif
