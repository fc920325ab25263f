#ifndef TRIPOINT_KERNELS_CPU_BATCH_ALL_TILES_H
#define TRIPOINT_KERNELS_CPU_BATCH_ALL_TILES_H

#include <optional>

#include "kernels/cpu/batch_all_parts.h"

namespace tripoint::cpu {

// The same by products of tiles of rows, each on or above the diagonal once: squared distances come
// from x², y² and xy, weights of pairs from these, and products with the weights are the gradient.
//
// A centre is taken from all rows first, and where a distance is small beside its rows, or near a
// threshold by a proven bound, the pair kernel gives it. So a triplet counts as active exactly
// where it does by the pair kernel.
//
// Nothing where the scan is the better way: few rows, many positives, a processor without fused
// multiply-add, magnitudes near the ends of T, many pairs of nearly equal rows. That depends on
// the input alone.
template <typename T>
std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<T>& input,
                                           const BatchAllGradient& gradient);

}  // namespace tripoint::cpu

#endif
