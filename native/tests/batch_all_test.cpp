#include "kernels/cpu/loss/batch_all.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

#include "kernels/cpu/loss/batch_all_scan.h"
#include "kernels/cpu/loss/batch_all_tiles.h"
#include "kernels/cpu/tile/float_tile.h"
#include "tests/batch_all_calls.h"
#include "tests/batch_oracle.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::all_of;
using test::AllOutcome;
using test::Batch;
using test::kMetrics;
using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

Batch random_batch(Random& random, int64_t rows, int64_t columns, int64_t classes) {
  return {test::normal_values(random, rows * columns), test::ragged_labels(random, rows, classes),
          rows, columns};
}

TEST(BatchAll, IsTheDefinition) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 3, 13, 40, 65};
    const int64_t widths[] = {1, 3, 8, 17, 128};
    // Some with enough rows for tiles.
    const int64_t rows = seed % 25 == 3 ? 203 : sizes[seed % 6];
    // From one class (each positive by search) to all distinct.
    const int64_t classes = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(rows + 1));
    const Batch batch = random_batch(random, rows, widths[seed % 5], seed % 3 == 0 ? 2 : classes);
    for (const Metric metric : kMetrics) {
      for (const double margin : {0.0, 0.3, 4.0}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " metric " << static_cast<int>(metric)
                                        << " margin " << margin);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
        const Batch::All expected = batch.all(metric, margin);
        const AllOutcome outcome = all_of(matrix, batch.labels, metric, margin);
        EXPECT_EQ(outcome.valid, expected.valid);
        if (expected.gap < 1e-12) continue;
        EXPECT_EQ(outcome.active, expected.active);
        EXPECT_NEAR(outcome.loss, expected.loss, 1e-11 * (1 + expected.loss));
      }
    }
  }
}

TEST(BatchAll, CountsTiesOfWholeNumbersExactly) {
  for (uint64_t seed = 1000; seed < 1100; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {2, 13, 60};
    Batch batch = random_batch(random, sizes[seed % 3], 1 + static_cast<int64_t>(seed % 4),
                               seed % 2 == 0 ? 2 : 6);
    batch.embeddings = test::tied_values(random, batch.rows * batch.columns);
    for (const FloatType type :
         {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
      for (const double margin : {0.0, 1.0, 2.0}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " margin " << margin);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, type, 1, seed % 2 == 0);
        const Batch::All expected = batch.all(Metric::kSquaredEuclidean, margin);
        const AllOutcome outcome = all_of(matrix, batch.labels, Metric::kSquaredEuclidean, margin);
        EXPECT_EQ(outcome.active, expected.active);
        EXPECT_EQ(outcome.valid, expected.valid);
        EXPECT_NEAR(outcome.loss, expected.loss, 1e-12 * (1 + expected.loss));
      }
    }
  }
}

TEST(BatchAll, GradientIsTheDerivative) {
  for (uint64_t seed = 2000; seed < 2080; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {3, 7, 13, 24};
    const int64_t widths[] = {1, 3, 8, 17};
    const int64_t rows = sizes[seed % 4];
    Batch batch = random_batch(random, rows, widths[(seed / 4) % 4], rows == 24 ? 2 : 4);
    for (const Metric metric : kMetrics) {
      const double margin = 0.3;
      if (metric == Metric::kCosine && batch.columns == 1) continue;
      if (batch.all(metric, margin).gap < 1e-5) continue;
      SCOPED_TRACE(testing::Message() << "seed " << seed << " metric " << static_cast<int>(metric));
      const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
      const AllOutcome outcome = all_of(matrix, batch.labels, metric, margin);
      for (size_t e = 0; e < batch.embeddings.size(); e += 1 + e % 3) {
        const double kept = batch.embeddings[e];
        const double step = 1e-7;
        batch.embeddings[e] = kept + step;
        const double above = batch.all(metric, margin).loss;
        batch.embeddings[e] = kept - step;
        const double below = batch.all(metric, margin).loss;
        batch.embeddings[e] = kept;
        const double slope = (above - below) / (2 * step);
        ASSERT_NEAR(outcome.gradient[e], slope, 2e-6 * (1 + std::abs(slope))) << "entry " << e;
      }
    }
  }
}

