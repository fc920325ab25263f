#ifndef TRIPOINT_KERNELS_CPU_MINE_SIMILARITY_PAIRS_H
#define TRIPOINT_KERNELS_CPU_MINE_SIMILARITY_PAIRS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// The pairs that tell something of their anchor, after MultiSimilarityMiner of
// pytorch-metric-learning 2.9: positives whose distance plus epsilon is above that of the nearest
// negative, and negatives whose distance less epsilon is below that of the farthest positive, as
// the type that is computed in rounds them. An anchor that lacks either side has none. A pair whose
// distance is not finite is on neither side.
class SimilarityPairs {
 public:
  SimilarityPairs(const RelatedBatch& batch, Nearness nearness, bool normalize, double epsilon,
                  Screening screening, const Parallel& parallel);

  int64_t positives() const { return positives_.count(); }
  int64_t negatives() const { return negatives_.count(); }

  // Writes as many pairs, by anchor and then by column; each once.
  void write_positives(int64_t* anchor, int64_t* column) { write(positives_, anchor, column); }
  void write_negatives(int64_t* anchor, int64_t* column) { write(negatives_, anchor, column); }

 private:
  // The pairs of a block of anchors: how many each anchor has, and their columns.
  struct OfBlock {
    int64_t first_anchor;
    std::vector<int32_t> counts;
    std::vector<int32_t> columns;
  };
  struct Side {
    std::vector<OfBlock> blocks;
    std::vector<int64_t> starts;  // of a block's pairs

    int64_t count() const { return starts.back(); }
    void resize(int64_t blocks);
    void add_up();
  };

  template <typename T>
  void mine(const RelatedBatch& batch, Nearness nearness, bool normalize, T epsilon,
            Screening screening);

  void write(Side& side, int64_t* anchor, int64_t* column);

  const Parallel parallel_;
  Side positives_;
  Side negatives_;
};

}  // namespace tripoint::cpu

#endif
