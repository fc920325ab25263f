#include "kernels/cpu/loss/batch_hard.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/batch_oracle.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Batch;
using test::kMetrics;
using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

struct Outcome {
  double loss;
  std::vector<double> gradient;
  std::vector<int64_t> positive, negative;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const Matrix& matrix, const std::vector<int64_t>& labels, Metric metric,
                double margin, bool soft, int threads = 1, Screening screening = Screening::kOn) {
  const FloatMatrix& rows = matrix.get();
  const Labels<int32_t> stored(labels, IntegerType::kInt32, 2);
  const Result gradient(rows.rows, rows.columns, rows.type);
  Outcome outcome;
  outcome.positive.resize(labels.size());
  outcome.negative.resize(labels.size());
  const Threads loop(threads);
  outcome.loss = batch_hard(rows, stored.get(), metric, margin, soft, screening, loop,
                            {gradient.data(), outcome.positive.data(), outcome.negative.data()});
  outcome.gradient = gradient.values();
  return outcome;
}

Batch random_batch(Random& random, int64_t rows, int64_t columns, bool tied) {
  const int64_t classes = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(rows + 1));
  return {tied ? test::tied_values(random, rows * columns)
               : test::normal_values(random, rows * columns),
          test::ragged_labels(random, rows, classes), rows, columns};
}

TEST(BatchHard, IsTheDefinition) {
  for (uint64_t seed = 0; seed < 240; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 3, 13, 40, 65};
    const int64_t widths[] = {1, 3, 8, 17, 128};
    const Batch batch = random_batch(random, sizes[seed % 6], widths[seed % 5], false);
    const double margin = seed % 4 == 0 ? 0.0 : 0.3;
    for (const Metric metric : kMetrics) {
      for (const bool soft : {false, true}) {
        SCOPED_TRACE(testing::Message()
                     << "seed " << seed << " metric " << static_cast<int>(metric) << soft);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
        const Batch::Hard expected = batch.hard(metric, margin, soft);
        const Outcome outcome = compute(matrix, batch.labels, metric, margin, soft);
        EXPECT_NEAR(outcome.loss, expected.loss, 1e-11 * (1 + expected.loss));
        if (expected.gap > 1e-9) {
          EXPECT_EQ(outcome.positive, expected.positive);
          EXPECT_EQ(outcome.negative, expected.negative);
        }
      }
    }
  }
}

TEST(BatchHard, TakesTheLowestIndexOfEqualDistances) {
  for (uint64_t seed = 1000; seed < 1200; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {2, 13, 70};
    const Batch batch =
        random_batch(random, sizes[seed % 3], 1 + static_cast<int64_t>(seed % 4), true);
    for (const Metric metric : {Metric::kEuclidean, Metric::kSquaredEuclidean}) {
      for (const FloatType type :
           {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, type, 1, seed % 2 == 0);
        const Batch::Hard expected = batch.hard(metric, 1.0, false);
        const Outcome outcome = compute(matrix, batch.labels, metric, 1.0, false);
        EXPECT_NEAR(outcome.loss, expected.loss, 1e-5);
        EXPECT_EQ(outcome.positive, expected.positive);
        EXPECT_EQ(outcome.negative, expected.negative);
      }
    }
  }
}

TEST(BatchHard, GradientIsTheDerivative) {
  for (uint64_t seed = 2000; seed < 2120; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {2, 3, 7, 13};
    const int64_t widths[] = {1, 3, 8, 17};
    Batch batch = random_batch(random, sizes[seed % 4], widths[(seed / 4) % 4], false);
    const double margin = 0.3;
    for (const Metric metric : kMetrics) {
      for (const bool soft : {false, true}) {
        if (batch.hard(metric, margin, soft).gap < 1e-4) continue;
        if (metric == Metric::kCosine && batch.columns == 1) continue;
        SCOPED_TRACE(testing::Message()
                     << "seed " << seed << " metric " << static_cast<int>(metric) << soft);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
        const Outcome outcome = compute(matrix, batch.labels, metric, margin, soft);
        for (size_t e = 0; e < batch.embeddings.size(); ++e) {
          const double kept = batch.embeddings[e];
          const double step = 1e-6;
          batch.embeddings[e] = kept + step;
          const double above = batch.hard(metric, margin, soft).loss;
          batch.embeddings[e] = kept - step;
          const double below = batch.hard(metric, margin, soft).loss;
          batch.embeddings[e] = kept;
          const double slope = (above - below) / (2 * step);
          ASSERT_NEAR(outcome.gradient[e], slope, 1e-6 * (1 + std::abs(slope))) << "entry " << e;
        }
      }
    }
  }
}

