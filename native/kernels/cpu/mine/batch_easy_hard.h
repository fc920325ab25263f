#ifndef TRIPOINT_KERNELS_CPU_MINE_BATCH_EASY_HARD_H
#define TRIPOINT_KERNELS_CPU_MINE_BATCH_EASY_HARD_H

#include <cstdint>
#include <optional>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// Which of a row's positives or negatives is taken. A hard positive is the farthest, a hard
// negative the nearest; semihard is the hardest that is strictly easier than what was taken on the
// other side.
enum class Difficulty { kEasy, kSemihard, kHard };

// One side, with a window that given values must be in.
struct EasyHardSide {
  Difficulty difficulty;
  std::optional<double> least;
  std::optional<double> greatest;
};

// For each row the index of its positive and of its negative, −1 where there is none. Each has an
// entry a row.
struct EasyHardResult {
  int64_t* positive;
  int64_t* negative;
};

// The positive and the negative of each row, after BatchEasyHardMiner of pytorch-metric-learning
// 2.9; not both are semihard. Of equal values the row of lower index is taken. Pairs whose value is
// NaN are passed over. Gives how many pairs the pair kernel looked at; with screening that depends
// on how threads met, and nothing else does.
int64_t batch_easy_hard(const FloatMatrix& embeddings, const IntegerVector& labels,
                        Nearness nearness, bool normalize, const EasyHardSide& positive,
                        const EasyHardSide& negative, Screening screening, const Parallel& parallel,
                        const EasyHardResult& result);

// The same where a relation says who is what of whom. Indices are those of columns; there is an
// entry an anchor.
int64_t batch_easy_hard(const RelatedBatch& batch, Nearness nearness, bool normalize,
                        const EasyHardSide& positive, const EasyHardSide& negative,
                        Screening screening, const Parallel& parallel,
                        const EasyHardResult& result);

}  // namespace tripoint::cpu

#endif
