#ifndef TRIPOINT_KERNELS_CPU_LOSS_CONTRAST_ROW_H
#define TRIPOINT_KERNELS_CPU_LOSS_CONTRAST_ROW_H

#include <cstdint>

#include "kernels/cpu/loss/pair_row.h"

namespace tripoint::cpu {

// Something for each side of a pair.
template <typename T>
struct OfSides {
  T positive;
  T negative;
};

// What the pairs of a row cost, by side, and how many cost something.
struct ContrastCosts {
  OfSides<double> cost;
  OfSides<int32_t> count;
};

// The loops over a row of a tile whose positives cost beyond their margin, and whose negatives
// below theirs.
template <typename T>
struct ContrastKernels {
  // hits[j] = 1 for a positive that costs, −1 for such a negative, else 0. Gives whether any pair
  // is in doubt.
  bool (*decide)(const uint8_t* sides, const OfSides<T>& margins, PairRow<T>& row);

  // weights[j] = the slope of what the pair costs, times the factor of its side. Gives the sum of
  // those that do not belong to near pairs.
  T(*weigh)
  (const PairRow<T>& row, const OfSides<T>& margins, const OfSides<T>& factors, T* weights,
   ContrastCosts& costs);
};

template <typename T>
const ContrastKernels<T>& contrast_kernels();

}  // namespace tripoint::cpu

#endif
