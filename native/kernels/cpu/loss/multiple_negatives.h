#ifndef TRIPOINT_KERNELS_CPU_LOSS_MULTIPLE_NEGATIVES_H
#define TRIPOINT_KERNELS_CPU_LOSS_MULTIPLE_NEGATIVES_H

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/similarity.h"

namespace tripoint::cpu {

struct MultipleNegatives {
  Similarity similarity;
  double scale;  // of similarities, above 0
};

// Where the gradients go, contiguous and of the types of what they are by.
struct MultipleNegativesGradients {
  void* anchors;
  void* candidates;
};

// The mean over all anchors of −log(exp(s_ii) / the sum of exp(s_ij) over all candidates j), s the
// scaled similarity: each anchor's own candidate is that of its number, so there are at least as
// many candidates. MultipleNegativesRankingLoss of sentence-transformers 6.2 with its defaults.
// Both matrices are of one type. NaN where a row is not finite, and of no anchors.
//
// The similarities of some anchors to all candidates are kept, so each is computed once.
double multiple_negatives(const FloatMatrix& anchors, const FloatMatrix& candidates,
                          const MultipleNegatives& wanted, const Parallel& parallel,
                          const MultipleNegativesGradients& gradients);

}  // namespace tripoint::cpu

#endif
