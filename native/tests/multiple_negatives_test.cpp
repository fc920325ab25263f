#include "kernels/cpu/loss/multiple_negatives.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;
using Values = std::vector<double>;

// Plain, slow and in double: what the loss is by its definition.
struct Sides {
  Values anchors, candidates;
  int64_t anchor_rows, candidate_rows, columns;

  double lose(const MultipleNegatives& wanted) const {
    double loss = 0;
    for (int64_t i = 0; i < anchor_rows; ++i) {
      const double own = similarity(i, i, wanted);
      double sum = 0;
      for (int64_t j = 0; j < candidate_rows; ++j) sum += std::exp(similarity(i, j, wanted) - own);
      loss += std::log(sum);
    }
    return loss / static_cast<double>(anchor_rows);
  }

  double similarity(int64_t i, int64_t j, const MultipleNegatives& wanted) const {
    double product = 0, own = 0, other = 0;
    for (int64_t k = 0; k < columns; ++k) {
      const double x = anchors[static_cast<size_t>(i * columns + k)];
      const double y = candidates[static_cast<size_t>(j * columns + k)];
      product += x * y;
      own += x * x;
      other += y * y;
    }
    if (wanted.similarity == Similarity::kDot) return wanted.scale * product;
    return wanted.scale * product /
           (std::max(std::sqrt(own), 1e-12) * std::max(std::sqrt(other), 1e-12));
  }
};

// Each candidate near its anchor, then others.
Sides random_sides(Random& random, int64_t anchors, int64_t candidates, int64_t columns) {
  Sides sides{test::normal_values(random, anchors * columns),
              test::normal_values(random, candidates * columns), anchors, candidates, columns};
  for (size_t e = 0; e < sides.anchors.size(); ++e) sides.candidates[e] += sides.anchors[e];
  return sides;
}

struct Outcome {
  double loss;
  Values anchors, candidates;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const Matrix& anchors, const Matrix& candidates, const MultipleNegatives& wanted,
                int threads = 1) {
  const auto result = [](const Matrix& like) {
    return Result(like.get().rows, like.get().columns, like.get().type);
  };
  const Result of_anchors = result(anchors);
  const Result of_candidates = result(candidates);
  const Threads loop(threads);
  const double loss = multiple_negatives(anchors.get(), candidates.get(), wanted, loop,
                                         {of_anchors.data(), of_candidates.data()});
  return {loss, of_anchors.values(), of_candidates.values()};
}

Outcome compute(const Sides& sides, FloatType type, const MultipleNegatives& wanted,
                int threads = 1, int64_t gap = 0, bool columns_first = false) {
  return compute(
      Matrix(sides.anchors, sides.anchor_rows, sides.columns, type, gap, columns_first),
      Matrix(sides.candidates, sides.candidate_rows, sides.columns, type, gap, columns_first),
      wanted, threads);
}

constexpr MultipleNegatives kKinds[] = {{Similarity::kCosine, 20},
                                        {Similarity::kCosine, 0.5},
                                        {Similarity::kCosine, 300},
                                        {Similarity::kDot, 0.3}};

TEST(MultipleNegatives, IsTheDefinition) {
  const int64_t sizes[][2] = {{1, 1}, {1, 3}, {2, 2}, {13, 26}, {97, 97}, {200, 290}, {95, 400}};
  for (uint64_t seed = 0; seed < 28; ++seed) {
    Random random(seed);
    const int64_t widths[] = {1, 3, 8, 17, 64};
    const auto& [anchors, candidates] = sizes[seed % 7];
    const Sides sides = random_sides(random, anchors, candidates, widths[seed % 5]);
    for (const MultipleNegatives& wanted : kKinds) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " scale " << wanted.scale);
      const double expected = sides.lose(wanted);
      EXPECT_NEAR(compute(sides, FloatType::kFloat64, wanted).loss, expected,
                  1e-11 * (1 + expected));
    }
  }
}

TEST(MultipleNegatives, GradientsAreTheDerivatives) {
  const int64_t sizes[][2] = {{3, 3}, {7, 14}, {13, 13}, {110, 130}};
  for (uint64_t seed = 100; seed < 120; ++seed) {
    Random random(seed);
    const int64_t widths[] = {2, 3, 8, 17};
    const auto& [anchors, candidates] = sizes[seed % 4];
    Sides sides = random_sides(random, anchors, candidates, widths[(seed / 4) % 4]);
    for (const MultipleNegatives& wanted : kKinds) {
      SCOPED_TRACE(testing::Message() << "seed " << seed << " scale " << wanted.scale);
      const Outcome outcome = compute(sides, FloatType::kFloat64, wanted);
      const auto check = [&](Values& values, const Values& gradient) {
        for (size_t e = seed % 3; e < values.size(); e += values.size() / 7 + 1) {
          const double kept = values[e];
          const double step = 3e-7;
          values[e] = kept + step;
          const double above = sides.lose(wanted);
          values[e] = kept - step;
          const double below = sides.lose(wanted);
          values[e] = kept;
          const double slope = (above - below) / (2 * step);
          ASSERT_NEAR(gradient[e], slope, 1e-5 * (1 + std::abs(slope))) << "entry " << e;
        }
      };
      check(sides.anchors, outcome.anchors);
      check(sides.candidates, outcome.candidates);
    }
  }
}

