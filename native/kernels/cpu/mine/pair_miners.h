#ifndef TRIPOINT_KERNELS_CPU_MINE_PAIR_MINERS_H
#define TRIPOINT_KERNELS_CPU_MINE_PAIR_MINERS_H

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/mine/mined_pairs.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// Miners of pairs. Distances are compared as the type that is computed in rounds them, as it rounds
// the numbers that they are compared with. A pair whose distance is not finite is on neither side.

// The pairs that tell something of their anchor, after MultiSimilarityMiner of
// pytorch-metric-learning 2.9: positives whose distance plus epsilon is above that of the nearest
// negative, and negatives whose distance less epsilon is below that of the farthest positive. An
// anchor that lacks either side has none.
MinedSides similarity_pairs(const RelatedBatch& batch, Nearness nearness, bool normalize,
                            double epsilon, Screening screening, const Parallel& parallel);

// After PairMarginMiner of pytorch-metric-learning 2.9, positives that are farther than one margin
// and negatives that are nearer than another. Margins of products are products.
MinedSides margin_pairs(const RelatedBatch& batch, Nearness nearness, bool normalize,
                        double positive_margin, double negative_margin, Screening screening,
                        const Parallel& parallel);

}  // namespace tripoint::cpu

#endif
