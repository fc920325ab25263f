#ifndef TRIPOINT_KERNELS_CPU_MINE_RELATED_SCAN_H
#define TRIPOINT_KERNELS_CPU_MINE_RELATED_SCAN_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/value_order.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/float_screen.h"

namespace tripoint::cpu {

// Columns of an anchor, in order, and the values of its pairs with them (PairValues).
template <typename T>
struct ColumnValues {
  std::vector<int32_t> columns;
  std::vector<T> values;

  int64_t size() const { return static_cast<int64_t>(columns.size()); }
  void clear() {
    columns.clear();
    values.clear();
  }
  void add(int64_t column, T value) {
    columns.push_back(static_cast<int32_t>(column));
    values.push_back(value);
  }
};

// What an anchor wants of its negatives.
template <typename T>
struct NegativesWanted {
  ValueRange<T> range;
  // Sorted: what the values that are found are compared with, the ends of the range among them but
  // for one that no value reaches.
  std::vector<T> cuts;
  // Whether the least value is wanted too, in range or not.
  bool nearest = false;

  bool any() const { return nearest || !range.empty(); }
};

template <typename T>
struct NegativesFound {
  // Those whose values are in the range. Such a value is above the same cuts as the pair's.
  ColumnValues<T> inside;
  // The least value of all; infinity where there is none, or where it was not wanted.
  T nearest;
};

// A batch by blocks of anchors, each with all columns. A pair whose value is not finite is on
// neither side. With screening, negatives are looked at in tiles of products, and only those that
// these leave in doubt are given to the pair kernel.
template <typename T>
class RelatedScan {
 public:
  RelatedScan(const RelatedBatch& batch, Nearness nearness, bool normalize, Screening screening,
              const Parallel& parallel);

  // Some anchors, and what each column is to them.
  class Anchors {
   public:
    Anchors(const RelatedScan& scan, const Block& block);

    int64_t size() const { return block_.size(); }
    int64_t anchor(int64_t number) const { return block_.begin + number; }

    // All positives of an anchor.
    void positives(int64_t number, ColumnValues<T>& found) const;

    // The negatives of all of them; one entry for each.
    void negatives(const std::vector<NegativesWanted<T>>& wanted,
                   std::vector<NegativesFound<T>>& found) const;

   private:
    // The same by the pair kernel alone, and by tiles.
    void evaluate(int64_t number, const NegativesWanted<T>& wanted, NegativesFound<T>& found) const;
    void screen(const std::vector<NegativesWanted<T>>& wanted,
                std::vector<NegativesFound<T>>& found) const;

    const uint8_t* sides(int64_t number) const { return sides_.data() + number * stride_; }

    const RelatedScan& scan_;
    const Block block_;
    const int64_t stride_;  // whole tiles
    std::vector<uint8_t> sides_;
  };

  int64_t blocks() const { return (relation_.anchors() + block_ - 1) / block_; }

  // Calls task(number, anchors) for every block.
  template <typename Task>
  void each_block(Task&& task) const {
    const int64_t work = relation_.anchors() * relation_.columns() * rows_.width();
    run(parallel_, work, blocks(), [&](int64_t begin, int64_t end) {
      for (int64_t number = begin; number < end; ++number) {
        task(number, Anchors(*this, Block(number, block_, relation_.anchors())));
      }
    });
  }

  // A value as differences of distances are taken of it.
  T distance(T value) const { return distance_of(value, nearness_); }

  // About the value of a distance.
  T value_near(T distance) const {
    return nearness_ != Nearness::kEuclidean ? distance : distance > 0 ? distance * distance : 0;
  }

 private:
  // The values of an anchor with columns one after the other.
  void values(int64_t anchor, int64_t first, int64_t count, T* values) const {
    values_.of(rows_, anchor, rows_, first_column_ + first, count, values);
  }

  const Relation& relation_;
  const Nearness nearness_;
  const Parallel parallel_;
  const PackedRows<T> rows_;
  const PairValues<T> values_;
  const FloatScreen<T> screen_;
  const int64_t first_column_;
  const int64_t block_;
};

}  // namespace tripoint::cpu

#endif
