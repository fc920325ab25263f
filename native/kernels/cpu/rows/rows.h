#ifndef TRIPOINT_KERNELS_CPU_ROWS_ROWS_H
#define TRIPOINT_KERNELS_CPU_ROWS_ROWS_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/relation.h"

namespace tripoint::cpu {

// How far two rows lie apart.
//   euclidean    |x − y|
//   sqeuclidean  |x − y|²
//   cosine       1 − cos(x, y), evaluated as ½|x̂ − ŷ|² with x̂ = x / max(|x|, 1e-12)
enum class Metric { kEuclidean, kSquaredEuclidean, kCosine };

// Whether there is no NaN and no infinity. Without a branch, so that the compiler makes vectors of
// it.
template <typename T>
bool is_finite(const T* row, int64_t columns) {
  unsigned others = 0;
  for (int64_t k = 0; k < columns; ++k) {
    others |= std::abs(row[k]) <= std::numeric_limits<T>::max() ? 0u : 1u;
  }
  return others == 0;
}

// The rows of a batch in T, packed at whole lanes in a given order, normalised where the metric or
// the caller wants it.
template <typename T>
class PackedRows {
 public:
  // Position p holds row order[p] of the matrix.
  PackedRows(const FloatMatrix& matrix, const std::vector<int64_t>& order, Metric metric,
             const Parallel& parallel, bool normalize = false)
      : PackedRows(matrix, nullptr, order, metric, parallel, normalize) {}

  // The rows of a batch and after them those of its references, in their order.
  PackedRows(const RelatedBatch& batch, Metric metric, const Parallel& parallel,
             bool normalize = false);

  int64_t size() const { return size_; }
  int64_t columns() const { return columns_; }
  int64_t width() const { return width_; }
  bool finite() const { return finite_; }  // no NaN and no infinity in any row
  const T* row(int64_t position) const { return values_.get() + position * width_; }

  // Whether `finish` adds something to the value of some pair, and of this row's pairs.
  bool has_deficits() const { return has_deficits_; }
  bool has_deficit(int64_t position) const {
    return has_deficits_ && deficits_[static_cast<size_t>(position)] != 0;
  }

  // Turns values of pairs of `position` with the positions from `first` on into distances, in
  // place. Not yet the square root of the Euclidean one: what compares distances need not take it.
  void finish(int64_t position, int64_t first, int64_t count, T* values) const {
    finish(position, *this, first, count, values);
  }

  // The same with positions of other rows.
  void finish(int64_t position, const PackedRows& others, int64_t first, int64_t count,
              T* values) const;

  // How fast the distance grows along the difference x − y, for a distance already complete: the
  // gradient of the distance by x is slope · (x − y). At a Euclidean distance of 0 it is 0.
  T slope(T distance) const {
    switch (metric_) {
      case Metric::kEuclidean:
        return distance > 0 ? 1 / distance : 0;
      case Metric::kSquaredEuclidean:
        return 2;
      case Metric::kCosine:
        return 1;
    }
    return 0;
  }

  // Takes the sum of slope-weighted differences of a row back to the row as it was given: through
  // the normalisation where there was one. `weight` is the sum of the weights.
  void backward(int64_t position, T weight, T* gradient) const;

 private:
  // An order that goes beyond the matrix goes on in the references.
  PackedRows(const FloatMatrix& matrix, const FloatMatrix* references,
             const std::vector<int64_t>& order, Metric metric, const Parallel& parallel,
             bool normalize);

  int64_t size_;
  int64_t columns_;
  int64_t width_;
  Metric metric_;
  bool finite_ = true;
  bool has_deficits_ = false;
  ScratchArray<T> values_;
  std::vector<double> norms_;  // normalised only
  std::vector<T> deficits_;  // cosine only: ½(1 − |x̂|²), which is 0 but for rows shorter than 1e-12
};

}  // namespace tripoint::cpu

#endif
