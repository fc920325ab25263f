#ifndef TRIPOINT_TESTS_EVERY_TRIPLET_H
#define TRIPOINT_TESTS_EVERY_TRIPLET_H

#include <cmath>
#include <cstdint>
#include <vector>

#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::test {

// How many anchors and columns there are, and the position of column 0.
struct Extent {
  int64_t anchors;
  int64_t columns;
  int64_t first_column;
};

// Batch-all by every triplet by itself, on the distances of the pair kernel: what is active is so
// to the bit. The gradient is by packed rows.
template <typename T>
struct EveryTriplet {
  template <typename Side>
  EveryTriplet(const cpu::PackedRows<T>& rows, const Extent& extent, Side&& side,
               cpu::Nearness nearness, T margin)
      : gradient(at(rows.size() * rows.width())) {
    std::vector<T> distances(at(extent.columns));
    for (int64_t a = 0; a < extent.anchors; ++a) {
      const bool product = nearness == cpu::Nearness::kDot;
      const cpu::PairKernels<T>& kernels = cpu::portable_pair_kernels<T>();
      (product ? kernels.products : kernels.squared_distances)(
          rows.row(a), rows.row(extent.first_column), rows.width(), extent.columns,
          distances.data());
      rows.finish(a, extent.first_column, extent.columns, distances.data());
      for (T& distance : distances) {
        distance = product                                 ? -distance
                   : nearness == cpu::Nearness::kEuclidean ? std::sqrt(distance)
                                                           : distance;
      }
      std::vector<double> hits(at(extent.columns), 0.0);
      for (int64_t p = 0; p < extent.columns; ++p) {
        if (side(a, p) != cpu::kPositive) continue;
        for (int64_t n = 0; n < extent.columns; ++n) {
          if (side(a, n) != cpu::kNegative) continue;
          const T cost = (distances[at(p)] - distances[at(n)]) + margin;
          ++valid;
          if (cost > static_cast<T>(1e-16)) ++active;
          if (!(cost > 0)) continue;
          loss += static_cast<long double>(cost);
          ++hits[at(p)];
          --hits[at(n)];
        }
      }
      for (int64_t j = 0; j < extent.columns; ++j) {
        if (hits[at(j)] == 0) continue;
        const int64_t q = extent.first_column + j;
        const double weight =
            hits[at(j)] * (product ? 1 : static_cast<double>(rows.slope(distances[at(j)])));
        for (int64_t k = 0; k < rows.width(); ++k) {
          const double x = rows.row(a)[k], y = rows.row(q)[k];
          gradient[at(a * rows.width() + k)] += weight * (product ? -y : x - y);
          gradient[at(q * rows.width() + k)] += weight * (product ? -x : y - x);
        }
      }
    }
    const double divisor = static_cast<double>(active) + 1e-16;
    loss /= divisor;
    for (double& part : gradient) part /= divisor;
  }

  static size_t at(int64_t index) { return static_cast<size_t>(index); }

  long double loss = 0;
  int64_t active = 0;
  int64_t valid = 0;
  std::vector<double> gradient;
};

}  // namespace tripoint::test

#endif
