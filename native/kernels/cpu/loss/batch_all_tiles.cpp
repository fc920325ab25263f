#include "kernels/cpu/loss/batch_all_tiles.h"

#include <algorithm>

#include "kernels/cpu/loss/threshold_tiles.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 64;

template <typename T>
class Tiles {
 public:
  Tiles(const BatchAllInput<T>& input, const GradientTarget& target)
      : input_(input),
        rows_(input.rows),
        order_(input.order),
        tiles_(input.rows, input.order, metric_of(input.nearness), input.parallel),
        gradient_(input.rows, target) {}

  std::optional<BatchAllSums> run_all() {
    int64_t most = 0;
    for (int64_t p = 0; p < rows_.size(); ++p) most = std::max(most, positives_of(p));
    if (input_.nearness == Nearness::kDot || most > kMostThresholds ||
        !tiles_.usable(input_.margin)) {
      return std::nullopt;
    }
    Thresholds<T> thresholds(rows_.size(), most, input_.margin, static_cast<T>(kInactive));
    each_row(rows_.size() * most * rows_.width(), [&](int64_t p) {
      for (int64_t t = 0; t < positives_of(p); ++t) {
        const int64_t q = positive(t, p);
        T value;
        pair_kernels<T>().squared_distances(rows_.row(p), rows_.row(q), rows_.width(), 1, &value);
        rows_.finish(p, q, 1, &value);
        thresholds.set(t, p, distance_of(value, input_.nearness));
      }
    });
    if (!tiles_.run_all(thresholds, gradient_)) return std::nullopt;

    BatchAllSums sums{-tiles_.distances(), -tiles_.inactive()};
    for (int64_t p = 0; p < rows_.size(); ++p) {
      for (int64_t t = 0; t < positives_of(p); ++t) {
        const int64_t hits = tiles_.below(t, p);
        sums.loss += static_cast<double>(hits) * (static_cast<double>(thresholds.base(t, p)) +
                                                  static_cast<double>(input_.margin));
        sums.active += hits;
      }
    }
    // Rounding can leave a sum of terms that are all about 0 below it; none of them is.
    sums.loss = std::max(sums.loss, 0.0);
    const double scale = 1 / input_.mean.divisor(sums);
    each_row(rows_.size() * rows_.width() * (most + 4),
             [&](int64_t p) { complete_row(p, thresholds, scale); });
    gradient_.store(order_.row, input_.parallel);
    return sums;
  }

 private:
  int64_t positives_of(int64_t position) const {
    const auto at = static_cast<size_t>(position);
    return order_.end[at] - order_.begin[at] - 1;
  }

  // Positive number t of a position: its class without itself, in order.
  int64_t positive(int64_t t, int64_t position) const {
    const int64_t other = order_.begin[static_cast<size_t>(position)] + t;
    return other < position ? other : other + 1;
  }

  void complete_row(int64_t p, const Thresholds<T>& thresholds, double scale) {
    T* const row = gradient_.row(p);
    tiles_.add_own_part(p, row);
    const int64_t begin = order_.begin[static_cast<size_t>(p)];
    for (int64_t t = 0; t < positives_of(p); ++t) {
      const int64_t q = positive(t, p);
      const int64_t back = p < q ? p - begin : p - 1 - begin;
      const T weight = static_cast<T>(tiles_.below(t, p) + tiles_.below(back, q)) *
                       rows_.slope(thresholds.base(t, p));
      pair_kernels<T>().add_differences(rows_.row(p), rows_.row(q), rows_.width(), 1, &weight, row);
    }
    for (int64_t k = 0; k < rows_.width(); ++k) row[k] = static_cast<T>(row[k] * scale);
    // The weights' sum would count for rows of zeros alone, which are not taken in tiles.
    rows_.backward(p, T{0}, row);
  }

  template <typename Task>
  void each_row(int64_t work, Task&& task) {
    run(input_.parallel, work, (rows_.size() + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, rows_.size());
               ++p) {
            task(p);
          }
        });
  }

  const BatchAllInput<T>& input_;
  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  ThresholdTiles<T> tiles_;
  RowSums<T> gradient_;  // not yet divided by the count
};

}  // namespace

template <typename T>
std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<T>& input,
                                           const GradientTarget& gradient) {
  return Tiles<T>(input, gradient).run_all();
}

template std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<float>&,
                                                    const GradientTarget&);
template std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<double>&,
                                                    const GradientTarget&);

}  // namespace tripoint::cpu
