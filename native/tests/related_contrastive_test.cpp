#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "kernels/cpu/loss/contrastive.h"
#include "tests/related_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::kGivens;
using test::Random;
using test::RelatedCase;
using test::Result;
using test::Threads;

struct Outcome {
  ContrastiveResult result;
  std::vector<double> gradient;
};

Outcome compute(const RelatedBatch& batch, const Contrastive& wanted, int threads = 2) {
  const Result gradient(batch.rows(), batch.embeddings.columns, batch.embeddings.type);
  const ContrastiveResult result = contrastive(batch, wanted, Threads(threads), gradient.data());
  return {result, gradient.values()};
}

// Pair by pair, on the distances of the pair kernel: what costs something does so to the bit.
template <typename T>
Outcome by_definition(RelatedCase& all, const RelatedBatch& batch, const Contrastive& wanted) {
  const PackedRows<T> rows(batch, metric_of(wanted.nearness), Threads(1), wanted.normalize);
  const std::vector<T> distances = all.defined<T>(wanted.nearness, wanted.normalize);
  const bool product = wanted.nearness == Nearness::kDot;
  const auto positive_margin = static_cast<T>(wanted.positive_margin);
  const auto negative_margin = static_cast<T>(wanted.negative_margin);
  Outcome outcome;
  outcome.gradient.assign(static_cast<size_t>(rows.size() * rows.columns()), 0.0);
  for (const bool counted : {false, true}) {
    ContrastiveResult result;
    const ContrastiveResult& known = outcome.result;
    const double of_positives =
        divisor_of(wanted.mean, known.positive.losses, known.positive.above_zero);
    const double of_negatives =
        divisor_of(wanted.mean, known.negative.losses, known.negative.above_zero);
    for (int64_t a = 0; a < all.rows(); ++a) {
      for (int64_t c = 0; c < all.columns(); ++c) {
        const int side = all.side(a, c);
        if (side == kNeither) continue;
        const bool positive = side == kPositive;
        const T distance = distances[static_cast<size_t>(a * all.columns() + c)];
        const T cost = positive ? distance - positive_margin : negative_margin - distance;
        ContrastiveSide& of_side = positive ? result.positive : result.negative;
        ++of_side.losses;
        if (!(cost > 0)) continue;
        ++of_side.above_zero;
        of_side.loss += static_cast<double>(cost) / (positive ? of_positives : of_negatives);
        if (!counted) continue;
        const double slope = product ? 1 : static_cast<double>(rows.slope(distance));
        const double weight = positive ? slope / of_positives : -slope / of_negatives;
        const int64_t q = batch.first_column() + c;
        for (int64_t k = 0; k < rows.columns(); ++k) {
          const double x = rows.row(a)[k], y = rows.row(q)[k];
          outcome.gradient[static_cast<size_t>(a * rows.columns() + k)] +=
              weight * (product ? -y : x - y);
          outcome.gradient[static_cast<size_t>(q * rows.columns() + k)] +=
              weight * (product ? -x : y - x);
        }
      }
    }
    outcome.result = result;
  }
  return outcome;
}

void expect_near(const Outcome& found, const Outcome& expected, double accuracy, bool gradient) {
  const auto sides = [&](const ContrastiveSide& side, const ContrastiveSide& wanted) {
    EXPECT_EQ(side.losses, wanted.losses);
    EXPECT_EQ(side.above_zero, wanted.above_zero);
    EXPECT_NEAR(side.loss, wanted.loss, accuracy * (1 + wanted.loss));
  };
  sides(found.result.positive, expected.result.positive);
  sides(found.result.negative, expected.result.negative);
  if (!gradient) return;
  double greatest = 0;
  for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
  for (size_t e = 0; e < expected.gradient.size(); ++e) {
    ASSERT_NEAR(found.gradient[e], expected.gradient[e], accuracy * greatest) << "entry " << e;
  }
}

