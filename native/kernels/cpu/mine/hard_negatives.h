#ifndef TRIPOINT_KERNELS_CPU_MINE_HARD_NEGATIVES_H
#define TRIPOINT_KERNELS_CPU_MINE_HARD_NEGATIVES_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"

namespace tripoint::cpu {

// Which non-positives a positive admits. g is how much less similar the negative is than the
// positive, in the type of the scores (float32 for half precision).
//   hardest   all
//   hard      g < 0
//   semihard  0 < g, and g < margin where there is one
//   easy      g > margin, 0 where there is none
enum class Strategy { kHardest, kHard, kSemihard, kEasy };

struct Mining {
  Strategy strategy = Strategy::kHardest;
  std::optional<double> margin;  // semihard and easy only
  bool per_anchor = false;       // with respect to the least similar positive, else to each
  bool all = false;              // every admitted negative, by column; else the most similar
  bool distances = false;        // smaller scores are more similar
  bool keep_diagonal = false;    // of a square matrix; else row i and column i are the same thing
};

// Hard negatives of a matrix of scores and a mask of positives. Of equal scores the lower column is
// taken. Entries that `ignored` holds are neither positive nor negative, nor is the diagonal of a
// square matrix unless it is kept. A NaN is never taken as negative and never compares.
//
// Where every admitted negative is wanted, mining is done twice, once to count and once to write,
// so that no more memory is needed than for the result. What is given must last as long as the
// object.
class HardNegatives {
 public:
  HardNegatives(const FloatMatrix& scores, const Mask& positive, const Mask* ignored,
                const Mining& mining, const Parallel& parallel);

  int64_t count() const { return starts_.back(); }
  int64_t left_out() const { return left_out_; }  // pairs, or anchors, without a negative

  // Writes count() tuples, by row, then by positive, then by negative.
  void write(int64_t* anchor, int64_t* positive, int64_t* negative) const;

 private:
  struct Tuple {
    int64_t positive;
    int64_t negative;
  };

  void copy(int64_t* anchor, int64_t* positive, int64_t* negative) const;

  FloatMatrix scores_;
  Mask positive_;
  const Mask* ignored_;
  Mining mining_;
  Parallel parallel_;
  std::vector<int64_t> starts_;             // of a row's tuples
  std::vector<std::vector<Tuple>> tuples_;  // of some rows each, where few are wanted
  int64_t left_out_ = 0;
};

}  // namespace tripoint::cpu

#endif
