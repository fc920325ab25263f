#ifndef TRIPOINT_KERNELS_CPU_LOSS_TRIPLET_MARGIN_H
#define TRIPOINT_KERNELS_CPU_LOSS_TRIPLET_MARGIN_H

#include <cstdint>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/rows/nearness.h"

namespace tripoint::cpu {

// Rows of the embeddings, `count` of each.
struct TripletRows {
  IntegerVector anchor;
  IntegerVector positive;
  IntegerVector negative;
};

struct TripletMargin {
  Nearness nearness;  // a product's distance is −x · y
  bool normalize;
  double margin;
  bool swap;    // the positive's distance to the negative counts where it is the lesser
  bool smooth;  // softplus instead of relu
  LossMean mean;
};

struct TripletMarginResult {
  double loss;
  int64_t active;  // triplets whose loss is above 0
};

// Each triplet costs relu(d(a, p) − d(a, n) + margin), after TripletMarginLoss of
// pytorch-metric-learning 2.9. `gradient` is that of the loss by the embeddings, contiguous and of
// their type. At a tie of the swap each distance has half of it, and none has any at a Euclidean
// distance of 0. Without triplets, or without one above 0 where those are meant, the loss is 0.
TripletMarginResult triplet_margin(const FloatMatrix& embeddings, const TripletRows& triplets,
                                   const TripletMargin& rule, const Parallel& parallel,
                                   void* gradient);

}  // namespace tripoint::cpu

#endif