TEST(BatchHard, HasTheSameBitsForAnyNumberOfThreads) {
  for (const bool tied : {false, true}) {
    for (const FloatType type :
         {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
      for (const Metric metric : kMetrics) {
        Random random(31);
        const Batch batch = random_batch(random, 207, 33, tied);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, type);
        const Outcome one = compute(matrix, batch.labels, metric, 0.5, false, 1);
        for (const int threads : {2, 3, 8}) {
          EXPECT_EQ(compute(matrix, batch.labels, metric, 0.5, false, threads), one) << threads;
        }
      }
    }
  }
}

TEST(BatchHard, ReadsStridesAndAllTypes) {
  Random random(41);
  const Batch batch = random_batch(random, 50, 17, false);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    const Matrix plain(batch.embeddings, batch.rows, batch.columns, type);
    const Outcome expected = compute(plain, batch.labels, Metric::kEuclidean, 0.5, false);
    for (const bool columns_first : {false, true}) {
      for (const int64_t gap : {0, 1, 5}) {
        const Matrix strided(batch.embeddings, batch.rows, batch.columns, type, gap, columns_first);
        EXPECT_EQ(compute(strided, batch.labels, Metric::kEuclidean, 0.5, false), expected);
      }
    }
    // Half precision is computed in float32 from the rounded values, and its gradient is rounded
    // once.
    Batch rounded = batch;
    rounded.embeddings = plain.values();
    const Batch::Hard oracle = rounded.hard(Metric::kEuclidean, 0.5, false);
    EXPECT_NEAR(expected.loss, oracle.loss, 1e-5);
    const Matrix wide(rounded.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
    const Outcome in_double = compute(wide, batch.labels, Metric::kEuclidean, 0.5, false);
    const double precision = type == FloatType::kBFloat16 ? 1e-2 : 2e-3;
    for (size_t e = 0; e < in_double.gradient.size(); ++e) {
      EXPECT_NEAR(expected.gradient[e], in_double.gradient[e],
                  precision * std::abs(in_double.gradient[e]) + 1e-6);
    }
  }
}

TEST(BatchHard, OneClassGivesTheMarginAndNoGradient) {
  Random random(51);
  const std::vector<double> values = test::normal_values(random, 6 * 4);
  for (const int64_t rows : {1, 2, 6}) {
    const Matrix matrix(std::vector<double>(values.begin(), values.begin() + rows * 4), rows, 4,
                        FloatType::kFloat64);
    const std::vector<int64_t> labels(static_cast<size_t>(rows), 9);
    for (const Metric metric : kMetrics) {
      const Outcome outcome = compute(matrix, labels, metric, 0.75, false);
      EXPECT_EQ(outcome.loss, 0.75);
      EXPECT_EQ(outcome.gradient, std::vector<double>(static_cast<size_t>(rows * 4), 0.0));
      EXPECT_EQ(outcome.negative, std::vector<int64_t>(static_cast<size_t>(rows), -1));
      const Outcome soft = compute(matrix, labels, metric, 0.75, true);
      EXPECT_DOUBLE_EQ(soft.loss, std::log(2.0));
      EXPECT_EQ(soft.gradient, outcome.gradient);
    }
  }
}

