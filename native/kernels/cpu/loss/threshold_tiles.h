#ifndef TRIPOINT_KERNELS_CPU_LOSS_THRESHOLD_TILES_H
#define TRIPOINT_KERNELS_CPU_LOSS_THRESHOLD_TILES_H

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// The most thresholds a position may have.
inline constexpr int64_t kMostThresholds = 32;

// Distances that the pairs of each position with its negatives are compared with. A pair costs
// (base − distance) + margin where that is above 0, for each threshold of each of its positions.
template <typename T>
class Thresholds {
 public:
  // So many for each position; those that are not set are below all pairs.
  Thresholds(int64_t size, int64_t thresholds, T margin_of_all, T least_active);

  void set(int64_t number, int64_t position, T base) { bases_[at(number, position)] = base; }
  T base(int64_t number, int64_t position) const { return bases_[at(number, position)]; }
  T excess(int64_t number, int64_t position, T distance) const {
    return (base(number, position) - distance) + margin;
  }

  // By number and position, whole tiles of positions.
  size_t at(int64_t number, int64_t position) const {
    return static_cast<size_t>(number * stride + position);
  }

  const int64_t count;
  const int64_t stride;
  const T margin;
  const T magnitude;  // of the margin
  const T inactive;   // a pair that costs no more is hit, but not active

 private:
  std::vector<T> bases_;
};

// The sums over all pairs of a position and a negative, and their gradient, by products of tiles of
// rows, each on or above the diagonal once: squared distances come from x², y² and xy, weights of
// pairs from these, and products with the weights are the gradient.
//
// A centre is taken from all rows first. Where a distance is small beside its rows, or near a
// threshold by a proven bound, the pair kernel gives it: so a pair lies below a threshold exactly
// where it does by the pair kernel.
template <typename T>
class ThresholdTiles {
 public:
  ThresholdTiles(const PackedRows<T>& rows, const ClassOrder& order, Metric metric,
                 const Parallel& parallel);

  // Whether it is the better way: not with few rows, on a processor without fused multiply-add, or
  // for magnitudes near the ends of T.
  bool usable(T margin);

  // Puts the sum of hits · slope · (row − negative), less the row's own part, in place of the
  // gradient. False where too many pairs are so near that another way is the better one. Both
  // depend on the input alone.
  bool run_all(const Thresholds<T>& thresholds, RowSums<T>& gradient);

  // Adds a row's own part.
  void add_own_part(int64_t position, T* row) const;

  // The sum of hits · distance, and the hits whose cost is too little to count as active.
  double distances() const;
  int64_t inactive() const;

  // How many negatives of a position lie below a threshold.
  int64_t below(int64_t number, int64_t position) const {
    return below_[thresholds_->at(number, position)];
  }

 private:
  class Match;

  T complete(T value) const;

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Metric metric_;
  const Parallel& parallel_;
  const FloatTileKernels<T>* const products_;
  const int64_t size_;
  const int64_t width_;
  const int64_t block_;  // positions of a block: one or two tiles
  const int64_t blocks_;
  const int64_t most_evaluated_;
  std::vector<T> centre_;
  AlignedArray<T> squares_;  // of centred rows
  const Thresholds<T>* thresholds_ = nullptr;
  RowSums<T>* gradient_ = nullptr;
  AlignedArray<T> beyond_;  // bases plus the margin
  // By position, of those: the least, the greatest, and how many there are.
  std::vector<T> least_;
  std::vector<T> greatest_;
  std::vector<int32_t> counts_;
  std::vector<int64_t> below_;
  std::vector<double> weight_sums_;
  std::vector<double> distances_;  // by block, as the hits that are not active
  std::vector<int64_t> inactive_;
  std::atomic<int64_t> evaluated_{0};
};

}  // namespace tripoint::cpu

#endif
