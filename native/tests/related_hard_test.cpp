#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/loss/batch_hard.h"
#include "tests/related_batches.h"
#include "tests/screen_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::kGivens;
using test::kNearnesses;
using test::Labels;
using test::Matrix;
using test::Random;
using test::RelatedCase;
using test::Result;
using test::Threads;

struct Outcome {
  double loss = 0;
  std::vector<double> gradient;
  std::vector<int64_t> positive, negative;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const RelatedBatch& batch, Nearness nearness, double margin, bool soft,
                int threads = 2, Screening screening = Screening::kOn) {
  const Result gradient(batch.rows(), batch.embeddings.columns, batch.embeddings.type);
  const auto anchors = static_cast<size_t>(batch.relation.anchors());
  Outcome outcome;
  outcome.positive.resize(anchors, -7);
  outcome.negative.resize(anchors, -7);
  outcome.loss = batch_hard(batch, nearness, margin, soft, screening, Threads(threads),
                            {gradient.data(), outcome.positive.data(), outcome.negative.data()});
  outcome.gradient = gradient.values();
  return outcome;
}

struct Expected {
  double loss = 0;
  std::vector<int64_t> positive, negative;
  // How near the closest decision comes to the other way.
  double gap = std::numeric_limits<double>::infinity();
};

// By the definition, over a matrix of distances.
Expected brute_force(const RelatedCase& one, const std::vector<double>& distances, double margin,
                     bool soft) {
  Expected expected;
  for (int64_t a = 0; a < one.rows(); ++a) {
    int64_t chosen[] = {-1, -1};
    const auto at = [&](int64_t column) {
      return distances[static_cast<size_t>(a * one.columns() + column)];
    };
    for (int64_t j = 0; j < one.columns(); ++j) {
      const int side = one.side(a, j);
      if (side == kNeither) continue;
      int64_t& best = chosen[side == kPositive ? 0 : 1];
      if (best >= 0) expected.gap = std::min(expected.gap, std::abs(at(j) - at(best)));
      if (best < 0 || (side == kPositive ? at(j) > at(best) : at(j) < at(best))) best = j;
    }
    const double farthest = chosen[0] < 0 ? 0 : at(chosen[0]);
    const double violation = chosen[1] < 0 ? 0 : farthest - at(chosen[1]);
    if (soft) {
      expected.loss += std::log1p(std::exp(violation));
    } else {
      expected.loss += std::max(violation + margin, 0.0);
      expected.gap = std::min(expected.gap, std::abs(violation + margin));
    }
    expected.positive.push_back(chosen[0]);
    expected.negative.push_back(chosen[1]);
  }
  expected.loss /= static_cast<double>(one.rows());
  return expected;
}

// The numbers that a case is made of, so that one of them can be changed.
struct Numbers {
  uint64_t seed;
  int64_t rows;
  int64_t references;
  int64_t width;
  Given given;
  int64_t rarity;
  std::vector<double> values;  // of embeddings and references

  Numbers(uint64_t seed, int64_t rows, int64_t references, int64_t width, Given given,
          int64_t rarity, bool tied = false)
      : seed(seed), rows(rows), references(references), width(width), given(given), rarity(rarity) {
    Random random(seed);
    const int64_t count = (rows + std::max<int64_t>(references, 0)) * width;
    values = tied ? test::tied_values(random, count) : test::normal_values(random, count);
  }

  RelatedCase made(FloatType type) const {
    Random random(seed + 1);
    const auto cut = values.begin() + static_cast<std::ptrdiff_t>(rows * width);
    return {random,
            std::vector<double>(values.begin(), cut),
            std::vector<double>(cut, values.end()),
            rows,
            references,
            width,
            type,
            given,
            rarity};
  }
};

