#ifndef TRIPOINT_TESTS_BATCH_ORACLE_H
#define TRIPOINT_TESTS_BATCH_ORACLE_H

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/cpu/rows/rows.h"

namespace tripoint::test {

// Plain, slow and in double: what the losses are by their definition.
struct Batch {
  std::vector<double> embeddings;
  std::vector<int64_t> labels;
  int64_t rows;
  int64_t columns;

  double at(int64_t i, int64_t k) const { return embeddings[static_cast<size_t>(i * columns + k)]; }
  bool same(int64_t i, int64_t j) const {
    return labels[static_cast<size_t>(i)] == labels[static_cast<size_t>(j)];
  }

  double distance(int64_t i, int64_t j, cpu::Metric metric) const {
    double square = 0, product = 0, own = 0, other = 0;
    for (int64_t k = 0; k < columns; ++k) {
      const double difference = at(i, k) - at(j, k);
      square += difference * difference;
      product += at(i, k) * at(j, k);
      own += at(i, k) * at(i, k);
      other += at(j, k) * at(j, k);
    }
    switch (metric) {
      case cpu::Metric::kEuclidean:
        return std::sqrt(square);
      case cpu::Metric::kSquaredEuclidean:
        return square;
      case cpu::Metric::kCosine:
        return 1 - product / (std::max(std::sqrt(own), 1e-12) * std::max(std::sqrt(other), 1e-12));
    }
    return 0;
  }

  struct Hard {
    double loss;
    std::vector<int64_t> positive, negative;
    double gap;  // how far the closest decision is from going the other way
  };

  Hard hard(cpu::Metric metric, double margin, bool soft) const {
    Hard result{0, {}, {}, std::numeric_limits<double>::infinity()};
    for (int64_t i = 0; i < rows; ++i) {
      int64_t positive = -1, negative = -1;
      for (int64_t j = 0; j < rows; ++j) {
        if (j == i) continue;
        const double d = distance(i, j, metric);
        if (same(i, j) && (positive < 0 || d > distance(i, positive, metric))) positive = j;
        if (!same(i, j) && (negative < 0 || d < distance(i, negative, metric))) negative = j;
      }
      for (int64_t j = 0; j < rows; ++j) {
        const int64_t chosen = same(i, j) ? positive : negative;
        if (j == i || j == chosen) continue;
        result.gap =
            std::min(result.gap, std::abs(distance(i, j, metric) - distance(i, chosen, metric)));
      }
      const double farthest = positive < 0 ? 0 : distance(i, positive, metric);
      const double nearest = negative < 0 ? farthest : distance(i, negative, metric);
      const double violation = farthest - nearest;
      if (soft) {
        result.loss += std::log1p(std::exp(violation));
      } else {
        result.loss += std::max(0.0, violation + margin);
        result.gap = std::min(result.gap, std::abs(violation + margin));
      }
      result.positive.push_back(positive);
      result.negative.push_back(negative);
    }
    result.loss /= static_cast<double>(rows);
    return result;
  }

  struct All {
    double loss;
    int64_t active, valid;
    double gap;
  };

  All all(cpu::Metric metric, double margin) const {
    All result{0, 0, 0, std::numeric_limits<double>::infinity()};
    std::vector<double> distances;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < rows; ++j) distances.push_back(distance(i, j, metric));
    }
    const auto between = [&](int64_t i, int64_t j) {
      return distances[static_cast<size_t>(i * rows + j)];
    };
    for (int64_t a = 0; a < rows; ++a) {
      for (int64_t p = 0; p < rows; ++p) {
        if (p == a || !same(a, p)) continue;
        for (int64_t n = 0; n < rows; ++n) {
          if (same(a, n)) continue;
          const double loss = between(a, p) - between(a, n) + margin;
          ++result.valid;
          if (loss > 1e-16) ++result.active;
          if (loss > 0) result.loss += loss;
          result.gap = std::min(result.gap, std::abs(loss));
        }
      }
    }
    result.loss /= static_cast<double>(result.active) + 1e-16;
    return result;
  }
};

inline constexpr cpu::Metric kMetrics[] = {cpu::Metric::kEuclidean, cpu::Metric::kSquaredEuclidean,
                                           cpu::Metric::kCosine};

}  // namespace tripoint::test

#endif
