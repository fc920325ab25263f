#ifndef TRIPOINT_KERNELS_CPU_MINE_MINED_PAIRS_H
#define TRIPOINT_KERNELS_CPU_MINE_MINED_PAIRS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"

namespace tripoint::cpu {

// Pairs of anchors and columns that were found by blocks of anchors, in less than half of the
// memory that they take when they are written.
class MinedPairs {
 public:
  // Those of one block: how many each of its anchors has, and their columns.
  struct OfBlock {
    int64_t first_anchor;
    std::vector<int32_t> counts;
    std::vector<int32_t> columns;
  };

  // As many blocks, which are found in any order.
  explicit MinedPairs(int64_t blocks) : blocks_(static_cast<size_t>(blocks)) {}
  OfBlock& block(int64_t number) { return blocks_[static_cast<size_t>(number)]; }

  int64_t count() const;

  // Writes count() pairs, by anchor and then by column; once.
  void write(const Parallel& parallel, int64_t* anchor, int64_t* column);

 private:
  std::vector<OfBlock> blocks_;
};

// Both sides of a batch.
struct MinedSides {
  MinedPairs positives;
  MinedPairs negatives;
};

}  // namespace tripoint::cpu

#endif
