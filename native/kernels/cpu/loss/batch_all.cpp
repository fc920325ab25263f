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

// Writes what a batch gives whose distances are not all numbers.
template <typename T>
BatchAllResult unknown(const PackedRows<T>& rows, int64_t triplets, const GradientTarget& target) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  fill_rows(nan, target.data, target.type, rows.size(), rows.columns());
  return {nan, 0, triplets};
}

template <typename T>
BatchAllResult batch_all_in(const FloatMatrix& embeddings, const IntegerVector& labels,
                            const BatchAll& wanted, const Parallel& parallel,
                            const GradientTarget& target) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, metric_of(wanted.nearness), parallel,
                           wanted.normalize);
  const int64_t triplets = order.triplets();
  if (!all_measurable(rows, wanted.nearness)) return unknown(rows, triplets, target);
  const BatchAllInput<T> input{
      rows,    order, wanted.nearness, static_cast<T>(wanted.margin), {wanted.mean, triplets},
      parallel};
  std::optional<BatchAllSums> sums = tile_batch_all(input, target);
  if (!sums) sums = scan_batch_all(input, target);
  return {sums->loss / input.mean.divisor(*sums), sums->active, triplets};
}

template <typename T>
BatchAllResult batch_all_in(const RelatedBatch& batch, const BatchAll& wanted,
                            const Parallel& parallel, const GradientTarget& target) {
  const PackedRows<T> rows(batch, metric_of(wanted.nearness), parallel, wanted.normalize);
  const int64_t triplets = batch.relation.triplets();
  if (!all_measurable(rows, wanted.nearness)) return unknown(rows, triplets, target);
  const std::vector<int64_t> order = batch.order();
  const RelatedBatchAll<T> input{rows,
                                 batch.relation,
                                 batch.first_column(),
                                 order,
                                 wanted.nearness,
                                 static_cast<T>(wanted.margin),
                                 {wanted.mean, triplets},
                                 parallel};
  const BatchAllSums sums = scan_batch_all(input, target);
  return {sums.loss / input.mean.divisor(sums), sums.active, triplets};
}

}  // namespace

BatchAllResult batch_all(const FloatMatrix& embeddings, const IntegerVector& labels,
                         const BatchAll& wanted, const Parallel& parallel, void* gradient) {
  const GradientTarget target{gradient, embeddings.type};
  return embeddings.type == FloatType::kFloat64
             ? batch_all_in<double>(embeddings, labels, wanted, parallel, target)
             : batch_all_in<float>(embeddings, labels, wanted, parallel, target);
}

BatchAllResult batch_all(const RelatedBatch& batch, const BatchAll& wanted,
                         const Parallel& parallel, void* gradient) {
  const GradientTarget target{gradient, batch.embeddings.type};
  return batch.embeddings.type == FloatType::kFloat64
             ? batch_all_in<double>(batch, wanted, parallel, target)
             : batch_all_in<float>(batch, wanted, parallel, target);
}

}  // namespace tripoint::cpu