TEST(BatchHard, CollapsedBatchGivesTheMarginAndNoGradient) {
  const std::vector<int64_t> labels = {0, 1, 0, 1, 2};
  const Matrix matrix(std::vector<double>(5 * 3, 0.7), 5, 3, FloatType::kFloat32);
  for (const Metric metric : kMetrics) {
    const Outcome outcome = compute(matrix, labels, metric, 0.25, false);
    EXPECT_EQ(outcome.loss, 0.25);
    EXPECT_EQ(outcome.gradient, std::vector<double>(15, 0.0));
    EXPECT_EQ(outcome.positive, (std::vector<int64_t>{2, 3, 0, 1, -1}));
    EXPECT_EQ(outcome.negative, (std::vector<int64_t>{1, 0, 1, 0, 0}));
  }
}

TEST(BatchHard, NearlyCollapsedRowsKeepTheirGradient) {
  // Spread 1e-5 about a far point: a Gram form would have lost all of it.
  Random random(61);
  Batch batch = random_batch(random, 24, 16, false);
  for (double& value : batch.embeddings) value = 3 + 1e-5 * value;
  const Matrix narrow(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat32);
  const Matrix wide(narrow.values(), batch.rows, batch.columns, FloatType::kFloat64);
  for (const Metric metric : {Metric::kEuclidean, Metric::kSquaredEuclidean}) {
    const Outcome expected = compute(wide, batch.labels, metric, 1.0, false);
    const Outcome outcome = compute(narrow, batch.labels, metric, 1.0, false);
    double greatest = 0;
    for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
    for (size_t e = 0; e < expected.gradient.size(); ++e) {
      EXPECT_NEAR(outcome.gradient[e], expected.gradient[e], 1e-5 * greatest);
    }
  }
}

TEST(BatchHard, SoftMarginDoesNotOverflow) {
  const Matrix matrix({0, 0, 3e4, 0, 1, 0}, 3, 2, FloatType::kFloat32);
  const Outcome outcome = compute(matrix, {0, 0, 1}, Metric::kEuclidean, 0, true);
  EXPECT_TRUE(std::isfinite(outcome.loss));
  // Violations 29999, 1 and, of the row without a positive, -1.
  EXPECT_NEAR(outcome.loss, (29999.0 + std::log1p(std::exp(1.0)) + std::log1p(std::exp(-1.0))) / 3,
              1e-2);
}

TEST(BatchHard, ZeroRowsHaveCosineDistanceOne) {
  const Matrix matrix({0, 0, 1, 0, 0, 0, -1, 0}, 4, 2, FloatType::kFloat64);
  const Outcome outcome = compute(matrix, {0, 0, 1, 1}, Metric::kCosine, 5, false);
  // Anchors 0 … 3: positives 1, 1, 1, 1; nearest negatives 1 (row 2), 1 (row 2), 1 (row 0), 1 (row
  // 0).
  EXPECT_DOUBLE_EQ(outcome.loss, 5);
  EXPECT_EQ(outcome.negative, (std::vector<int64_t>{2, 2, 0, 0}));
}

TEST(BatchHard, WhatIsNotFiniteGivesNaN) {
  for (const double bad :
       {std::numeric_limits<double>::quiet_NaN(), std::numeric_limits<double>::infinity()}) {
    const Matrix matrix({0, 1, 2, bad, 4, 5}, 3, 2, FloatType::kFloat32);
    for (const Metric metric : kMetrics) {
      const Outcome outcome = compute(matrix, {0, 0, 1}, metric, 1, false);
      EXPECT_TRUE(std::isnan(outcome.loss));
      for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
      EXPECT_EQ(outcome.positive, std::vector<int64_t>(3, -1));
      EXPECT_EQ(outcome.negative, std::vector<int64_t>(3, -1));
    }
  }
}

TEST(BatchHard, RowsWithoutColumnsAreAllEqual) {
  const Matrix matrix({}, 3, 0, FloatType::kFloat32);
  const Outcome outcome = compute(matrix, {0, 0, 1}, Metric::kEuclidean, 1, false);
  EXPECT_EQ(outcome.loss, 1);
}

}  // namespace
}  // namespace tripoint::cpu
