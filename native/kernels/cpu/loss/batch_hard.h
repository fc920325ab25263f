#ifndef TRIPOINT_KERNELS_CPU_LOSS_BATCH_HARD_H
#define TRIPOINT_KERNELS_CPU_LOSS_BATCH_HARD_H

#include <cstdint>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// What the batch-hard loss gives beside its value. `gradient` is contiguous and of the embeddings'
// type; `positive` and `negative` have an entry a row, −1 where there is none.
struct BatchHardResult {
  void* gradient;
  int64_t* positive;
  int64_t* negative;
};

// The mean over all rows of relu(hardest positive − hardest negative + margin), after
// online-triplet-loss 0.0.6. A row without a positive counts it as 0; with one class only, each row
// gives the margin and no gradient. With `soft` each row gives log(1 + exp(hardest positive −
// hardest negative)) and the margin is not looked at.
//
// Of equal distances the row of lower index is taken. Embeddings that are not finite give NaN and
// no indices. There must be at least one row.
double batch_hard(const FloatMatrix& embeddings, const IntegerVector& labels, Metric metric,
                  double margin, bool soft, Screening screening, const Parallel& parallel,
                  const BatchHardResult& result);

// The same where a relation says who is what of whom, and for products, whose distance is −x · y.
// `positive` and `negative` are columns and have an entry an anchor; `gradient` has a row for each
// row of the embeddings and after them of the references.
double batch_hard(const RelatedBatch& batch, Nearness nearness, double margin, bool soft,
                  Screening screening, const Parallel& parallel, const BatchHardResult& result);

}  // namespace tripoint::cpu

#endif
