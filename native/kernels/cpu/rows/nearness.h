#ifndef TRIPOINT_KERNELS_CPU_ROWS_NEARNESS_H
#define TRIPOINT_KERNELS_CPU_ROWS_NEARNESS_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// What makes rows near: the three of Metric, where less is nearer, or the product x · y of the pair
// kernel, where more is nearer.
enum class Nearness { kEuclidean, kSquaredEuclidean, kCosine, kDot };

// How rows are packed for it: as they are, or normalised.
inline Metric packing_of(Nearness nearness) {
  return nearness == Nearness::kCosine ? Metric::kCosine : Metric::kSquaredEuclidean;
}

// The values of pairs, as they are ordered (the less the nearer) and as they are given.
template <typename T>
class PairValues {
 public:
  // With a window of given values.
  PairValues(Nearness nearness, std::optional<double> least, std::optional<double> greatest)
      : nearness_(nearness), least_(least), greatest_(greatest) {}

  // Of a row with `count` rows from `first` on.
  void of(const PackedRows<T>& queries, int64_t query, const PackedRows<T>& rows, int64_t first,
          int64_t count, T* values) const {
    const PairKernels<T>& kernels = pair_kernels<T>();
    if (nearness_ == Nearness::kDot) {
      kernels.products(queries.row(query), rows.row(first), rows.width(), count, values);
      for (int64_t j = 0; j < count; ++j) values[j] = -values[j];
    } else {
      kernels.squared_distances(queries.row(query), rows.row(first), rows.width(), count, values);
      queries.finish(query, rows, first, count, values);
    }
  }

  // Of two rows of `width`, but for what PackedRows::finish does.
  T of(const T* x, const T* y, int64_t width) const {
    const PairKernels<T>& kernels = pair_kernels<T>();
    T value;
    if (nearness_ == Nearness::kDot) {
      kernels.products(x, y, width, 1, &value);
      return -value;
    }
    kernels.squared_distances(x, y, width, 1, &value);
    return value;
  }

  T given(T value) const {
    if (nearness_ == Nearness::kDot) return -value;
    return nearness_ == Nearness::kEuclidean ? std::sqrt(value) : value;
  }

  // What stands where no row is left.
  T none() const { return given(std::numeric_limits<T>::infinity()); }

  // Whether it is a number inside the window.
  bool admits(T value) const {
    if (std::isnan(value)) return false;
    const double number = static_cast<double>(given(value));
    return !(least_ && number < *least_) && !(greatest_ && number > *greatest_);
  }

 private:
  Nearness nearness_;
  std::optional<double> least_;
  std::optional<double> greatest_;
};

}  // namespace tripoint::cpu

#endif
