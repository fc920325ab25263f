#include "kernels/cpu/loss/batch_all_scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/cpu/loss/pair_blocks.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/loss/sorted_thresholds.h"

namespace tripoint::cpu {
namespace {

template <typename T>
class Scan {
 public:
  explicit Scan(const RelatedBatchAll<T>& input)
      : input_(input),
        blocks_(input.rows, input.relation, input.first_column, input.nearness, input.parallel),
        anchors_(input.relation.anchors()),
        columns_(input.relation.columns()),
        losses_(static_cast<size_t>(anchors_)),
        active_(static_cast<size_t>(anchors_)) {}

  BatchAllSums run_all(const GradientTarget& target) {
    RowSums<T> gradient(input_.rows, target);
    const auto run_by = [&](bool by_products) {
      by_products_ = by_products;
      gradient.clear(input_.parallel);
      return blocks_.run_all(
          by_products, std::abs(input_.margin),
          [&](int64_t begin, int64_t end) {
            Scratch scratch(blocks_.tiles());
            for (int64_t a = begin; a < end; ++a) weigh(a, scratch);
          },
          &gradient);
    };
    if (!blocks_.products_serve(input_.margin) || !run_by(true)) run_by(false);
    BatchAllSums sums{0, 0};
    for (double loss : losses_) sums.loss += loss;
    for (int64_t active : active_) sums.active += active;
    blocks_.complete(1 / input_.mean.divisor(sums), gradient);
    gradient.store(input_.order, input_.parallel);
    return sums;
  }

 private:
  static constexpr int64_t kColumns = PairBlocks<T>::kColumns;

  // Neighbours in a tile often have the same rank. They are counted apart, so that none waits for
  // the one before.
  static constexpr int64_t kCounters = 4;

  struct Scratch {
    explicit Scratch(int64_t tiles)
        : sides(aligned_array<uint8_t>(static_cast<size_t>(tiles * kColumns))),
          distances(aligned_array<T>(static_cast<size_t>(tiles * kColumns))) {}

    AlignedArray<uint8_t> sides;  // of an anchor's columns, whole tiles
    AlignedArray<T> distances;    // of a run of positives
    SortedThresholds<T> thresholds;
    std::vector<int32_t> hits;  // by hits of a negative: how many there are, in kCounters parts
    PairRow<T> row;
  };

  struct Anchor {
    int64_t position;
    double weight = 0;     // the sum over its pairs
    double distances = 0;  // the sum of hits · distance of its negatives
    int64_t inactive = 0;  // hits whose loss is too little to count as active
    int64_t evaluated = 0;
  };

  // Turns an anchor's distances into the weights of its pairs: the derivative of the sum of losses
  // by the distance, times the distance's slope.
  void weigh(int64_t a, Scratch& scratch) {
    Anchor anchor{a};
    losses_[static_cast<size_t>(a)] = 0;
    active_[static_cast<size_t>(a)] = 0;
    uint8_t* const sides = scratch.sides.get();
    input_.relation.read(a, 0, columns_, sides);
    std::fill(sides + columns_, sides + blocks_.tiles() * kColumns, uint8_t{kNeither});
    find_thresholds(a, scratch);
    const bool has_negatives = next(sides, 0, kNegative) < columns_;
    if (scratch.thresholds.size() == 0 || !has_negatives) {
      for (int64_t tile = 0; tile < blocks_.tiles(); ++tile) {
        std::fill_n(blocks_.weights(a, tile), kColumns, T{0});
      }
      return;
    }
    const int64_t count = scratch.thresholds.size();
    scratch.hits.assign(static_cast<size_t>((count + 1) * kCounters), 0);
    for (int64_t tile = 0; tile < blocks_.tiles(); ++tile) weigh_negatives(anchor, tile, scratch);
    weigh_positives(anchor, scratch);
    blocks_.add_weight(a, anchor.weight);
    blocks_.count_evaluated(anchor.evaluated);
  }

  // The first column from `first` on that is of a side.
  int64_t next(const uint8_t* sides, int64_t first, PairSide side) const {
    const void* const found =
        std::memchr(sides + first, side, static_cast<size_t>(columns_ - first));
    return found == nullptr ? columns_ : static_cast<const uint8_t*>(found) - sides;
  }

  void find_thresholds(int64_t a, Scratch& scratch) {
    const uint8_t* const sides = scratch.sides.get();
    scratch.thresholds.clear();
    for (int64_t first = 0; first < columns_;) {
      first = next(sides, first, kPositive);
      int64_t end = first;
      while (end < columns_ && sides[end] == kPositive) ++end;
      if (first == end) break;
      blocks_.distances(a, first, end - first, scratch.distances.get());
      for (int64_t j = first; j < end; ++j) {
        scratch.thresholds.add(scratch.distances[static_cast<size_t>(j - first)], j);
      }
      first = end;
    }
    scratch.thresholds.sort(input_.margin);
  }

