#ifndef TRIPOINT_KERNELS_CPU_MINE_ANCHOR_SCAN_H
#define TRIPOINT_KERNELS_CPU_MINE_ANCHOR_SCAN_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_tiles.h"
#include "kernels/cpu/mine/least.h"
#include "kernels/cpu/mine/tile_sides.h"
#include "kernels/cpu/mine/wanted.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// The choices of a block of anchors, at most kIntegerTile. Columns are looked at by their
// positions, in tiles.
template <typename T>
class AnchorScan {
 public:
  AnchorScan(const PackedRows<T>& rows, const RelatedBatch& batch,
             const std::vector<Wanted<T>>& wanted, Nearness nearness, const Block& anchors)
      : rows_(rows),
        relation_(batch.relation),
        first_column_(batch.first_column()),
        end_column_(first_column_ + relation_.columns()),
        wanted_(wanted),
        values_(nearness, std::nullopt, std::nullopt),
        anchors_(anchors),
        found_(wanted.size() * kIntegerTile),
        sides_(relation_, anchors, first_column_) {}

  // By all values.
  void plain();

  // By keys. False where they leave too many pairs.
  bool screened(const DistanceTiles<T>& tiles) { return screened_by(tiles); }
  bool screened(const ProductTiles<T>& tiles) { return screened_by(tiles); }

  // Pairs that the pair kernel looked at.
  int64_t evaluated() const { return evaluated_; }

  // What was chosen for an anchor, as a column.
  const Least<T>& found(size_t choice, int64_t anchor) const {
    return found_[place_of(choice, anchor)];
  }

 private:
  template <typename Bound>
  struct Limit;

  template <typename Tiles>
  bool screened_by(const Tiles& tiles);

  // Evaluates those pairs of a tile of which keys tell nothing, and takes them out of it.
  template <typename Tiles>
  void offer_apart(const Tiles& tiles, int64_t tile);

  // The least key of each row that is admitted for certain says up to which key a pair may still
  // be the least by the pair kernel; those pairs that may be admitted are given to it.
  template <typename Bound>
  void search(size_t choice, int64_t tile, const int32_t* keys, Limit<Bound>* limits);

  // All pairs that an anchor has in a tile, for one choice or for all.
  void offer_all(size_t choice, int64_t anchor, int64_t tile);
  void offer_all(int64_t anchor, int64_t tile);

  void offer(size_t choice, int64_t anchor, int64_t position);

  // Whether the value is less than all of the anchor so far.
  bool take(size_t choice, int64_t anchor, T value, int64_t position);

  // How many pairs of a tile a choice is made of.
  int64_t pairs_of(const Wanted<T>& wanted) const {
    const SideCounts& counts = sides_.counts();
    return wanted.choice().side == Side::kPositives ? counts.positives : counts.negatives;
  }

  size_t place_of(size_t choice, int64_t anchor) const {
    return choice * kIntegerTile + static_cast<size_t>(anchor - anchors_.begin);
  }

  const PackedRows<T>& rows_;
  const Relation& relation_;
  const int64_t first_column_;
  const int64_t end_column_;
  const std::vector<Wanted<T>>& wanted_;
  const PairValues<T> values_;
  const Block anchors_;
  std::vector<Least<T>> found_;
  TileSides sides_;
  int64_t evaluated_ = 0;
  int64_t nominated_ = 0;
};

}  // namespace tripoint::cpu

#endif
