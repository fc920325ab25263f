#include "kernels/cpu/loss/batch_hard.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/cpu/loss/edges.h"
#include "kernels/cpu/mine/hardest.h"
#include "kernels/cpu/mine/related_choice.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

// Where the rows of a matrix lie that is packed by class, and what indices stand for.
class ByClass {
 public:
  explicit ByClass(const ClassOrder& order) : order_(order), position_(order.row.size()) {
    for (size_t p = 0; p < order.row.size(); ++p) {
      position_[static_cast<size_t>(order.row[p])] = static_cast<int64_t>(p);
    }
  }

  int64_t anchor(int64_t row) const { return position_[static_cast<size_t>(row)]; }
  int64_t other(int64_t index) const { return position_[static_cast<size_t>(index)]; }
  int64_t row(int64_t position) const { return order_.row[static_cast<size_t>(position)]; }

 private:
  const ClassOrder& order_;
  std::vector<int64_t> position_;
};

// The same of a batch that is packed as it is, with columns for indices.
class ByColumn {
 public:
  explicit ByColumn(int64_t first_column) : first_column_(first_column) {}

  int64_t anchor(int64_t row) const { return row; }
  int64_t other(int64_t index) const { return first_column_ + index; }
  int64_t row(int64_t position) const { return position; }

 private:
  int64_t first_column_;
};

// Writes what a batch gives that is not finite.
double unknown(FloatType type, int64_t anchors, int64_t rows, int64_t columns,
               const BatchHardResult& result) {
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  fill_rows(kNaN, result.gradient, type, rows, columns);
  std::fill(result.positive, result.positive + anchors, -1);
  std::fill(result.negative, result.negative + anchors, -1);
  return kNaN;
}

// The loss of the hardest pairs of each anchor, by its place.
template <typename T, typename Places>
double loss_of(const PackedRows<T>& rows, const Hardest<T>& hardest, const Places& places,
               Nearness nearness, double margin, bool soft, const Parallel& parallel,
               FloatType type, const BatchHardResult& result) {
  const auto anchors = static_cast<int64_t>(hardest.positive.size());
  std::vector<Edge<T>> edges;
  edges.reserve(2 * hardest.positive.size());
  double sum = 0;
  for (int64_t row = 0; row < anchors; ++row) {
    const int64_t p = places.anchor(row);
    const Least<T>& positive = hardest.positive[static_cast<size_t>(p)];
    const Least<T>& negative = hardest.negative[static_cast<size_t>(p)];
    const bool has_positive = positive.index != Least<T>::kNone;
    const bool has_negative = negative.index != Least<T>::kNone;
    result.positive[row] = has_positive ? positive.index : -1;
    result.negative[row] = has_negative ? negative.index : -1;
    const T farthest = has_positive ? distance_of(-positive.value, nearness) : T{0};
    // The reference takes the hardest positive's distance where all rows are of one class: both
    // cancel.
    const T nearest = has_negative ? distance_of(negative.value, nearness) : farthest;
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
    slope /= static_cast<double>(anchors);
    if (has_positive) {
      edges.push_back({p, places.other(positive.index),
                       static_cast<T>(slope * slope_of(rows, farthest, nearness))});
    }
    edges.push_back({p, places.other(negative.index),
                     static_cast<T>(-slope * slope_of(rows, nearest, nearness))});
  }
  const auto row_of = [&](int64_t position) { return places.row(position); };
  gather(rows, row_of, nearness, edges, parallel, type, result.gradient);
  return sum / static_cast<double>(anchors);
}

template <typename T>
double batch_hard_in(const FloatMatrix& embeddings, const IntegerVector& labels, Metric metric,
                     double margin, bool soft, Screening screening, const Parallel& parallel,
                     const BatchHardResult& result) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric, parallel);
  if (!rows.finite()) {
    return unknown(embeddings.type, rows.size(), rows.size(), rows.columns(), result);
  }
  return loss_of(rows, find_hardest(rows, order, screening, parallel), ByClass(order),
                 nearness_of(metric), margin, soft, parallel, embeddings.type, result);
}

template <typename T>
double batch_hard_in(const RelatedBatch& batch, Nearness nearness, double margin, bool soft,
                     Screening screening, const Parallel& parallel, const BatchHardResult& result) {
  const PackedRows<T> rows(batch, metric_of(nearness), parallel);
  const FloatType type = batch.embeddings.type;
  if (!rows.finite()) {
    return unknown(type, batch.relation.anchors(), rows.size(), rows.columns(), result);
  }
  Hardest<T> hardest(0);
  {
    const RelatedChooser<T> chooser(rows, batch, nearness, screening, parallel);
    std::vector<Chosen<T>> chosen = chooser.choose(
        {{Side::kPositives, End::kFarthest, {}, {}}, {Side::kNegatives, End::kNearest, {}, {}}});
    hardest.positive = std::move(chosen[0].found);
    hardest.negative = std::move(chosen[1].found);
  }
  return loss_of(rows, hardest, ByColumn(batch.first_column()), nearness, margin, soft, parallel,
                 type, result);
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

double batch_hard(const RelatedBatch& batch, Nearness nearness, double margin, bool soft,
                  Screening screening, const Parallel& parallel, const BatchHardResult& result) {
  return batch.embeddings.type == FloatType::kFloat64
             ? batch_hard_in<double>(batch, nearness, margin, soft, screening, parallel, result)
             : batch_hard_in<float>(batch, nearness, margin, soft, screening, parallel, result);
}

}  // namespace tripoint::cpu
