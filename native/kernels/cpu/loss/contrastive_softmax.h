#ifndef TRIPOINT_KERNELS_CPU_LOSS_CONTRASTIVE_SOFTMAX_H
#define TRIPOINT_KERNELS_CPU_LOSS_CONTRASTIVE_SOFTMAX_H

#include <cstdint>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/loss/similarity.h"
#include "kernels/cpu/rows/relation.h"

namespace tripoint::cpu {

// What is lost on an anchor's similarities s, each divided by the temperature.
enum class Contrast {
  // For each positive: −log(q + the smallest normal number), q = exp(s_p) / (exp(s_p) + the sum
  // of exp(s_n) over the negatives). NTXentLoss of pytorch-metric-learning 2.9.
  kEachPositive,
  // For each anchor the mean over its positives of −log(exp(s_p) / the sum of exp(s) over positives
  // and negatives); 0 without positives. SupConLoss of pytorch-metric-learning 2.9.
  kEachAnchor,
};

struct ContrastiveSoftmax {
  Similarity similarity;
  Contrast contrast;
  double temperature;  // above 0
  LossMean mean;
};

struct ContrastiveSoftmaxResult {
  double loss;
  // How many there are: 0 where a batch has no positive or no negative, or no more than one pair of
  // either.
  int64_t losses;
  int64_t above_zero;  // of these, as rounded to the type that is computed in
};

// The loss of a batch against itself; labels say who is a positive of whom. `gradient` is
// contiguous and of the embeddings' type. Embeddings that are not finite give NaN.
//
// The matrix of similarities is made twice, tile by tile on or above the diagonal: once for the
// sums over each anchor's negatives, and once for the weights of the pairs, which turn into the
// gradient at once. Positives are evaluated by the pair kernel.
ContrastiveSoftmaxResult contrastive_softmax(const FloatMatrix& embeddings,
                                             const IntegerVector& labels,
                                             const ContrastiveSoftmax& wanted,
                                             const Parallel& parallel, void* gradient);

// The same of anchors with columns. The gradient has a row for each of the embeddings, and after
// them those of the references. The products of a block of anchors are made once and kept while
// they become weights.
ContrastiveSoftmaxResult contrastive_softmax(const RelatedBatch& batch,
                                             const ContrastiveSoftmax& wanted,
                                             const Parallel& parallel, void* gradient);

}  // namespace tripoint::cpu

#endif
