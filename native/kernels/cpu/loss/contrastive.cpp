#include "kernels/cpu/loss/contrastive.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/cpu/loss/related_contrastive.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/loss/threshold_tiles.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/pair.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 16;
constexpr int64_t kPairs = 64;  // of a row that are evaluated at a time

template <typename T>
class ContrastiveLoss {
 public:
  ContrastiveLoss(const PackedRows<T>& rows, const ClassOrder& order, const Contrastive& wanted,
                  const Parallel& parallel, const GradientTarget& target)
      : rows_(rows),
        order_(order),
        wanted_(wanted),
        positive_margin_(static_cast<T>(wanted.positive_margin)),
        negative_margin_(static_cast<T>(wanted.negative_margin)),
        parallel_(parallel),
        target_(target),
        size_(rows.size()),
        width_(rows.width()) {}

  ContrastiveResult run_all() {
    RowSums<T> gradient(rows_, target_);
    ThresholdTiles<T> tiles(rows_, order_, metric_of(wanted_.nearness), parallel_);
    Thresholds<T> threshold(size_, 1, negative_margin_, T{0});
    for (int64_t p = 0; p < size_; ++p) threshold.set(0, p, T{0});
    const bool in_tiles = tiles.usable(negative_margin_) && tiles.run_all(threshold, gradient);
    ContrastiveResult result;
    if (in_tiles) {
      for (int64_t p = 0; p < size_; ++p) result.negative.above_zero += tiles.below(0, p);
      result.negative.loss = std::max(
          static_cast<double>(negative_margin_) * static_cast<double>(result.negative.above_zero) -
              tiles.distances(),
          0.0);
      each_row([&](int64_t p) { tiles.add_own_part(p, gradient.row(p)); });
    } else {
      result.negative = scan(gradient);
    }
    for (int64_t p = 0; p < size_; ++p) {
      result.negative.losses += size_ - order_.end[at(p)] + order_.begin[at(p)];
    }
    // The divisor of the negatives is known; that of the positives is not before they are counted.
    result.positive = count_positives();
    finish(result, gradient);
    result.positive.loss /= divisor_of(result.positive);
    result.negative.loss /= divisor_of(result.negative);
    return result;
  }

 private:
  static size_t at(int64_t position) { return static_cast<size_t>(position); }

  double divisor_of(const ContrastiveSide& side) const {
    return cpu::divisor_of(wanted_.mean, side.losses, side.above_zero);
  }

  template <typename Task>
  void each_row(Task&& task) {
    run(parallel_, size_ * width_ * 4, (size_ + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size_); ++p) {
            task(p);
          }
        });
  }

  // Calls pair(first, count, distances) for the positions [begin, end), some at a time.
  template <typename Pairs>
  void each_pair(int64_t position, int64_t begin, int64_t end, Pairs&& pairs) const {
    T distances[kPairs];
    for (int64_t first = begin; first < end; first += kPairs) {
      const int64_t count = std::min(kPairs, end - first);
      pair_kernels<T>().squared_distances(rows_.row(position), rows_.row(first), width_, count,
                                          distances);
      rows_.finish(position, first, count, distances);
      if (wanted_.nearness == Nearness::kEuclidean) {
        for (int64_t j = 0; j < count; ++j) distances[j] = std::sqrt(distances[j]);
      }
      pairs(first, count, distances);
    }
  }

  // Every negative of every row by the pair kernel.
  ContrastiveSide scan(RowSums<T>& gradient) {
    std::vector<ContrastiveSide> sides(at(size_));
    each_row([&](int64_t p) {
      T* const row = gradient.row(p);
      std::fill(row, row + width_, T{0});
      ContrastiveSide& side = sides[at(p)];
      const auto look = [&](int64_t first, int64_t count, T* distances) {
        for (int64_t j = 0; j < count; ++j) {
          const T cost = negative_margin_ - distances[j];
          const bool costs = cost > 0;
          side.loss += costs ? static_cast<double>(cost) : 0;
          side.above_zero += costs ? 1 : 0;
          distances[j] = costs ? -2 * rows_.slope(distances[j]) : T{0};
        }
        pair_kernels<T>().add_differences(rows_.row(p), rows_.row(first), width_, count, distances,
                                          row);
      };
      each_pair(p, 0, order_.begin[at(p)], look);
      each_pair(p, order_.end[at(p)], size_, look);
    });
    return sum(sides);
  }

  ContrastiveSide count_positives() {
    std::vector<ContrastiveSide> sides(at(size_));
    each_row([&](int64_t p) {
      ContrastiveSide& side = sides[at(p)];
      each_pair(p, order_.begin[at(p)], order_.end[at(p)],
                [&](int64_t first, int64_t count, const T* distances) {
                  for (int64_t j = 0; j < count; ++j) {
                    if (first + j == p) continue;
                    const T cost = distances[j] - positive_margin_;
                    ++side.losses;
                    if (!(cost > 0)) continue;
                    side.loss += static_cast<double>(cost);
                    ++side.above_zero;
                  }
                });
    });
    return sum(sides);
  }

  static ContrastiveSide sum(const std::vector<ContrastiveSide>& sides) {
    ContrastiveSide all;
    for (const ContrastiveSide& side : sides) {
      all.loss += side.loss;
      all.losses += side.losses;
      all.above_zero += side.above_zero;
    }
    return all;
  }

  // Brings the sum over the negatives to its mean, adds the positives and goes back through
  // normalisation.
  void finish(const ContrastiveResult& result, RowSums<T>& gradient) {
    const double negatives = 1 / divisor_of(result.negative);
    const double positives = 2 / divisor_of(result.positive);
    each_row([&](int64_t p) {
      T* const row = gradient.row(p);
      for (int64_t k = 0; k < width_; ++k) row[k] = static_cast<T>(row[k] * negatives);
      each_pair(p, order_.begin[at(p)], order_.end[at(p)],
                [&](int64_t first, int64_t count, T* distances) {
                  for (int64_t j = 0; j < count; ++j) {
                    const bool costs = first + j != p && distances[j] - positive_margin_ > 0;
                    distances[j] =
                        costs ? static_cast<T>(positives * rows_.slope(distances[j])) : T{0};
                  }
                  pair_kernels<T>().add_differences(rows_.row(p), rows_.row(first), width_, count,
                                                    distances, row);
                });
      rows_.backward(p, T{0}, row);
    });
    gradient.store(order_.row, parallel_);
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Contrastive& wanted_;
  const T positive_margin_;
  const T negative_margin_;
  const Parallel& parallel_;
  const GradientTarget target_;
  const int64_t size_;
  const int64_t width_;
};