TEST(RelatedHard, IsTheDefinition) {
  int64_t compared = 0;
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const int64_t sizes[] = {1, 2, 3, 13, 40, 70};
    const int64_t references[] = {-1, 0, 1, 19, 230};
    const int64_t widths[] = {2, 3, 8, 17, 128, 5, 33};
    const int64_t rarities[] = {1, 3, 20};
    RelatedCase one = Numbers(seed, sizes[seed % 6], references[seed % 5], widths[seed % 7],
                              kGivens[seed / 2 % 4], rarities[seed % 3])
                          .made(FloatType::kFloat64);
    for (const Nearness nearness : kNearnesses) {
      const std::vector<double> distances = one.textbook(nearness, false);
      for (const bool soft : {false, true}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " nearness "
                                        << static_cast<int>(nearness) << " soft " << soft);
        const Expected expected = brute_force(one, distances, 0.3, soft);
        const Outcome outcome = compute(one.batch(), nearness, 0.3, soft);
        ASSERT_NEAR(outcome.loss, expected.loss, 1e-11 * (1 + std::abs(expected.loss)));
        if (expected.gap < 1e-9) continue;
        ++compared;
        ASSERT_EQ(outcome.positive, expected.positive);
        ASSERT_EQ(outcome.negative, expected.negative);
      }
    }
  }
  EXPECT_GT(compared, 1200);
}

TEST(RelatedHard, TakesTheLowestColumnOfEqualDistances) {
  constexpr FloatType kTypes[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                                  FloatType::kBFloat16};
  for (uint64_t seed = 300; seed < 380; ++seed) {
    const int64_t sizes[] = {2, 13, 70, 210};
    const int64_t references[] = {-1, 40, 200};
    RelatedCase one =
        Numbers(seed, sizes[seed % 4], references[seed % 3], 1 + static_cast<int64_t>(seed % 5),
                kGivens[seed / 2 % 4], 1 + static_cast<int64_t>(seed % 7), true)
            .made(kTypes[seed / 4 % 4]);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const Expected expected = brute_force(one, one.textbook(nearness, false), 1, false);
      const Outcome outcome = compute(one.batch(), nearness, 1, false);
      ASSERT_EQ(outcome.positive, expected.positive) << seed;
      ASSERT_EQ(outcome.negative, expected.negative) << seed;
      ASSERT_NEAR(outcome.loss, expected.loss, 1e-5);
    }
  }
}

TEST(RelatedHard, GradientIsTheDerivative) {
  int64_t compared = 0;
  for (uint64_t seed = 500; seed < 580; ++seed) {
    const int64_t sizes[] = {2, 3, 7, 13};
    const int64_t references[] = {-1, 1, 11};
    const int64_t widths[] = {2, 3, 8, 17};
    Numbers numbers(seed, sizes[seed % 4], references[seed % 3], widths[seed / 4 % 4],
                    kGivens[seed / 2 % 4], 3);
    for (const Nearness nearness : kNearnesses) {
      const bool soft = seed % 2 == 0;
      const auto expected = [&] {
        const RelatedCase one = numbers.made(FloatType::kFloat64);
        return brute_force(one, one.textbook(nearness, false), 0.3, soft);
      };
      if (expected().gap < 1e-4) continue;
      ++compared;
      RelatedCase one = numbers.made(FloatType::kFloat64);
      const Outcome outcome = compute(one.batch(), nearness, 0.3, soft);
      ASSERT_EQ(outcome.gradient.size(), numbers.values.size());
      for (size_t e = 0; e < numbers.values.size(); ++e) {
        const double kept = numbers.values[e];
        const double step = 1e-6;
        numbers.values[e] = kept + step;
        const double above = expected().loss;
        numbers.values[e] = kept - step;
        const double below = expected().loss;
        numbers.values[e] = kept;
        const double slope = (above - below) / (2 * step);
        ASSERT_NEAR(outcome.gradient[e], slope, 1e-6 * (1 + std::abs(slope)))
            << "seed " << seed << " nearness " << static_cast<int>(nearness) << " entry " << e;
      }
    }
  }
  EXPECT_GT(compared, 150);
}

