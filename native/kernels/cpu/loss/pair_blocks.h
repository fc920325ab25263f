#ifndef TRIPOINT_KERNELS_CPU_LOSS_PAIR_BLOCKS_H
#define TRIPOINT_KERNELS_CPU_LOSS_PAIR_BLOCKS_H

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/function_ref.h"
#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/loss/pair_row.h"
#include "kernels/cpu/loss/ranked_row.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// Anchors with columns, a block of anchors at a time: the distances of their pairs become weights
// in place, and these the gradient of both.
//
// With products of tiles, distances come from x², y² and xy of rows less a centre, and the gradient
// from products with the weights. Pairs that are near are exempt: they are for the pair kernel, and
// their gradient is made of differences, of which nothing cancels. Without, all pairs are.
//
// Where the distance is a product, −x · y, no centre is taken and no pair is near, and what is said
// here of differences x − y holds of −y.
template <typename T>
class PairBlocks {
 public:
  // Anchor a is at position a, column c at position first_column + c.
  PairBlocks(const PackedRows<T>& rows, const Relation& relation, int64_t first_column,
             Nearness nearness, const Parallel& parallel);

  // Whether products are the better way: not with few pairs, on a processor without fused
  // multiply-add, or for magnitudes near the ends of T.
  bool products_serve(T margin);

  // Calls weigh(begin, end) for ranges of anchors, in parallel, a block after the other. It puts
  // weights in place of what the anchors' tiles hold. Adds to `sums`, where there are any, the sum
  // of weight · (row − other) of each position, less its own part.
  //
  // With products, false where more than one pair in 8 is left to the pair kernel. That depends on
  // the input alone.
  bool run_all(bool by_products, T magnitude, FunctionRef<void(int64_t, int64_t)> weigh,
               RowSums<T>* sums);

  int64_t tiles() const { return tiles_; }
  static constexpr int64_t kColumns = kFloatTile;  // of a tile

  // Of an anchor of the block, while it is weighed: its row of a tile, measured.
  void measure(int64_t anchor, int64_t tile, const uint8_t* sides, uint8_t counted,
               PairRow<T>& row) const;
  T* weights(int64_t anchor, int64_t tile) {
    return values_.get() + (tile * kFloatTile + (anchor - first_)) * kFloatTile;
  }

  T slope(T distance) const { return slope_of(rows_, distance, nearness_); }

  // The distance of the pair kernel.
  T distance(int64_t anchor, int64_t column) const;
  void distances(int64_t anchor, int64_t first, int64_t count, T* target) const;

  // Says that a row of a tile has weights, and that one of them belongs to a near pair.
  void mark(int64_t anchor, int64_t tile) { marks(anchor, tile).any = 1; }
  void mark_near(int64_t anchor, int64_t column);

  // Puts the weight of a single pair, and gives what of it counts to `add_weight`.
  T put(int64_t anchor, int64_t column, T distance, T weight);

  // The sum of an anchor's weights but for those of near pairs.
  void add_weight(int64_t anchor, double sum) { weight_sums_[static_cast<size_t>(anchor)] += sum; }

  // So many pairs were given to the pair kernel because they were in doubt.
  void count_evaluated(int64_t pairs) { evaluated_.fetch_add(pairs, std::memory_order_relaxed); }

  // Brings sums to their gradients, times `scale`.
  void complete(double scale, RowSums<T>& sums) const;

 private:
  // What a row of a tile holds.
  struct Marks {
    uint32_t near[kFloatTile / 32];
    uint32_t any;
  };
  struct Scratch;

  Marks& marks(int64_t anchor, int64_t tile) {
    return marks_[static_cast<size_t>(tile * kFloatTile + (anchor - first_))];
  }
  int64_t columns_of(int64_t tile) const {
    return std::min(kFloatTile, columns_ - tile * kFloatTile);
  }
  int64_t position_of(int64_t tile) const { return first_column_ + tile * kFloatTile; }
  // Whether the batch is its own and has one block, so that each pair is in it twice.
  bool both_ways() const { return first_column_ == 0 && anchors_ <= kFloatTile; }

  bool is_product() const { return nearness_ == Nearness::kDot; }

  void centre_anchors();
  void fill_by_products(int64_t work);
  void fill_by_pairs(int64_t work);
  void fill_both_ways(int64_t work);
  void multiply(int64_t tile, Scratch& scratch);
  void give_by_products(RowSums<T>& sums);
  void give_by_pairs(RowSums<T>& sums);
  void give_both_ways(RowSums<T>& sums);
  void give_tile(int64_t tile, T* anchor_sums, RowSums<T>& sums, Scratch& scratch);
  void give_far(int64_t tile, T* anchor_sums, RowSums<T>& sums, Scratch& scratch);
  void give_near(int64_t tile, int64_t slot, const Marks& marks, T* anchor_sums, RowSums<T>& sums,
                 Scratch& scratch);

  const PackedRows<T>& rows_;
  const OwnRows<T> own_;
  const Nearness nearness_;
  const PairValues<T> pair_values_;
  const Parallel& parallel_;
  const FloatTileKernels<T>* const products_;
  const int64_t anchors_;
  const int64_t columns_;
  const int64_t first_column_;
  const int64_t width_;
  const int64_t tiles_;
  const int64_t parts_;  // ranges of tiles, whose sums for the anchors are made apart
  bool by_products_ = false;
  PairBound<T> bound_{};
  std::vector<T> centre_;
  std::vector<T> squares_;  // of centred rows
  int64_t first_ = 0;       // anchor of the block
  int64_t count_ = 0;
  ScratchArray<T> values_;  // by tile, anchor and column
  std::vector<Marks> marks_;
  AlignedArray<T> block_rows_;      // the block's anchors, less the centre
  AlignedArray<T> block_segments_;  // the same, as products take them
  AlignedArray<T> anchor_sums_;     // by part
  std::vector<double> weight_sums_;
  std::atomic<int64_t> evaluated_{0};
};

}  // namespace tripoint::cpu

#endif
