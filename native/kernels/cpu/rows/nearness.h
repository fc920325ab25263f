#ifndef TRIPOINT_KERNELS_CPU_ROWS_NEARNESS_H
#define TRIPOINT_KERNELS_CPU_ROWS_NEARNESS_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

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

// The metric, whose slope rows give too; products have none.
inline Metric metric_of(Nearness nearness) {
  return nearness == Nearness::kEuclidean ? Metric::kEuclidean : packing_of(nearness);
}

inline Nearness nearness_of(Metric metric) {
  switch (metric) {
    case Metric::kEuclidean:
      return Nearness::kEuclidean;
    case Metric::kSquaredEuclidean:
      return Nearness::kSquaredEuclidean;
    case Metric::kCosine:
      break;
  }
  return Nearness::kCosine;
}

// How fast a complete distance grows along x − y, or, as the distance −x · y does, along −y.
template <typename T>
T slope_of(const PackedRows<T>& rows, T distance, Nearness nearness) {
  return nearness == Nearness::kDot ? T{1} : rows.slope(distance);
}

// The distance of a value as PairValues orders them.
template <typename T>
T distance_of(T value, Nearness nearness) {
  return nearness == Nearness::kEuclidean ? std::sqrt(value) : value;
}

// What differences to other rows are taken from, for the gradient of distances: a row itself. The
// distance −x · y grows along −y as others do along x − y, so there it is zeros.
template <typename T>
class OwnRows {
 public:
  OwnRows(const PackedRows<T>& rows, Nearness nearness)
      : rows_(rows),
        zeros_(nearness == Nearness::kDot ? static_cast<size_t>(rows.width()) : 0, T{0}) {}

  const T* row(int64_t position) const {
    return zeros_.empty() ? rows_.row(position) : zeros_.data();
  }

 private:
  const PackedRows<T>& rows_;
  const std::vector<T> zeros_;
};

// Whether each pair has a distance that is a number: all rows are finite, and no product of them
// goes beyond T.
template <typename T>
bool all_measurable(const PackedRows<T>& rows, Nearness nearness) {
  if (nearness != Nearness::kDot || !rows.finite()) return rows.finite();
  for (int64_t p = 0; p < rows.size(); ++p) {
    double square = 0;
    for (int64_t k = 0; k < rows.columns(); ++k) {
      square += static_cast<double>(rows.row(p)[k]) * static_cast<double>(rows.row(p)[k]);
    }
    if (!(square < static_cast<double>(std::numeric_limits<T>::max()) / 4)) return false;
  }
  return true;
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

  // Of a row with the rows at `places`, but for what PackedRows::finish does.
  void at(const T* x, const T* y, int64_t width, const std::vector<int64_t>& places,
          T* values) const {
    const PairKernels<T>& kernels = pair_kernels<T>();
    const auto count = static_cast<int64_t>(places.size());
    if (nearness_ == Nearness::kDot) {
      kernels.products_at(x, y, width, places.data(), count, values);
      for (int64_t j = 0; j < count; ++j) values[j] = -values[j];
    } else {
      kernels.squared_distances_at(x, y, width, places.data(), count, values);
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
    if (!least_ && !greatest_) return true;
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
