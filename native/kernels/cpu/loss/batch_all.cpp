#include "kernels/cpu/loss/batch_all.h"

#include <limits>
#include <optional>
#include <vector>

#include "kernels/cpu/loss/batch_all_parts.h"
#include "kernels/cpu/loss/batch_all_scan.h"
#include "kernels/cpu/loss/batch_all_tiles.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

template <typename T>
BatchAllResult batch_all_in(const FloatMatrix& embeddings, const IntegerVector& labels,
                            Metric metric, double margin, const Parallel& parallel,
                            void* gradient) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric, parallel);
  if (!rows.finite()) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    fill_rows(nan, gradient, embeddings.type, rows.size(), rows.columns());
    return {nan, 0, order.triplets()};
  }
  const BatchAllInput<T> input{rows, order, metric, static_cast<T>(margin), parallel};
  const GradientTarget target{gradient, embeddings.type};
  std::optional<BatchAllSums> sums = tile_batch_all(input, target);
  if (!sums) sums = scan_batch_all(input, target);
  return {sums->loss / sums->divisor(), sums->active, order.triplets()};
}

template <typename T>
BatchAllResult batch_all_in(const RelatedBatch& batch, Metric metric, double margin,
                            const Parallel& parallel, void* gradient) {
  const PackedRows<T> rows(batch, metric, parallel);
  const int64_t triplets = batch.relation.triplets();
  if (!rows.finite()) {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    fill_rows(nan, gradient, batch.embeddings.type, rows.size(), rows.columns());
    return {nan, 0, triplets};
  }
  const std::vector<int64_t> order = batch.order();
  const RelatedBatchAll<T> input{
      rows, batch.relation, batch.first_column(), order, metric, static_cast<T>(margin), parallel};
  const BatchAllSums sums = scan_batch_all(input, GradientTarget{gradient, batch.embeddings.type});
  return {sums.loss / sums.divisor(), sums.active, triplets};
}

}  // namespace

BatchAllResult batch_all(const FloatMatrix& embeddings, const IntegerVector& labels, Metric metric,
                         double margin, const Parallel& parallel, void* gradient) {
  return embeddings.type == FloatType::kFloat64
             ? batch_all_in<double>(embeddings, labels, metric, margin, parallel, gradient)
             : batch_all_in<float>(embeddings, labels, metric, margin, parallel, gradient);
}

BatchAllResult batch_all(const RelatedBatch& batch, Metric metric, double margin,
                         const Parallel& parallel, void* gradient) {
  return batch.embeddings.type == FloatType::kFloat64
             ? batch_all_in<double>(batch, metric, margin, parallel, gradient)
             : batch_all_in<float>(batch, metric, margin, parallel, gradient);
}

}  // namespace tripoint::cpu
