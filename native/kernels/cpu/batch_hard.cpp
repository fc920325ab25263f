#include "kernels/cpu/batch_hard.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <mutex>
#include <vector>

#include "kernels/cpu/labels.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = 64;

constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

// The least so far by (value, index), which does not depend on the order of asking. `sign` −1 makes
// it the greatest, of equal ones still that of lower index.
template <typename T>
struct Least {
  T value = std::numeric_limits<T>::infinity();
  int64_t index = kNone;

  void take(T other, int64_t other_index) {
    if (other < value || (other == value && other_index < index)) {
      value = other;
      index = other_index;
    }
  }
  void take(const Least& other) { take(other.value, other.index); }
};

// The hardest of each position: positives by their negated distance, so that both are the least.
template <typename T>
struct Hardest {
  std::vector<Least<T>> positive;
  std::vector<Least<T>> negative;

  explicit Hardest(int64_t size)
      : positive(static_cast<size_t>(size)), negative(static_cast<size_t>(size)) {}
};

template <typename T>
class Scan {
 public:
  Scan(const PackedRows<T>& rows, const ClassOrder& order)
      : rows_(rows),
        order_(order),
        blocks_((rows.size() + kTile - 1) / kTile),
        locks_(static_cast<size_t>(blocks_)),
        hardest_(rows.size()) {}

  Hardest<T> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    const int64_t tiles = blocks_ * (blocks_ + 1) / 2;
    run(parallel, size * size * std::max<int64_t>(rows_.width(), 1) / 2, tiles,
        [&](int64_t begin, int64_t end) {
          for (int64_t tile = begin; tile < end; ++tile) {
            // Tile number to (upper, lower) block: those of lower block b start at b (b + 1) / 2.
            auto lower =
                static_cast<int64_t>((std::sqrt(8.0 * static_cast<double>(tile) + 1) - 1) / 2);
            while (lower * (lower + 1) / 2 > tile) --lower;
            while ((lower + 1) * (lower + 2) / 2 <= tile) ++lower;
            scan(tile - lower * (lower + 1) / 2, lower);
          }
        });
    return std::move(hardest_);
  }

 private:
  void scan(int64_t upper, int64_t lower) {
    const PairKernels<T>& kernels = pair_kernels<T>();
    const int64_t row_begin = upper * kTile;
    const int64_t row_end = std::min(row_begin + kTile, rows_.size());
    const int64_t column_begin = lower * kTile;
    const int64_t column_end = std::min(column_begin + kTile, rows_.size());
    Least<T> row_positive[kTile], row_negative[kTile];
    Least<T> column_positive[kTile], column_negative[kTile];
    T values[kTile];
    for (int64_t i = row_begin; i < row_end; ++i) {
      const int64_t first = std::max(column_begin, i + 1);
      if (first >= column_end) continue;
      kernels.squared_distances(rows_.row(i), rows_.row(first), rows_.width(), column_end - first,
                                values);
      rows_.finish(i, first, column_end - first, values);
      const int64_t own = order_.row[static_cast<size_t>(i)];
      const int64_t class_end = std::clamp(order_.end[static_cast<size_t>(i)], first, column_end);
      for (int64_t j = first; j < class_end; ++j) {
        const T value = -values[j - first];
        row_positive[i - row_begin].take(value, order_.row[static_cast<size_t>(j)]);
        column_positive[j - column_begin].take(value, own);
      }
      Least<T>& nearest = row_negative[i - row_begin];
      for (int64_t j = class_end; j < column_end; ++j) {
        const T value = values[j - first];
        if (value <= nearest.value) nearest.take(value, order_.row[static_cast<size_t>(j)]);
        column_negative[j - column_begin].take(value, own);
      }
    }
    merge(upper, row_begin, row_end, row_positive, row_negative);
    merge(lower, column_begin, column_end, column_positive, column_negative);
  }

  void merge(int64_t block, int64_t begin, int64_t end, const Least<T>* positive,
             const Least<T>* negative) {
    const std::lock_guard<std::mutex> lock(locks_[static_cast<size_t>(block)]);
    for (int64_t p = begin; p < end; ++p) {
      hardest_.positive[static_cast<size_t>(p)].take(positive[p - begin]);
      hardest_.negative[static_cast<size_t>(p)].take(negative[p - begin]);
    }
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  int64_t blocks_;
  std::vector<std::mutex> locks_;
  Hardest<T> hardest_;
};

// A pair whose distance the loss depends on, with the derivative of the loss by it times the
// distance's slope.
template <typename T>
struct Edge {
  int64_t from;
  int64_t to;
  T weight;
};

template <typename T>
T complete(T value, Metric metric) {
  return metric == Metric::kEuclidean ? std::sqrt(value) : value;
}

