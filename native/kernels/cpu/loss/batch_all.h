#ifndef TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_H
#define TRIPOINT_KERNELS_CPU_LOSS_BATCH_ALL_H

#include <cstdint>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"

namespace tripoint::cpu {

struct BatchAll {
  Nearness nearness;  // a product's distance is −x · y
  bool normalize;     // rows are divided by max(|x|, 1e-12) before
  double margin;
  LossMean mean;  // those above 1e-16 count as above 0
};

struct BatchAllResult {
  double loss;
  int64_t active;  // triplets whose loss is greater than 1e-16
  int64_t valid;   // triplets of an anchor, a positive and a negative
};

// The sum or a mean of relu(d(a, p) − d(a, n) + margin) over all triplets. That of those above 0 is
// divided by the active ones + 1e-16, after online-triplet-loss 0.0.6. `gradient` is contiguous and
// of the embeddings' type.
//
// Triples are never made: each positive of an anchor is a threshold, and a negative is active with
// those that lie beyond it. Embeddings that are not finite, or whose products are not, give NaN
// and no active triplet.
BatchAllResult batch_all(const FloatMatrix& embeddings, const IntegerVector& labels,
                         const BatchAll& wanted, const Parallel& parallel, void* gradient);

// The same of anchors with columns. The gradient has a row for each of the embeddings, and after
// them those of the references.
BatchAllResult batch_all(const RelatedBatch& batch, const BatchAll& wanted,
                         const Parallel& parallel, void* gradient);

}  // namespace tripoint::cpu

#endif
