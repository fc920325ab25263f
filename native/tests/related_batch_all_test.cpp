#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <optional>
#include <vector>

#include "kernels/cpu/loss/batch_all.h"
#include "tests/batch_oracle.h"
#include "tests/every_triplet.h"
#include "tests/related_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::kGivens;
using test::kNearnesses;
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

Outcome compute(const RelatedBatch& batch, Nearness nearness, double margin, int threads = 2) {
  const Result gradient(batch.rows(), batch.embeddings.columns, batch.embeddings.type);
  const BatchAllResult result = batch_all(batch, {nearness, false, margin, LossMean::kAboveZero},
                                          Threads(threads), gradient.data());
  return {result, gradient.values()};
}

template <typename T>
void expect_every_triplet(RelatedCase& all, Nearness nearness, double margin) {
  const RelatedBatch batch = all.batch();
  const Threads one(1);
  const PackedRows<T> rows(batch, metric_of(nearness), one);
  const test::EveryTriplet<T> expected(
      rows, {all.rows(), all.columns(), batch.first_column()},
      [&](int64_t a, int64_t c) { return all.side(a, c); }, nearness, static_cast<T>(margin));
  const Outcome outcome = compute(batch, nearness, margin);
  EXPECT_EQ(outcome.result.active, expected.active);
  EXPECT_EQ(outcome.result.valid, expected.valid);
  const auto loss = static_cast<double>(expected.loss);
  EXPECT_NEAR(outcome.result.loss, loss, (sizeof(T) == 4 ? 1e-5 : 1e-12) * loss);
  if (nearness == Nearness::kCosine) return;
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
          for (const Nearness nearness : kNearnesses) {
            if (type == FloatType::kFloat32) {
              expect_every_triplet<float>(all, nearness, 0.3);
            } else {
              expect_every_triplet<double>(all, nearness, 0.3);
            }
            if (testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

// Normalised rows are those that normalising before would give, and the gradient goes on through
// it.
TEST(RelatedBatchAll, NormalizesRows) {
  Random random(94);
  constexpr int64_t kRows = 220, kWidth = 21;
  std::vector<double> values = test::normal_values(random, kRows * kWidth);
  RelatedCase given(random, values, {}, kRows, -1, kWidth, FloatType::kFloat64, Given::kLabels, 9);
  const test::Labels<int64_t> labels(given.classes(), IntegerType::kInt64);
  std::vector<double> norms;
  std::vector<double> units = values;
  for (int64_t i = 0; i < kRows; ++i) {
    double* const unit = units.data() + i * kWidth;
    norms.push_back(std::sqrt(std::inner_product(unit, unit + kWidth, unit, 0.0)));
    for (int64_t k = 0; k < kWidth; ++k) unit[k] /= norms.back();
  }
  const test::Matrix whole(values, kRows, kWidth, FloatType::kFloat64);
  const test::Matrix normalized(units, kRows, kWidth, FloatType::kFloat64);
  for (const Nearness nearness : kNearnesses) {
    for (const bool by_blocks : {false, true}) {
      const auto compute_of = [&](const test::Matrix& matrix, bool normalize) {
        const Result gradient(kRows, kWidth, FloatType::kFloat64);
        const BatchAll wanted{nearness, normalize, 0.2, LossMean::kAboveZero};
        const RelatedBatch batch{matrix.get(), std::nullopt,
                                 Relation(labels.get(), std::nullopt, std::nullopt)};
        const BatchAllResult result =
            by_blocks ? batch_all(batch, wanted, Threads(2), gradient.data())
                      : batch_all(matrix.get(), labels.get(), wanted, Threads(2), gradient.data());
        return Outcome{result, gradient.values()};
      };
      const Outcome found = compute_of(whole, true);
      Outcome expected = compute_of(normalized, false);
      EXPECT_GT(expected.result.active, 0);
      EXPECT_EQ(found.result.active, expected.result.active);
      EXPECT_NEAR(found.result.loss, expected.result.loss, 1e-12);
      for (int64_t i = 0; i < kRows; ++i) {
        const double* const unit = units.data() + i * kWidth;
        double* const row = expected.gradient.data() + i * kWidth;
        const double along = std::inner_product(unit, unit + kWidth, row, 0.0);
        for (int64_t k = 0; k < kWidth; ++k) {
          const double part = (row[k] - along * unit[k]) / norms[static_cast<size_t>(i)];
          ASSERT_NEAR(found.gradient[static_cast<size_t>(i * kWidth + k)], part, 1e-12);
        }
      }
    }
  }
}

TEST(RelatedBatchAll, SumAndMeansAreOfTheSameLosses) {
  Random random(95);
  for (const int64_t rows : {12, 230}) {
    const std::vector<double> values = test::normal_values(random, rows * 6);
    RelatedCase all(random, values, {}, rows, -1, 6, FloatType::kFloat64, Given::kLabels, rows / 4);
    const test::Labels<int64_t> labels(all.classes(), IntegerType::kInt64);
    const auto compute_of = [&](bool by_blocks, LossMean mean) {
      const Result gradient(rows, 6, FloatType::kFloat64);
      const BatchAll wanted{Nearness::kEuclidean, false, 0.4, mean};
      const RelatedBatch batch = all.batch();
      const BatchAllResult result =
          by_blocks
              ? batch_all(batch, wanted, Threads(2), gradient.data())
              : batch_all(batch.embeddings, labels.get(), wanted, Threads(2), gradient.data());
      return Outcome{result, gradient.values()};
    };
    for (const bool by_blocks : {false, true}) {
      const Outcome above = compute_of(by_blocks, LossMean::kAboveZero);
      const Outcome sum = compute_of(by_blocks, LossMean::kSum);
      const Outcome mean = compute_of(by_blocks, LossMean::kAll);
      const auto active = static_cast<double>(above.result.active);
      const auto valid = static_cast<double>(above.result.valid);
      ASSERT_GT(active, 0);
      EXPECT_NEAR(sum.result.loss, above.result.loss * active, 1e-12 * sum.result.loss);
      EXPECT_NEAR(mean.result.loss * valid, sum.result.loss, 1e-12 * sum.result.loss);
      for (size_t e = 0; e < sum.gradient.size(); ++e) {
        EXPECT_NEAR(above.gradient[e] * active, sum.gradient[e], 1e-10);
        EXPECT_NEAR(mean.gradient[e] * valid, sum.gradient[e], 1e-10);
      }
    }
  }
}

TEST(RelatedBatchAll, ProductsBeyondTheTypeGiveNaN) {
  const test::Matrix huge({1e20, 1e20, -1e20, 1, 2, 3, 4, 5}, 4, 2, FloatType::kFloat32);
  const test::Labels<int64_t> labels({0, 0, 1, 1}, IntegerType::kInt64);
  const Result gradient(4, 2, FloatType::kFloat32);
  const BatchAllResult result =
      batch_all(huge.get(), labels.get(), {Nearness::kDot, false, 1, LossMean::kAboveZero},
                Threads(1), gradient.data());
  EXPECT_TRUE(std::isnan(result.loss));
  for (const double value : gradient.values()) EXPECT_TRUE(std::isnan(value));
}

TEST(RelatedBatchAll, HasTheSameBitsForAnyNumberOfThreads) {
  for (const Given given : {Given::kLabelsPartly, Given::kBits}) {
    Random random(91);
    RelatedCase all(random, test::normal_values(random, 211 * 33),
                    test::normal_values(random, 430 * 33), 211, 430, 33, FloatType::kFloat32, given,
                    3);
    for (const Nearness nearness : kNearnesses) {
      const Outcome one = compute(all.batch(), nearness, 0.5, 1);
      EXPECT_GT(one.result.active, 0);
      for (const int threads : {2, 3, 8}) {
        EXPECT_EQ(compute(all.batch(), nearness, 0.5, threads), one) << threads;
      }
    }
  }
}

TEST(RelatedBatchAll, ByLabelsIsThatOfTheBatchAlone) {
  Random random(92);
  RelatedCase all(random, test::normal_values(random, 240 * 19), {}, 240, -1, 19,
                  FloatType::kFloat64, Given::kLabels, 60);
  const test::Labels<int64_t> stored(all.classes(), IntegerType::kInt64);
  for (const Nearness nearness : kNearnesses) {
    const RelatedBatch batch = all.batch();
    const Outcome outcome = compute(batch, nearness, 0.3);
    const Result gradient(240, 19, FloatType::kFloat64);
    const BatchAllResult alone =
        batch_all(batch.embeddings, stored.get(), {nearness, false, 0.3, LossMean::kAboveZero},
                  Threads(2), gradient.data());
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
  const Outcome outcome = compute(all.batch(), Nearness::kEuclidean, 1);
  EXPECT_TRUE(std::isnan(outcome.result.loss));
  EXPECT_EQ(outcome.result.active, 0);
  for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace tripoint::cpu