ContrastiveResult unknown(void* gradient, FloatType type, int64_t rows, int64_t columns) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  fill_rows(nan, gradient, type, rows, columns);
  ContrastiveResult result;
  result.positive.loss = result.negative.loss = nan;
  return result;
}

template <typename T>
ContrastiveResult contrastive_in(const RelatedBatch& batch, const Contrastive& wanted,
                                 const Parallel& parallel, void* gradient) {
  const FloatType type = batch.embeddings.type;
  const PackedRows<T> rows(batch, metric_of(wanted.nearness), parallel, wanted.normalize);
  if (!all_measurable(rows, wanted.nearness)) {
    return unknown(gradient, type, rows.size(), rows.columns());
  }
  return related_contrastive(rows, batch, wanted, parallel, GradientTarget{gradient, type});
}

template <typename T>
ContrastiveResult contrastive_in(const FloatMatrix& embeddings, const IntegerVector& labels,
                                 const Contrastive& wanted, const Parallel& parallel,
                                 void* gradient) {
  const auto by_blocks = [&] {
    const RelatedBatch batch{embeddings, std::nullopt,
                             Relation(labels, std::nullopt, std::nullopt)};
    return contrastive_in<T>(batch, wanted, parallel, gradient);
  };
  if (wanted.nearness == Nearness::kDot) return by_blocks();
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric_of(wanted.nearness), parallel,
                           wanted.normalize);
  // What is shorter than its divisor has a gradient of its own.
  if (rows.has_deficits()) return by_blocks();
  if (!rows.finite()) return unknown(gradient, embeddings.type, rows.size(), rows.columns());
  return ContrastiveLoss<T>(rows, order, wanted, parallel, {gradient, embeddings.type}).run_all();
}

}  // namespace

ContrastiveResult contrastive(const FloatMatrix& embeddings, const IntegerVector& labels,
                              const Contrastive& wanted, const Parallel& parallel, void* gradient) {
  return embeddings.type == FloatType::kFloat64
             ? contrastive_in<double>(embeddings, labels, wanted, parallel, gradient)
             : contrastive_in<float>(embeddings, labels, wanted, parallel, gradient);
}

ContrastiveResult contrastive(const RelatedBatch& batch, const Contrastive& wanted,
                              const Parallel& parallel, void* gradient) {
  return batch.embeddings.type == FloatType::kFloat64
             ? contrastive_in<double>(batch, wanted, parallel, gradient)
             : contrastive_in<float>(batch, wanted, parallel, gradient);
}

}  // namespace tripoint::cpu