  void weigh_negatives(Anchor& anchor, int64_t tile, Scratch& scratch) {
    PairRow<T>& row = scratch.row;
    const uint8_t* const sides = scratch.sides.get() + tile * kColumns;
    blocks_.measure(anchor.position, tile, sides, kNegative, row);
    const RankKernels<T>& kernels = rank_kernels<T>();
    if (kernels.rank(scratch.thresholds.view(), row)) evaluate(anchor, tile, scratch);
    if (!by_products_) {
      // An infinite distance has no hits, and no product with them.
      for (T& distance : row.distances) {
        distance = std::min(distance, std::numeric_limits<T>::max());
      }
    }
    double distances;
    anchor.weight +=
        static_cast<double>(kernels.weigh(row, blocks_.weights(anchor.position, tile), distances));
    anchor.distances += distances;
    int32_t any = 0;
    for (int64_t j = 0; j < kColumns; ++j) any |= row.hits[j];
    if (any == 0) return;
    blocks_.mark(anchor.position, tile);
    int32_t* const hits = scratch.hits.data();
    for (int64_t j = 0; j < kColumns; ++j) ++hits[row.hits[j] * kCounters + j % kCounters];
  }

  bool active(T positive, T negative, T above) const {
    return input_.loss(positive, negative) > above;
  }

  // Gives the negatives of a row that are in doubt to the pair kernel.
  void evaluate(Anchor& anchor, int64_t tile, Scratch& scratch) {
    PairRow<T>& row = scratch.row;
    const SortedThresholds<T>& thresholds = scratch.thresholds;
    const int64_t count = thresholds.size();
    for (int64_t j = 0; j < kColumns; ++j) {
      if (row.doubtful[j] == 0) continue;
      const int64_t column = tile * kColumns + j;
      const T distance =
          by_products_ ? blocks_.distance(anchor.position, column) : row.distances[j];
      const int64_t unhit = thresholds.inactive(
          count - row.hits[j], [&](T positive) { return active(positive, distance, T{0}); });
      const int64_t inactive = thresholds.inactive(
          unhit, [&](T positive) { return active(positive, distance, static_cast<T>(kInactive)); });
      row.distances[j] = distance;
      row.slopes[j] = blocks_.slope(distance);
      row.hits[j] = static_cast<int32_t>(count - unhit);
      anchor.inactive += inactive - unhit;
      ++anchor.evaluated;
      if (row.near[j] != 0 && unhit < count) blocks_.mark_near(anchor.position, column);
    }
  }

  void weigh_positives(Anchor& anchor, Scratch& scratch) {
    const SortedThresholds<T>& thresholds = scratch.thresholds;
    const int64_t count = thresholds.size();
    double loss = -anchor.distances;
    int64_t below = 0;  // negatives that a threshold lies beyond
    int64_t active = -anchor.inactive;
    for (int64_t r = 0; r < count; ++r) {
      // The lowest threshold is hit by those negatives that hit all of them.
      const int32_t* const more = scratch.hits.data() + (count - r) * kCounters;
      for (int64_t c = 0; c < kCounters; ++c) below += more[c];
      if (below == 0) continue;
      const T distance = thresholds.distance(r);
      const auto hits = static_cast<double>(below);
      loss += hits * (static_cast<double>(distance) + static_cast<double>(input_.margin));
      active += below;
      const T weight = static_cast<T>(below) * blocks_.slope(distance);
      anchor.weight +=
          static_cast<double>(blocks_.put(anchor.position, thresholds.column(r), distance, weight));
    }
    // Rounding can leave a sum of terms that are all about 0 below it; none of them is.
    losses_[static_cast<size_t>(anchor.position)] = loss < 0 ? 0 : loss;
    active_[static_cast<size_t>(anchor.position)] = active;
  }

  const RelatedBatchAll<T>& input_;
  PairBlocks<T> blocks_;
  const int64_t anchors_;
  const int64_t columns_;
  bool by_products_ = false;
  std::vector<double> losses_;
  std::vector<int64_t> active_;
};

}  // namespace

template <typename T>
BatchAllSums scan_batch_all(const RelatedBatchAll<T>& input, const GradientTarget& gradient) {
  return Scan<T>(input).run_all(gradient);
}

template <typename T>
BatchAllSums scan_batch_all(const BatchAllInput<T>& input, const GradientTarget& gradient) {
  // Where a class begins is its label, by position.
  const IntegerVector classes{input.order.begin.data(), IntegerType::kInt64, input.rows.size(), 1};
  const Relation relation(classes, std::nullopt, std::nullopt);
  return scan_batch_all<T>(
      RelatedBatchAll<T>{input.rows, relation, 0, input.order.row, input.nearness, input.margin,
                         input.mean, input.parallel},
      gradient);
}

template BatchAllSums scan_batch_all(const RelatedBatchAll<float>&, const GradientTarget&);
template BatchAllSums scan_batch_all(const RelatedBatchAll<double>&, const GradientTarget&);
template BatchAllSums scan_batch_all(const BatchAllInput<float>&, const GradientTarget&);
template BatchAllSums scan_batch_all(const BatchAllInput<double>&, const GradientTarget&);

}  // namespace tripoint::cpu