TEST(MultipleNegatives, FloatsAreCloseToDoubles) {
  for (const int64_t columns : {17, 32}) {
    Random random(static_cast<uint64_t>(columns));
    const Sides sides = random_sides(random, 500, 1100, columns);
    const Matrix anchors(sides.anchors, 500, columns, FloatType::kFloat32);
    const Matrix candidates(sides.candidates, 1100, columns, FloatType::kFloat32);
    const Matrix wide_anchors(anchors.values(), 500, columns, FloatType::kFloat64);
    const Matrix wide_candidates(candidates.values(), 1100, columns, FloatType::kFloat64);
    for (const MultipleNegatives& wanted : {kKinds[0], kKinds[1]}) {
      const Outcome exact = compute(wide_anchors, wide_candidates, wanted);
      const Outcome outcome = compute(anchors, candidates, wanted);
      EXPECT_NEAR(outcome.loss, exact.loss, 1e-6 * exact.loss);
      const auto check = [](const Values& found, const Values& expected) {
        double greatest = 0;
        for (const double value : expected) greatest = std::max(greatest, std::abs(value));
        for (size_t e = 0; e < expected.size(); ++e) {
          ASSERT_NEAR(found[e], expected[e], 1e-5 * greatest) << e;
        }
      };
      check(outcome.anchors, exact.anchors);
      check(outcome.candidates, exact.candidates);
    }
  }
}

// Several blocks of anchors, of which the last is short.
TEST(MultipleNegatives, ManyAnchorsAreCloseToTheDefinition) {
  Random random(51);
  const Sides sides = random_sides(random, 700, 800, 3);
  for (const MultipleNegatives& wanted : kKinds) {
    const double expected = sides.lose(wanted);
    for (const int threads : {1, 3}) {
      EXPECT_NEAR(compute(sides, FloatType::kFloat64, wanted, threads).loss, expected,
                  1e-11 * (1 + expected));
    }
  }
  const Outcome one = compute(sides, FloatType::kFloat32, kKinds[0], 1);
  for (const int threads : {2, 3, 8}) {
    EXPECT_EQ(compute(sides, FloatType::kFloat32, kKinds[0], threads), one) << threads;
  }
}

TEST(MultipleNegatives, ALossFarBelowOneIsExactToo) {
  // cos = 1 with its own and −1 with the other: log(1 + e^−40).
  const Matrix rows({1, 0, -1, 0}, 2, 2, FloatType::kFloat32);
  EXPECT_DOUBLE_EQ(compute(rows, rows, {Similarity::kCosine, 20}).loss, std::exp(-40.0));
}

TEST(MultipleNegatives, HasTheSameBitsForAnyNumberOfThreads) {
  Random random(31);
  const Sides sides = random_sides(random, 307, 614, 33);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (const MultipleNegatives& wanted : kKinds) {
      const Outcome one = compute(sides, type, wanted, 1);
      for (const int threads : {2, 3, 8}) {
        EXPECT_EQ(compute(sides, type, wanted, threads), one) << threads;
      }
    }
  }
}

TEST(MultipleNegatives, ReadsStridesAndAllTypes) {
  Random random(41);
  const Sides sides = random_sides(random, 20, 50, 17);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    const Outcome expected = compute(sides, type, kKinds[0]);
    for (const bool columns_first : {false, true}) {
      for (const int64_t gap : {0, 1, 5}) {
        EXPECT_EQ(compute(sides, type, kKinds[0], 1, gap, columns_first), expected);
      }
    }
  }
}

TEST(MultipleNegatives, WhatIsNotFiniteGivesNaN) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Matrix good({0, 1, 2, 3}, 2, 2, FloatType::kFloat32);
  const Matrix bad({0, 1, nan, 3}, 2, 2, FloatType::kFloat32);
  for (const auto& outcome : {compute(good, bad, kKinds[0]), compute(bad, good, kKinds[0])}) {
    EXPECT_TRUE(std::isnan(outcome.loss));
    for (const double value : outcome.anchors) EXPECT_TRUE(std::isnan(value));
    for (const double value : outcome.candidates) EXPECT_TRUE(std::isnan(value));
  }
  const Matrix none({}, 0, 2, FloatType::kFloat32);
  EXPECT_TRUE(std::isnan(compute(none, none, kKinds[0]).loss));
}

}  // namespace
}  // namespace tripoint::cpu
