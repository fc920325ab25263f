#ifndef TRIPOINT_KERNELS_CPU_MINE_MARGIN_TRIPLETS_H
#define TRIPOINT_KERNELS_CPU_MINE_MARGIN_TRIPLETS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// Which triplets are wanted, by their gap: by how much the negative is farther than the positive.
//   all       gap ≤ margin
//   hard      gap ≤ margin and gap ≤ 0
//   semihard  0 < gap ≤ margin
//   easy      gap > margin
enum class TripletKind { kAll, kHard, kSemihard, kEasy };

// The triplets of a batch that are wanted, after TripletMarginMiner of pytorch-metric-learning 2.9.
// Gaps are differences of distances as pairs have them, rounded to the type that is computed in, as
// the margin is. A pair whose distance is not finite is in no triplet.
//
// What is found is kept by anchor and positive, in less than half of the memory of the result.
class MarginTriplets {
 public:
  MarginTriplets(const RelatedBatch& batch, Nearness nearness, bool normalize, TripletKind kind,
                 double margin, Screening screening, const Parallel& parallel);

  int64_t count() const { return starts_.back(); }

  // Writes count() triplets, by anchor, then by positive, then by negative; once.
  void write(int64_t* anchor, int64_t* positive, int64_t* negative);

 private:
  // Triplets of one anchor and one positive.
  struct Run {
    int32_t anchor;
    int32_t positive;
    int64_t count;
  };
  struct Found {
    std::vector<Run> runs;
    ScratchArray<int32_t> negatives;
  };

  template <typename T>
  void mine(const RelatedBatch& batch, Nearness nearness, bool normalize, TripletKind kind,
            T margin, Screening screening);

  const Parallel parallel_;
  std::vector<Found> found_;     // by block of anchors
  std::vector<int64_t> starts_;  // of a block's triplets
};

}  // namespace tripoint::cpu

#endif
