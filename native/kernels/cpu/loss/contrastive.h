#ifndef TRIPOINT_KERNELS_CPU_LOSS_CONTRASTIVE_H
#define TRIPOINT_KERNELS_CPU_LOSS_CONTRASTIVE_H

#include <cstdint>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"

namespace tripoint::cpu {

// A positive pair costs relu(d − positive_margin), a negative one relu(negative_margin − d), each
// pair in both directions. The two sides are reduced each by itself and added, after
// ContrastiveLoss of pytorch-metric-learning 2.9.
struct Contrastive {
  Nearness nearness;  // a product's distance is −x · y
  bool normalize;     // rows are divided by max(|x|, 1e-12) before
  double positive_margin;
  double negative_margin;
  LossMean mean;
};

// What a side costs, and of how many pairs: all, and those that cost more than 0.
struct ContrastiveSide {
  double loss = 0;
  int64_t losses = 0;
  int64_t above_zero = 0;
};

struct ContrastiveResult {
  ContrastiveSide positive;
  ContrastiveSide negative;
};

// `gradient`, of the sum of both sides, is contiguous and of the embeddings' type. Embeddings that
// are not finite, or whose products are not, give NaN.
//
// Positives are evaluated by the pair kernel, negatives by tiles of one threshold, and where those
// do not serve by the pair kernel too. So the counts are exact.
ContrastiveResult contrastive(const FloatMatrix& embeddings, const IntegerVector& labels,
                              const Contrastive& wanted, const Parallel& parallel, void* gradient);

// The same of anchors with columns. The gradient has a row for each of the embeddings, and after
// them those of the references.
ContrastiveResult contrastive(const RelatedBatch& batch, const Contrastive& wanted,
                              const Parallel& parallel, void* gradient);

}  // namespace tripoint::cpu

#endif