TEST(RelatedHard, HasTheSameBitsForAnyNumberOfThreadsAndWithScreening) {
  uint64_t seed = 700;
  for (const test::ScreenBatch& hard : test::screen_batches(9, 320)) {
    ++seed;
    Numbers numbers(seed, 100, hard.rows - 100, hard.columns, kGivens[seed % 4], 8);
    numbers.values = hard.values;
    if (seed % 2 == 0) {
      numbers.rows = hard.rows;
      numbers.references = -1;
    }
    RelatedCase one = numbers.made(seed % 3 == 0 ? FloatType::kFloat64 : FloatType::kFloat32);
    for (const Nearness nearness : kNearnesses) {
      const Outcome plain = compute(one.batch(), nearness, 0.5, false, 1, Screening::kOff);
      for (const int threads : {1, 2, 3, 8}) {
        const Outcome other = compute(one.batch(), nearness, 0.5, false, threads);
        if (std::isnan(plain.loss)) {  // which is not equal to itself
          ASSERT_TRUE(std::isnan(other.loss)) << hard.name;
          ASSERT_EQ(other.positive, plain.positive) << hard.name;
          ASSERT_EQ(other.negative, plain.negative) << hard.name;
          continue;
        }
        ASSERT_EQ(other, plain) << hard.name << ", nearness " << static_cast<int>(nearness) << ", "
                                << threads << " threads";
      }
    }
  }
}

TEST(RelatedHard, IsWhatLabelsGiveWhereMasksSayTheSame) {
  Random random(51);
  const int64_t rows = 300, columns = 24;
  const std::vector<double> values = test::normal_values(random, rows * columns);
  const std::vector<int64_t> labels = test::ragged_labels(random, rows, 60);
  std::vector<uint8_t> mask;
  for (const int64_t a : labels) {
    for (const int64_t b : labels) mask.push_back(a == b ? 1 : 0);
  }
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const Matrix matrix(values, rows, columns, FloatType::kFloat32);
  const RelatedBatch batch{matrix.get(), {}, {{mask.data(), rows, 1, false}, rows, rows, true, {}}};
  const Nearness nearnesses[] = {Nearness::kEuclidean, Nearness::kSquaredEuclidean,
                                 Nearness::kCosine};
  const Metric metrics[] = {Metric::kEuclidean, Metric::kSquaredEuclidean, Metric::kCosine};
  for (size_t m = 0; m < 3; ++m) {
    const Result gradient(rows, columns, FloatType::kFloat32);
    Outcome by_labels;
    by_labels.positive.resize(labels.size());
    by_labels.negative.resize(labels.size());
    by_labels.loss =
        batch_hard(matrix.get(), stored.get(), metrics[m], 0.4, false, Screening::kOn, Threads(2),
                   {gradient.data(), by_labels.positive.data(), by_labels.negative.data()});
    by_labels.gradient = gradient.values();
    const Outcome outcome = compute(batch, nearnesses[m], 0.4, false);
    EXPECT_EQ(outcome.loss, by_labels.loss);
    EXPECT_EQ(outcome.positive, by_labels.positive);
    EXPECT_EQ(outcome.negative, by_labels.negative);
    for (size_t e = 0; e < outcome.gradient.size(); ++e) {
      // Edges are summed up by class there, and by row here.
      ASSERT_NEAR(outcome.gradient[e], by_labels.gradient[e], 1e-7);
    }
  }
}

TEST(RelatedHard, WhatIsNotFiniteGivesNaN) {
  const Matrix matrix({0, 1, 2, 3}, 2, 2, FloatType::kFloat32);
  const Matrix references({1, 1, INFINITY, 0, 0, 1}, 3, 2, FloatType::kFloat32);
  const Labels<int64_t> own({0, 1}, IntegerType::kInt64);
  const Labels<int64_t> others({0, 0, 1}, IntegerType::kInt64);
  for (const Nearness nearness : kNearnesses) {
    const Outcome outcome =
        compute({matrix.get(), references.get(), {own.get(), others.get(), {}}}, nearness, 1, true);
    EXPECT_TRUE(std::isnan(outcome.loss));
    ASSERT_EQ(outcome.gradient.size(), 10u);
    for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
    EXPECT_EQ(outcome.positive, std::vector<int64_t>(2, -1));
    EXPECT_EQ(outcome.negative, std::vector<int64_t>(2, -1));
  }
}

}  // namespace
}  // namespace tripoint::cpu