// Each row gathers what its edges give it, first those that it is the anchor of, then the others by
// their anchor, so that no two threads add to one row.
template <typename T>
void gather(const PackedRows<T>& rows, const ClassOrder& order, const std::vector<Edge<T>>& edges,
            const Parallel& parallel, FloatType type, void* gradient) {
  const int64_t size = rows.size();
  std::vector<int64_t> starts(static_cast<size_t>(size) + 1, 0);
  for (const Edge<T>& edge : edges) {
    ++starts[static_cast<size_t>(edge.from) + 1];
    ++starts[static_cast<size_t>(edge.to) + 1];
  }
  for (size_t p = 1; p < starts.size(); ++p) starts[p] += starts[p - 1];
  struct End {
    int64_t other;
    T weight;
  };
  std::vector<End> ends(2 * edges.size());
  std::vector<int64_t> next(starts.begin(), starts.end() - 1);
  for (const Edge<T>& edge : edges) {
    ends[static_cast<size_t>(next[static_cast<size_t>(edge.from)]++)] = {edge.to, edge.weight};
  }
  for (const Edge<T>& edge : edges) {
    ends[static_cast<size_t>(next[static_cast<size_t>(edge.to)]++)] = {edge.from, edge.weight};
  }
  const PairKernels<T>& kernels = pair_kernels<T>();
  run(parallel, 4 * size * rows.width(), (size + kTile - 1) / kTile,
      [&](int64_t begin, int64_t end) {
        std::vector<T> sum(static_cast<size_t>(rows.width()));
        for (int64_t p = begin * kTile; p < std::min(end * kTile, size); ++p) {
          std::fill(sum.begin(), sum.end(), T{0});
          T weight = 0;
          for (int64_t e = starts[static_cast<size_t>(p)]; e < starts[static_cast<size_t>(p) + 1];
               ++e) {
            const End& other = ends[static_cast<size_t>(e)];
            kernels.add_differences(rows.row(p), rows.row(other.other), rows.width(), 1,
                                    &other.weight, sum.data());
            weight += other.weight;
          }
          rows.backward(p, weight, sum.data());
          store_row(sum.data(), gradient, type, order.row[static_cast<size_t>(p)], rows.columns());
        }
      });
}

template <typename T>
double batch_hard_in(const FloatMatrix& embeddings, const IntegerVector& labels, Metric metric,
                     double margin, bool soft, const Parallel& parallel,
                     const BatchHardResult& result) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric, parallel);
  const int64_t size = rows.size();
  if (!rows.finite()) {
    const std::vector<T> unknown(static_cast<size_t>(rows.columns()),
                                 std::numeric_limits<T>::quiet_NaN());
    for (int64_t i = 0; i < size; ++i) {
      store_row(unknown.data(), result.gradient, embeddings.type, i, rows.columns());
      result.positive[i] = result.negative[i] = -1;
    }
    return std::numeric_limits<double>::quiet_NaN();
  }
  const Hardest<T> hardest = Scan<T>(rows, order).run_all(parallel);

  std::vector<int64_t> position(static_cast<size_t>(size));
  for (int64_t p = 0; p < size; ++p) {
    position[static_cast<size_t>(order.row[static_cast<size_t>(p)])] = p;
  }
  std::vector<Edge<T>> edges;
  edges.reserve(2 * static_cast<size_t>(size));
  double sum = 0;
  for (int64_t row = 0; row < size; ++row) {
    const int64_t p = position[static_cast<size_t>(row)];
    const Least<T>& positive = hardest.positive[static_cast<size_t>(p)];
    const Least<T>& negative = hardest.negative[static_cast<size_t>(p)];
    const bool has_positive = positive.index != kNone;
    const bool has_negative = negative.index != kNone;
    result.positive[row] = has_positive ? positive.index : -1;
    result.negative[row] = has_negative ? negative.index : -1;
    const T farthest = has_positive ? complete(-positive.value, metric) : T{0};
    // The reference takes the hardest positive's distance where all rows are of one class: both
    // cancel.
    const T nearest = has_negative ? complete(negative.value, metric) : farthest;
    const T violation = farthest - nearest;
    double slope;
    if (soft) {
      const double v = violation;
      sum += std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v)));
      slope = 1 / (1 + std::exp(-v));
    } else {
      const T loss = violation + static_cast<T>(margin);
      sum += loss > 0 || std::isnan(loss) ? static_cast<double>(loss) : 0.0;
      slope = loss > 0 ? 1 : 0;
    }
    if (slope == 0 || !has_negative) continue;
    slope /= static_cast<double>(size);
    if (has_positive) {
      edges.push_back({p, position[static_cast<size_t>(positive.index)],
                       static_cast<T>(slope * rows.slope(farthest))});
    }
    edges.push_back({p, position[static_cast<size_t>(negative.index)],
                     static_cast<T>(-slope * rows.slope(nearest))});
  }
  gather(rows, order, edges, parallel, embeddings.type, result.gradient);
  return sum / static_cast<double>(size);
}

}  // namespace

double batch_hard(const FloatMatrix& embeddings, const IntegerVector& labels, Metric metric,
                  double margin, bool soft, const Parallel& parallel,
                  const BatchHardResult& result) {
  return embeddings.type == FloatType::kFloat64
             ? batch_hard_in<double>(embeddings, labels, metric, margin, soft, parallel, result)
             : batch_hard_in<float>(embeddings, labels, metric, margin, soft, parallel, result);
}

}  // namespace tripoint::cpu
