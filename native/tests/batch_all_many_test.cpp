#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "kernels/cpu/loss/batch_all.h"
#include "kernels/cpu/rows/rows.h"
#include "tests/batch_all_calls.h"
#include "tests/batch_oracle.h"
#include "tests/every_triplet.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::all_of;
using test::AllOutcome;
using test::kMetrics;
using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

// Of nine rows in ten the label is one of few, as in classes of trained embeddings.
std::vector<int64_t> few_labels(Random& random, int64_t rows, int64_t classes) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < rows; ++i) {
    labels.push_back(i % 10 == 9 ? classes + i
                                 : static_cast<int64_t>(random() % static_cast<uint64_t>(classes)));
  }
  return labels;
}

template <typename T>
void expect_every_triplet(const test::ScreenBatch& batch, FloatType type, int64_t classes) {
  Random random(81);
  const std::vector<int64_t> labels = few_labels(random, batch.rows, classes);
  const Matrix matrix(batch.values, batch.rows, batch.columns, type);
  std::vector<int64_t> order;
  for (int64_t i = 0; i < batch.rows; ++i) order.push_back(i);
  const Threads one(1);
  const Parallel alone(one);
  for (const Metric metric : kMetrics) {
    const PackedRows<T> rows(matrix.get(), order, metric, alone);
    if (!rows.finite()) continue;
    for (const double margin : {0.3, 0.0}) {
      SCOPED_TRACE(testing::Message()
                   << "metric " << static_cast<int>(metric) << " margin " << margin);
      const auto side = [&](int64_t a, int64_t c) -> int {
        if (a == c) return kNeither;
        return labels[static_cast<size_t>(a)] == labels[static_cast<size_t>(c)] ? kPositive
                                                                                : kNegative;
      };
      const test::EveryTriplet<T> expected(rows, {batch.rows, batch.rows, 0}, side,
                                           nearness_of(metric), static_cast<T>(margin));
      const AllOutcome outcome = all_of(matrix, labels, metric, margin);
      EXPECT_EQ(outcome.active, expected.active);
      EXPECT_EQ(outcome.valid, expected.valid);
      const auto loss = static_cast<double>(expected.loss);
      if (std::isfinite(loss)) {
        EXPECT_NEAR(outcome.loss, loss, (sizeof(T) == 4 ? 1e-5 : 1e-12) * loss);
      }
      // Of normalised rows, the gradient goes on to the rows as they were given.
      if (metric == Metric::kCosine) continue;
      double greatest = 0;
      for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
      if (!std::isfinite(greatest)) continue;
      const double accuracy = sizeof(T) == 4 ? 1e-4 : 1e-12;
      for (int64_t i = 0; i < batch.rows; ++i) {
        for (int64_t k = 0; k < batch.columns; ++k) {
          ASSERT_NEAR(outcome.gradient[static_cast<size_t>(i * batch.columns + k)],
                      expected.gradient[static_cast<size_t>(i * rows.width() + k)],
                      accuracy * greatest + std::numeric_limits<T>::min())
              << "row " << i << " entry " << k;
        }
      }
    }
  }
}

TEST(BatchAllOfLargeClasses, IsTheSumOverEveryTriplet) {
  // Too few rows for products, and enough.
  for (const auto& [rows, classes] : {std::pair<int64_t, int64_t>{97, 2}, {225, 5}}) {
    for (const test::ScreenBatch& batch : test::screen_batches(82, rows)) {
      SCOPED_TRACE(batch.name + ", " + std::to_string(rows) + " rows");
      expect_every_triplet<float>(batch, FloatType::kFloat32, classes);
      expect_every_triplet<double>(batch, FloatType::kFloat64, classes);
      if (testing::Test::HasFailure()) return;
    }
  }
}

TEST(BatchAllOfLargeClasses, HasTheSameBitsForAnyNumberOfThreads) {
  Random random(83);
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{700, 70}, {900, 5}}) {
    std::vector<double> values = test::normal_values(random, rows * columns);
    const std::vector<int64_t> labels = few_labels(random, rows, 6);
    // Some classes so narrow that their pairs are near, and some rows equal.
    for (int64_t i = 0; i < rows; ++i) {
      if (labels[static_cast<size_t>(i)] > 2) continue;
      for (int64_t k = 0; k < columns; ++k) {
        double& value = values[static_cast<size_t>(i * columns + k)];
        value = static_cast<double>(labels[static_cast<size_t>(i)] + k % 3) +
                (i % 7 == 0 ? 0 : 1e-2 * value);
      }
    }
    for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64, FloatType::kBFloat16}) {
      const Matrix matrix(values, rows, columns, type);
      for (const Metric metric : kMetrics) {
        const AllOutcome one = all_of(matrix, labels, metric, 0.5, 1);
        EXPECT_GT(one.active, 0);
        for (const int threads : {2, 3, 8}) {
          EXPECT_EQ(all_of(matrix, labels, metric, 0.5, threads), one) << threads;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
