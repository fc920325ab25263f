#include "kernels/cpu/loss/related_contrastive.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/loss/contrast_row.h"
#include "kernels/cpu/loss/pair_blocks.h"

namespace tripoint::cpu {
namespace {

template <typename T>
class RelatedContrastive {
 public:
  RelatedContrastive(const PackedRows<T>& rows, const RelatedBatch& batch,
                     const Contrastive& wanted, const Parallel& parallel)
      : rows_(rows),
        relation_(batch.relation),
        wanted_(wanted),
        margins_{static_cast<T>(wanted.positive_margin), static_cast<T>(wanted.negative_margin)},
        parallel_(parallel),
        blocks_(rows, batch.relation, batch.first_column(), wanted.nearness, parallel),
        anchors_(batch.relation.anchors()),
        costs_(static_cast<size_t>(anchors_)) {}

  ContrastiveResult run_all(const GradientTarget& target) {
    const T magnitude = std::max(std::abs(margins_.positive), std::abs(margins_.negative));
    by_products_ = blocks_.products_serve(magnitude);
    count_pairs();
    RowSums<T> gradient(rows_, target);
    const bool counted_first = wanted_.mean == LossMean::kAboveZero;
    if (counted_first) {
      run_or_turn(magnitude, nullptr);
      sum_up();
    }
    find_factors();
    run_or_turn(magnitude, &gradient);
    sum_up();
    blocks_.complete(1, gradient);
    gradient.store(parallel_);
    result_.positive.loss /= divisor_of(result_.positive);
    result_.negative.loss /= divisor_of(result_.negative);
    return result_;
  }

 private:
  static constexpr int64_t kColumns = PairBlocks<T>::kColumns;

  struct Scratch {
    explicit Scratch(int64_t tiles)
        : sides(aligned_array<uint8_t>(static_cast<size_t>(tiles * kColumns))) {}

    AlignedArray<uint8_t> sides;  // of an anchor's columns, whole tiles
    PairRow<T> row;
  };

  // What an anchor's pairs cost.
  struct Costs {
    OfSides<double> cost;
    OfSides<int64_t> count;
  };

  double divisor_of(const ContrastiveSide& side) const {
    return cpu::divisor_of(wanted_.mean, side.losses, side.above_zero);
  }

  // By products, and where they do not serve by the pair kernel.
  void run_or_turn(T magnitude, RowSums<T>* gradient) {
    if (by_products_ && run_by(magnitude, gradient)) return;
    by_products_ = false;
    run_by(magnitude, gradient);
  }

  bool run_by(T magnitude, RowSums<T>* gradient) {
    if (gradient != nullptr) gradient->clear(parallel_);
    return blocks_.run_all(
        by_products_, magnitude,
        [&](int64_t begin, int64_t end) {
          Scratch scratch(blocks_.tiles());
          for (int64_t a = begin; a < end; ++a) weigh(a, scratch);
        },
        gradient);
  }

  void count_pairs() {
    std::vector<SideCounts> counts(static_cast<size_t>(anchors_));
    run(parallel_, anchors_ * relation_.columns(), anchors_, [&](int64_t begin, int64_t end) {
      for (int64_t a = begin; a < end; ++a) counts[static_cast<size_t>(a)] = relation_.count(a);
    });
    for (const SideCounts& of_anchor : counts) {
      result_.positive.losses += of_anchor.positives;
      result_.negative.losses += of_anchor.negatives;
    }
  }

  void find_factors() {
    factors_ = {static_cast<T>(1 / divisor_of(result_.positive)),
                static_cast<T>(1 / divisor_of(result_.negative))};
  }

  void sum_up() {
    result_.positive.loss = result_.negative.loss = 0;
    result_.positive.above_zero = result_.negative.above_zero = 0;
    for (const Costs& costs : costs_) {
      result_.positive.loss += costs.cost.positive;
      result_.negative.loss += costs.cost.negative;
      result_.positive.above_zero += costs.count.positive;
      result_.negative.above_zero += costs.count.negative;
    }
  }

  // Turns an anchor's distances into the weights of its pairs.
  void weigh(int64_t a, Scratch& scratch) {
    const ContrastKernels<T>& kernels = contrast_kernels<T>();
    const int64_t columns = relation_.columns();
    uint8_t* const sides = scratch.sides.get();
    relation_.read(a, 0, columns, sides);
    std::fill(sides + columns, sides + blocks_.tiles() * kColumns, uint8_t{kNeither});
    Costs& of_anchor = costs_[static_cast<size_t>(a)];
    of_anchor = {};
    double weight = 0;
    int64_t evaluated = 0;
    for (int64_t tile = 0; tile < blocks_.tiles(); ++tile) {
      const uint8_t* const of_tile = sides + tile * kColumns;
      blocks_.measure(a, tile, of_tile, kPositive | kNegative, scratch.row);
      if (kernels.decide(of_tile, margins_, scratch.row)) {
        evaluated += evaluate(a, tile, of_tile, scratch.row);
      }
      ContrastCosts costs;
      weight += static_cast<double>(
          kernels.weigh(scratch.row, margins_, factors_, blocks_.weights(a, tile), costs));
      if (costs.count.positive + costs.count.negative == 0) continue;
      blocks_.mark(a, tile);
      of_anchor.cost.positive += costs.cost.positive;
      of_anchor.cost.negative += costs.cost.negative;
      of_anchor.count.positive += costs.count.positive;
      of_anchor.count.negative += costs.count.negative;
    }
    blocks_.add_weight(a, weight);
    blocks_.count_evaluated(evaluated);
  }

  // Gives the pairs of a row that are in doubt to the pair kernel.
  int64_t evaluate(int64_t a, int64_t tile, const uint8_t* sides, PairRow<T>& row) {
    int64_t evaluated = 0;
    for (int64_t j = 0; j < kColumns; ++j) {
      if (row.doubtful[j] == 0) continue;
      ++evaluated;
      const int64_t column = tile * kColumns + j;
      const T distance = by_products_ ? blocks_.distance(a, column) : row.distances[j];
      const bool positive = sides[j] == kPositive;
      const T cost = positive ? distance - margins_.positive : margins_.negative - distance;
      row.distances[j] = distance;
      row.slopes[j] = blocks_.slope(distance);
      row.hits[j] = !(cost > 0) ? 0 : positive ? 1 : -1;
      if (row.near[j] != 0 && row.hits[j] != 0) blocks_.mark_near(a, column);
    }
    return evaluated;
  }

  const PackedRows<T>& rows_;
  const Relation& relation_;
  const Contrastive& wanted_;
  const OfSides<T> margins_;
  const Parallel& parallel_;
  PairBlocks<T> blocks_;
  const int64_t anchors_;
  bool by_products_ = false;
  OfSides<T> factors_{0, 0};
  std::vector<Costs> costs_;
  ContrastiveResult result_;
};

}  // namespace

template <typename T>
ContrastiveResult related_contrastive(const PackedRows<T>& rows, const RelatedBatch& batch,
                                      const Contrastive& wanted, const Parallel& parallel,
                                      const GradientTarget& target) {
  return RelatedContrastive<T>(rows, batch, wanted, parallel).run_all(target);
}

template ContrastiveResult related_contrastive(const PackedRows<float>&, const RelatedBatch&,
                                               const Contrastive&, const Parallel&,
                                               const GradientTarget&);
template ContrastiveResult related_contrastive(const PackedRows<double>&, const RelatedBatch&,
                                               const Contrastive&, const Parallel&,
                                               const GradientTarget&);

}  // namespace tripoint::cpu
