#include "kernels/cpu/loss/batch_hard.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/mine/hardest.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = 64;

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
                     double margin, bool soft, Screening screening, const Parallel& parallel,
                     const BatchHardResult& result) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric, parallel);
  const int64_t size = rows.size();
  if (!rows.finite()) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    fill_rows(kNaN, result.gradient, embeddings.type, size, rows.columns());
    std::fill(result.positive, result.positive + size, -1);
    std::fill(result.negative, result.negative + size, -1);
    return kNaN;
  }
  const Hardest<T> hardest = find_hardest(rows, order, screening, parallel);

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
    const bool has_positive = positive.index != Least<T>::kNone;
    const bool has_negative = negative.index != Least<T>::kNone;
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
                  double margin, bool soft, Screening screening, const Parallel& parallel,
                  const BatchHardResult& result) {
  return embeddings.type == FloatType::kFloat64
             ? batch_hard_in<double>(embeddings, labels, metric, margin, soft, screening, parallel,
                                     result)
             : batch_hard_in<float>(embeddings, labels, metric, margin, soft, screening, parallel,
                                    result);
}

}  // namespace tripoint::cpu