TEST(BatchAll, HasTheSameBitsForAnyNumberOfThreads) {
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (const Metric metric : kMetrics) {
      for (const int64_t classes : {2, 40}) {
        Random random(31);
        const Batch batch = random_batch(random, 207, 33, classes);
        const Matrix matrix(batch.embeddings, batch.rows, batch.columns, type);
        const AllOutcome one = all_of(matrix, batch.labels, metric, 0.5, 1);
        EXPECT_GT(one.active, 0);
        for (const int threads : {2, 3, 8}) {
          EXPECT_EQ(all_of(matrix, batch.labels, metric, 0.5, threads), one) << threads;
        }
      }
    }
  }
}

TEST(BatchAll, ManyAndFewPositivesAgree) {
  // 16 positives are compared one by one, 17 are searched: around the change, both are the
  // definition in float32 too.
  for (const int64_t members : {16, 17, 18, 19}) {
    Random random(33);
    Batch batch{test::normal_values(random, 3 * members * 8), {}, 3 * members, 8};
    for (int64_t i = 0; i < batch.rows; ++i) batch.labels.push_back(i % 3);
    const Matrix narrow(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat32);
    batch.embeddings = narrow.values();
    const Batch::All expected = batch.all(Metric::kEuclidean, 0.5);
    const AllOutcome outcome = all_of(narrow, batch.labels, Metric::kEuclidean, 0.5);
    EXPECT_NEAR(static_cast<double>(outcome.active), static_cast<double>(expected.active), 2);
    EXPECT_NEAR(outcome.loss, expected.loss, 1e-4);
  }
}

template <typename T>
int tiles_and_scan_agree(const test::ScreenBatch& batch, FloatType type, uint64_t seed) {
  Random random(seed);
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < batch.rows; ++i) {
    labels.push_back(static_cast<int64_t>(random() % static_cast<uint64_t>(batch.rows / 5)));
  }
  const Matrix matrix(batch.values, batch.rows, batch.columns, type);
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const ClassOrder order(stored.get());
  int tiled = 0;
  const bool brief = batch.rows > 1000;
  for (const Metric metric : kMetrics) {
    for (const double margin : {0.3, 0.0, 4.0, -0.5}) {
      if (brief && (metric != Metric::kEuclidean || margin != 0.3)) continue;
      const Threads one(1);
      const Parallel alone(one);
      const PackedRows<T> rows(matrix.get(), order.row, metric, alone);
      if (!rows.finite()) continue;
      const BatchAllInput<T> input{
          rows, order, nearness_of(metric), static_cast<T>(margin), {LossMean::kAboveZero, 0},
          alone};
      const Result by_tiles(batch.rows, batch.columns, type);
      const Result by_scan(batch.rows, batch.columns, type);
      const auto tiles = tile_batch_all(input, {by_tiles.data(), type});
      if (!tiles) continue;
      ++tiled;
      const BatchAllSums scan = scan_batch_all(input, {by_scan.data(), type});
      EXPECT_EQ(tiles->active, scan.active) << "margin " << margin;
      const double accuracy = sizeof(T) == 4 ? 1e-5 : 1e-13;
      EXPECT_NEAR(tiles->loss, scan.loss, accuracy * scan.loss) << "margin " << margin;
      const std::vector<double> found = by_tiles.values(), expected = by_scan.values();
      double greatest = 0;
      for (const double value : expected) greatest = std::max(greatest, std::abs(value));
      for (size_t e = 0; e < found.size(); ++e) {
        EXPECT_NEAR(found[e], expected[e], 4 * accuracy * greatest) << "entry " << e;
        if (testing::Test::HasFailure()) return tiled;
      }
    }
  }
  return tiled;
}

