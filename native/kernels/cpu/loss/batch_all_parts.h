#ifndef TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_PARTS_H
#define TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_PARTS_H

// What the two ways through all triplets have in common.

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// The greatest loss of a triplet that the reference does not count as active.
inline constexpr double kInactive = 1e-16;

// Sums over all triplets.
struct BatchAllSums {
  double loss;
  int64_t active;
};

// How the sum becomes a mean.
struct TripletMean {
  LossMean mean;
  int64_t triplets;

  double divisor(const BatchAllSums& sums) const {
    return mean == LossMean::kAboveZero ? static_cast<double>(sums.active) + kInactive
                                        : divisor_of(mean, triplets, sums.active);
  }
};

template <typename T>
struct BatchAllInput {
  const PackedRows<T>& rows;
  const ClassOrder& order;
  Nearness nearness;
  T margin;
  TripletMean mean;
  const Parallel& parallel;

  T loss(T positive, T negative) const { return (positive - negative) + margin; }
};

// Anchors and columns of any relation. Position p holds row order[p] of the gradient.
template <typename T>
struct RelatedBatchAll {
  const PackedRows<T>& rows;
  const Relation& relation;
  int64_t first_column;
  const std::vector<int64_t>& order;
  Nearness nearness;
  T margin;
  TripletMean mean;
  const Parallel& parallel;

  T loss(T positive, T negative) const { return (positive - negative) + margin; }
};

}  // namespace tripoint::cpu

#endif