TEST(RelatedContrastive, IsTheDefinition) {
  uint64_t seed = 0;
  for (const auto& [rows, references] :
       {std::pair<int64_t, int64_t>{1, -1}, {13, -1}, {230, -1}, {5, 40}, {101, 520}, {300, 7}}) {
    for (const Given given : kGivens) {
      for (const LossMean mean : {LossMean::kSum, LossMean::kAll, LossMean::kAboveZero}) {
        SCOPED_TRACE(testing::Message()
                     << rows << " rows, " << references << " references, given "
                     << static_cast<int>(given) << ", mean " << static_cast<int>(mean));
        Random random(++seed);
        const int64_t width = seed % 2 == 0 ? 7 : 40;
        const int64_t others = std::max<int64_t>(references, 0);
        std::vector<double> embeddings = test::normal_values(random, rows * width);
        const std::vector<double> theirs = test::normal_values(random, others * width);
        // Some rows nearly where some others are, one just there.
        for (int64_t e = 0; e < std::min(rows, others) * width; e += 3 * width) {
          for (int64_t k = 0; k < width; ++k) {
            embeddings[static_cast<size_t>(e + k)] =
                theirs[static_cast<size_t>(e + k)] + (e == 0 ? 0 : 1e-3 * static_cast<double>(k));
          }
        }
        for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64}) {
          RelatedCase all(random, embeddings, theirs, rows, references, width, type, given, 5);
          const RelatedBatch batch = all.batch();
          for (const Nearness nearness : test::kNearnesses) {
            for (const bool normalize : {false, true}) {
              // About where distances lie, so that both sides have pairs that cost and do not.
              const double middle = normalize ? 1.4 : std::sqrt(2.0 * static_cast<double>(width));
              const double margin = nearness == Nearness::kEuclidean ? middle
                                    : nearness == Nearness::kCosine  ? 0.9
                                    : nearness == Nearness::kDot     ? -0.1
                                                                     : middle * middle;
              const Contrastive wanted{nearness, normalize, margin, margin, mean};
              const bool in_place = !normalize && nearness != Nearness::kCosine;
              const Outcome found = compute(batch, wanted);
              if (type == FloatType::kFloat32) {
                expect_near(found, by_definition<float>(all, batch, wanted), 2e-5, in_place);
              } else {
                expect_near(found, by_definition<double>(all, batch, wanted), 1e-12, in_place);
              }
              if (testing::Test::HasFailure()) return;
            }
          }
        }
      }
    }
  }
}

TEST(RelatedContrastive, HasTheSameBitsForAnyNumberOfThreads) {
  for (const Given given : {Given::kLabelsPartly, Given::kBits}) {
    Random random(91);
    RelatedCase all(random, test::normal_values(random, 211 * 33),
                    test::normal_values(random, 430 * 33), 211, 430, 33, FloatType::kFloat32, given,
                    3);
    for (const Contrastive& wanted :
         {Contrastive{Nearness::kEuclidean, false, 7, 9, LossMean::kAboveZero},
          Contrastive{Nearness::kDot, false, 1, -1, LossMean::kAboveZero}}) {
      const Outcome one = compute(all.batch(), wanted, 1);
      EXPECT_GT(one.result.positive.above_zero, 0);
      EXPECT_GT(one.result.negative.above_zero, 0);
      for (const int threads : {2, 3, 8}) {
        const Outcome other = compute(all.batch(), wanted, threads);
        EXPECT_EQ(other.result.positive.loss, one.result.positive.loss);
        EXPECT_EQ(other.result.negative.loss, one.result.negative.loss);
        EXPECT_EQ(other.result.negative.above_zero, one.result.negative.above_zero);
        EXPECT_EQ(other.gradient, one.gradient);
      }
    }
  }
}

TEST(RelatedContrastive, ByLabelsIsThatOfTheBatchAlone) {
  Random random(92);
  RelatedCase all(random, test::normal_values(random, 240 * 19), {}, 240, -1, 19,
                  FloatType::kFloat64, Given::kLabels, 60);
  const test::Labels<int64_t> stored(all.classes(), IntegerType::kInt64);
  for (const Contrastive& wanted :
       {Contrastive{Nearness::kEuclidean, true, 0.7, 1.4, LossMean::kAboveZero},
        Contrastive{Nearness::kEuclidean, false, 3, 6, LossMean::kAboveZero},
        Contrastive{Nearness::kCosine, false, 0.4, 1.1, LossMean::kAboveZero},
        Contrastive{Nearness::kDot, false, -3, 2, LossMean::kAboveZero}}) {
    const RelatedBatch batch = all.batch();
    const Result gradient(240, 19, FloatType::kFloat64);
    Outcome alone;
    alone.result = contrastive(batch.embeddings, stored.get(), wanted, Threads(2), gradient.data());
    alone.gradient = gradient.values();
    expect_near(compute(batch, wanted), alone, 1e-12, true);
  }
}

TEST(RelatedContrastive, WhatIsNotFiniteGivesNaN) {
  Random random(93);
  RelatedCase all(random, test::normal_values(random, 3 * 2),
                  {0, 1, std::numeric_limits<double>::infinity(), 2}, 3, 2, 2, FloatType::kFloat32,
                  Given::kBytes, 2);
  const Outcome outcome =
      compute(all.batch(), {Nearness::kEuclidean, false, 0, 1, LossMean::kAboveZero});
  EXPECT_TRUE(std::isnan(outcome.result.positive.loss));
  for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace tripoint::cpu