TEST(BatchAll, TilesGiveWhatTheScanGives) {
  if (float_tile_kernels<float>() == nullptr) {
    GTEST_SKIP() << "this processor has no fused multiply-add";
  }
  int tiled = 0;
  for (const int64_t rows : {199, 311, 2051}) {
    for (const test::ScreenBatch& batch : test::screen_batches(61, rows)) {
      if (rows > 1000 && batch.name != "huge and tiny" && batch.name != "one column") continue;
      SCOPED_TRACE(testing::Message() << rows << " rows, " << batch.name);
      tiled += tiles_and_scan_agree<float>(batch, FloatType::kFloat32, 62);
      tiled += tiles_and_scan_agree<double>(batch, FloatType::kFloat64, 63);
    }
  }
  EXPECT_GT(tiled, 200);
}

TEST(BatchAll, TilesHaveTheSameBitsForAnyNumberOfThreads) {
  Random random(71);
  for (const auto& [rows, columns] : {std::pair<int64_t, int64_t>{500, 16}, {2100, 9}}) {
    const Batch batch = random_batch(random, rows, columns, rows / 6);
    const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat32);
    const AllOutcome one = all_of(matrix, batch.labels, Metric::kEuclidean, 0.5, 1);
    for (const int threads : {2, 3, 8}) {
      EXPECT_EQ(all_of(matrix, batch.labels, Metric::kEuclidean, 0.5, threads), one) << threads;
    }
  }
}

TEST(BatchAll, ReadsStridesAndAllTypes) {
  Random random(41);
  const Batch batch = random_batch(random, 50, 17, 6);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    const Matrix plain(batch.embeddings, batch.rows, batch.columns, type);
    const AllOutcome expected = all_of(plain, batch.labels, Metric::kEuclidean, 0.5);
    for (const bool columns_first : {false, true}) {
      for (const int64_t gap : {0, 1, 5}) {
        const Matrix strided(batch.embeddings, batch.rows, batch.columns, type, gap, columns_first);
        EXPECT_EQ(all_of(strided, batch.labels, Metric::kEuclidean, 0.5), expected);
      }
    }
  }
}

TEST(BatchAll, WithoutTripletsTheLossIsZero) {
  Random random(51);
  const std::vector<double> values = test::normal_values(random, 4 * 3);
  const Matrix matrix(values, 4, 3, FloatType::kFloat32);
  for (const Metric metric : kMetrics) {
    for (const std::vector<int64_t>& labels :
         {std::vector<int64_t>{5, 5, 5, 5}, std::vector<int64_t>{0, 1, 2, 3}}) {
      const AllOutcome expected{0, 0, 0, std::vector<double>(12, 0.0)};
      EXPECT_EQ(all_of(matrix, labels, metric, 1.0), expected);
    }
  }
  const AllOutcome nothing{0, 0, 0, {}};
  EXPECT_EQ(all_of(Matrix({}, 0, 3, FloatType::kFloat32), {}, Metric::kEuclidean, 1.0), nothing);
}

TEST(BatchAll, CollapsedBatchGivesTheMarginAndNoGradient) {
  const Matrix matrix(std::vector<double>(5 * 3, 0.7), 5, 3, FloatType::kFloat32);
  for (const Metric metric : kMetrics) {
    const AllOutcome outcome = all_of(matrix, {0, 1, 0, 1, 2}, metric, 0.25);
    EXPECT_EQ(outcome.loss, 0.25);
    EXPECT_EQ(outcome.active, outcome.valid);
    EXPECT_EQ(outcome.valid, 12);
    EXPECT_EQ(outcome.gradient, std::vector<double>(15, 0.0));
  }
}

TEST(BatchAll, WhatIsNotFiniteGivesNaN) {
  const Matrix matrix({0, 1, 2, std::numeric_limits<double>::quiet_NaN(), 4, 5}, 3, 2,
                      FloatType::kFloat32);
  const AllOutcome outcome = all_of(matrix, {0, 0, 1}, Metric::kEuclidean, 1);
  EXPECT_TRUE(std::isnan(outcome.loss));
  EXPECT_EQ(outcome.active, 0);
  EXPECT_EQ(outcome.valid, 2);
  for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace tripoint::cpu
