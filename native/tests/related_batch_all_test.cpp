#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/loss/batch_all.h"
#include "tests/batch_oracle.h"
#include "tests/every_triplet.h"
#include "tests/related_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::kGivens;
using test::kMetrics;
using test::Random;
using test::RelatedCase;
using test::Result;
using test::Threads;

struct Outcome {
  BatchAllResult result;
  std::vector<double> gradient;

  bool operator==(const Outcome& other) const {
    return result.loss == other.result.loss && result.active == other.result.active &&
           result.valid == other.result.valid && gradient == other.gradient;
  }
};

Outcome compute(const RelatedBatch& batch, Metric metric, double margin, int threads = 2) {
  const Result gradient(batch.rows(), batch.embeddings.columns, batch.embeddings.type);
  const BatchAllResult result = batch_all(batch, metric, margin, Threads(threads), gradient.data());
  return {result, gradient.values()};
}

template <typename T>
void expect_every_triplet(RelatedCase& all, Metric metric, double margin) {
  const RelatedBatch batch = all.batch();
  const Threads one(1);
  const PackedRows<T> rows(batch, metric, one);
  const test::EveryTriplet<T> expected(
      rows, {all.rows(), all.columns(), batch.first_column()},
      [&](int64_t a, int64_t c) { return all.side(a, c); }, metric, static_cast<T>(margin));
  const Outcome outcome = compute(batch, metric, margin);
  EXPECT_EQ(outcome.result.active, expected.active);
  EXPECT_EQ(outcome.result.valid, expected.valid);
  const auto loss = static_cast<double>(expected.loss);
  EXPECT_NEAR(outcome.result.loss, loss, (sizeof(T) == 4 ? 1e-5 : 1e-12) * loss);
  if (metric == Metric::kCosine) return;
  double greatest = 0;
  for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
  for (int64_t i = 0; i < batch.rows(); ++i) {
    for (int64_t k = 0; k < rows.columns(); ++k) {
      ASSERT_NEAR(outcome.gradient[static_cast<size_t>(i * rows.columns() + k)],
                  expected.gradient[static_cast<size_t>(i * rows.width() + k)],
                  (sizeof(T) == 4 ? 1e-5 : 1e-12) * greatest)
          << "row " << i << " entry " << k;
    }
  }
}

TEST(RelatedBatchAll, IsTheSumOverEveryTriplet) {
  uint64_t seed = 0;
  for (const auto& [rows, references] :
       {std::pair<int64_t, int64_t>{1, -1}, {13, -1}, {230, -1}, {5, 40}, {101, 520}, {300, 7}}) {
    for (const Given given : kGivens) {
      for (const int64_t rarity : {2, 12}) {
        SCOPED_TRACE(testing::Message() << rows << " rows, " << references << " references, given "
                                        << static_cast<int>(given) << ", rarity " << rarity);
        Random random(++seed);
        const int64_t width = seed % 2 == 0 ? 7 : 40;
        const int64_t others = std::max<int64_t>(references, 0);
        std::vector<double> embeddings = test::normal_values(random, rows * width);
        const std::vector<double> theirs = test::normal_values(random, others * width);
        // Some rows nearly where some others are.
        for (int64_t e = 0; e < std::min(rows, others) * width; e += 3 * width) {
          for (int64_t k = 0; k < width; ++k) {
            embeddings[static_cast<size_t>(e + k)] = theirs[static_cast<size_t>(e + k)] + 1e-3 * k;
          }
        }
        for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64}) {
          RelatedCase all(random, embeddings, theirs, rows, references, width, type, given, rarity);
          for (const Metric metric : kMetrics) {
            if (type == FloatType::kFloat32) {
              expect_every_triplet<float>(all, metric, 0.3);
            } else {
              expect_every_triplet<double>(all, metric, 0.3);
            }
            if (testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(RelatedBatchAll, HasTheSameBitsForAnyNumberOfThreads) {
  for (const Given given : {Given::kLabelsPartly, Given::kBits}) {
    Random random(91);
    RelatedCase all(random, test::normal_values(random, 211 * 33),
                    test::normal_values(random, 430 * 33), 211, 430, 33, FloatType::kFloat32, given,
                    3);
    for (const Metric metric : kMetrics) {
      const Outcome one = compute(all.batch(), metric, 0.5, 1);
      EXPECT_GT(one.result.active, 0);
      for (const int threads : {2, 3, 8}) {
        EXPECT_EQ(compute(all.batch(), metric, 0.5, threads), one) << threads;
      }
    }
  }
}

TEST(RelatedBatchAll, ByLabelsIsThatOfTheBatchAlone) {
  Random random(92);
  RelatedCase all(random, test::normal_values(random, 240 * 19), {}, 240, -1, 19,
                  FloatType::kFloat64, Given::kLabels, 60);
  const test::Labels<int64_t> stored(all.classes(), IntegerType::kInt64);
  for (const Metric metric : kMetrics) {
    const RelatedBatch batch = all.batch();
    const Outcome outcome = compute(batch, metric, 0.3);
    const Result gradient(240, 19, FloatType::kFloat64);
    const BatchAllResult alone =
        batch_all(batch.embeddings, stored.get(), metric, 0.3, Threads(2), gradient.data());
    EXPECT_EQ(outcome.result.active, alone.active);
    EXPECT_EQ(outcome.result.valid, alone.valid);
    EXPECT_NEAR(outcome.result.loss, alone.loss, 1e-12 * alone.loss);
    const std::vector<double> expected = gradient.values();
    for (size_t e = 0; e < expected.size(); ++e) {
      EXPECT_NEAR(outcome.gradient[e], expected[e], 1e-12);
    }
  }
}

TEST(RelatedBatchAll, WhatIsNotFiniteGivesNaN) {
  Random random(93);
  RelatedCase all(random, test::normal_values(random, 3 * 2),
                  {0, 1, std::numeric_limits<double>::infinity(), 2}, 3, 2, 2, FloatType::kFloat32,
                  Given::kBytes, 2);
  const Outcome outcome = compute(all.batch(), Metric::kEuclidean, 1);
  EXPECT_TRUE(std::isnan(outcome.result.loss));
  EXPECT_EQ(outcome.result.active, 0);
  for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace tripoint::cpu
