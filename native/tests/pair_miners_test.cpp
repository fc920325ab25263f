#include "kernels/cpu/mine/pair_miners.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>
#include <vector>

#include "tests/related_batches.h"
#include "tests/screen_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::Random;
using test::RelatedCase;
using test::Threads;

struct Outcome {
  std::vector<std::pair<int64_t, int64_t>> positives, negatives;

  bool operator==(const Outcome& other) const {
    return positives == other.positives && negatives == other.negatives;
  }
};

Outcome read(MinedSides sides, const Threads& loop) {
  const auto pairs_of = [&](MinedPairs& side) {
    std::vector<int64_t> anchor(static_cast<size_t>(side.count()), -7), column(anchor);
    side.write(loop, anchor.data(), column.data());
    std::vector<std::pair<int64_t, int64_t>> pairs;
    for (size_t i = 0; i < anchor.size(); ++i) pairs.push_back({anchor[i], column[i]});
    return pairs;
  };
  return {pairs_of(sides.positives), pairs_of(sides.negatives)};
}

Outcome mine(RelatedCase& one, Nearness nearness, bool normalize, double epsilon,
             Screening screening = Screening::kOn, int threads = 2) {
  const Threads loop(threads);
  return read(similarity_pairs(one.batch(), nearness, normalize, epsilon, screening, loop), loop);
}

Outcome mine_by_margins(RelatedCase& one, Nearness nearness, double pos_margin, double neg_margin,
                        Screening screening = Screening::kOn, int threads = 2) {
  const Threads loop(threads);
  return read(margin_pairs(one.batch(), nearness, false, pos_margin, neg_margin, screening, loop),
              loop);
}

// Pairs by margins, over a matrix of distances; margins of products have their sign turned.
template <typename T>
Outcome brute_force_by_margins(const RelatedCase& one, const std::vector<T>& distances,
                               T pos_margin, T neg_margin) {
  Outcome outcome;
  for (int64_t a = 0; a < one.rows(); ++a) {
    for (int64_t c = 0; c < one.columns(); ++c) {
      const T distance = distances[static_cast<size_t>(a * one.columns() + c)];
      if (!std::isfinite(distance)) continue;
      if (one.side(a, c) == kPositive && distance > pos_margin) outcome.positives.push_back({a, c});
      if (one.side(a, c) == kNegative && distance < neg_margin) outcome.negatives.push_back({a, c});
    }
  }
  return outcome;
}

// By the definition, over a matrix of distances. `nearest` becomes how near two numbers come that
// are compared.
template <typename T>
Outcome brute_force(const RelatedCase& one, const std::vector<T>& distances, T epsilon,
                    T* nearest = nullptr) {
  constexpr T kFar = std::numeric_limits<T>::infinity();
  Outcome outcome;
  for (int64_t a = 0; a < one.rows(); ++a) {
    const auto at = [&](int64_t c) {
      return distances[static_cast<size_t>(a * one.columns() + c)];
    };
    T closest = kFar, farthest = -kFar;
    for (int64_t c = 0; c < one.columns(); ++c) {
      if (!std::isfinite(at(c))) continue;
      if (one.side(a, c) == kNegative) closest = std::min(closest, at(c));
      if (one.side(a, c) == kPositive) farthest = std::max(farthest, at(c));
    }
    if (closest == kFar || farthest == -kFar) continue;
    for (int64_t c = 0; c < one.columns(); ++c) {
      if (!std::isfinite(at(c))) continue;
      if (one.side(a, c) == kPositive) {
        if (at(c) + epsilon > closest) outcome.positives.push_back({a, c});
        if (nearest != nullptr) *nearest = std::min(*nearest, std::abs(at(c) + epsilon - closest));
      } else if (one.side(a, c) == kNegative) {
        if (at(c) - epsilon < farthest) outcome.negatives.push_back({a, c});
        if (nearest != nullptr) *nearest = std::min(*nearest, std::abs(at(c) - epsilon - farthest));
      }
    }
  }
  return outcome;
}

RelatedCase random_case(Random& random, uint64_t seed, FloatType type, bool tied) {
  const int64_t sizes[] = {0, 1, 2, 3, 13, 37, 66};
  const int64_t references[] = {-1, 0, 1, 19, 300};
  const int64_t widths[] = {1, 3, 8, 17, 70};
  const int64_t rows = sizes[seed % 7], columns = references[seed % 5],
                width = widths[seed / 5 % 5];
  const auto values = [&](int64_t count) {
    return tied ? test::tied_values(random, count) : test::normal_values(random, count);
  };
  std::vector<double> own = values(rows * width);
  return RelatedCase(random, own, values(std::max<int64_t>(columns, 0) * width), rows, columns,
                     width, type, test::kGivens[seed % 4], 1 + static_cast<int64_t>(seed % 9));
}

TEST(SimilarityPairs, AreThoseOfTheDefinition) {
  int64_t compared = 0, found = 0;
  for (uint64_t seed = 0; seed < 140; ++seed) {
    Random random(seed);
    RelatedCase one = random_case(random, seed, FloatType::kFloat64, false);
    for (const Nearness nearness : test::kNearnesses) {
      const bool normalize = seed % 3 == 0;
      const std::vector<double> distances = one.textbook(nearness, normalize);
      for (const double epsilon : {0.1, 0.0, -0.3, 1.5}) {
        double nearest = std::numeric_limits<double>::infinity();
        const Outcome expected = brute_force(one, distances, epsilon, &nearest);
        if (nearest < 1e-12) continue;
        ++compared;
        found += static_cast<int64_t>(expected.positives.size() + expected.negatives.size());
        ASSERT_EQ(mine(one, nearness, normalize, epsilon), expected)
            << "seed " << seed << " nearness " << static_cast<int>(nearness) << " epsilon "
            << epsilon;
      }
    }
  }
  EXPECT_GT(compared, 1500);
  EXPECT_GT(found, 100000);
}

// Whole numbers, whose distances are exact: many are apart by epsilon exactly.
TEST(SimilarityPairs, CompareExactly) {
  for (uint64_t seed = 200; seed < 300; ++seed) {
    Random random(seed);
    const FloatType types[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                               FloatType::kBFloat16};
    RelatedCase one = random_case(random, seed, types[seed / 2 % 4], true);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const std::vector<double> distances = one.textbook(nearness, false);
      for (const double epsilon : {0.0, 1.0, -2.0}) {
        ASSERT_EQ(mine(one, nearness, false, epsilon), brute_force(one, distances, epsilon))
            << "seed " << seed << " nearness " << static_cast<int>(nearness) << " epsilon "
            << epsilon;
      }
    }
  }
}

template <typename T>
void expect_defined(const test::ScreenBatch& batch, FloatType type, uint64_t seed) {
  for (const int64_t references : {int64_t{-1}, batch.rows / 3}) {
    Random random(seed);
    const int64_t rows = references < 0 ? batch.rows : batch.rows - references;
    const auto split = batch.values.begin() + rows * batch.columns;
    RelatedCase one(random, {batch.values.begin(), split}, {split, batch.values.end()}, rows,
                    references, batch.columns, type, test::kGivens[seed % 4], 40);
    for (const Nearness nearness : test::kNearnesses) {
      const std::vector<T> distances = one.template defined<T>(nearness, false);
      for (const T epsilon : {T(0.1), T(0), T(-1e-6)}) {
        const Outcome expected = brute_force(one, distances, epsilon);
        for (const Screening screening : {Screening::kOn, Screening::kOff}) {
          ASSERT_EQ(mine(one, nearness, false, epsilon, screening), expected)
              << batch.name << " nearness " << static_cast<int>(nearness) << " epsilon " << epsilon
              << " references " << references << " screening " << static_cast<int>(screening);
        }
      }
    }
  }
}

// To the bit, where rounding decides.
TEST(SimilarityPairs, AreThoseOfThePairKernelsDistances) {
  uint64_t seed = 0;
  for (const test::ScreenBatch& batch : test::screen_batches(9, 210)) {
    expect_defined<float>(batch, FloatType::kFloat32, seed++);
    expect_defined<double>(batch, FloatType::kFloat64, seed++);
  }
}

TEST(SimilarityPairs, AreTheSameForAnyNumberOfThreads) {
  Random random(31);
  RelatedCase one(random, test::normal_values(random, 700 * 20), {}, 700, -1, 20,
                  FloatType::kFloat32, Given::kBytes, 30);
  const Outcome alone = mine(one, Nearness::kCosine, false, 0.1, Screening::kOff, 1);
  EXPECT_FALSE(alone.positives.empty());
  EXPECT_FALSE(alone.negatives.empty());
  for (const int threads : {1, 2, 3, 8}) {
    ASSERT_EQ(mine(one, Nearness::kCosine, false, 0.1, Screening::kOn, threads), alone);
  }
}

TEST(SimilarityPairs, LeaveOutPairsOfNoNumber) {
  Random random(5);
  std::vector<double> values = test::normal_values(random, 40 * 5);
  values[3 * 5] = std::numeric_limits<double>::quiet_NaN();
  values[7 * 5 + 2] = std::numeric_limits<double>::infinity();
  RelatedCase one(random, values, {}, 40, -1, 5, FloatType::kFloat32, Given::kLabels, 6);
  for (const Nearness nearness : test::kNearnesses) {
    const Outcome outcome = mine(one, nearness, false, 0.1);
    EXPECT_EQ(outcome, brute_force(one, one.defined<float>(nearness, false), 0.1f));
    EXPECT_FALSE(outcome.negatives.empty());
    for (const auto& pairs : {outcome.positives, outcome.negatives}) {
      for (const auto& [anchor, column] : pairs) {
        EXPECT_TRUE(anchor != 3 && anchor != 7 && column != 3 && column != 7);
      }
    }
  }
}

// Whole numbers, of which many are a margin.
TEST(MarginPairs, CompareExactly) {
  int64_t found = 0;
  for (uint64_t seed = 400; seed < 500; ++seed) {
    Random random(seed);
    const FloatType types[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                               FloatType::kBFloat16};
    RelatedCase one = random_case(random, seed, types[seed / 2 % 4], true);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const std::vector<double> distances = one.textbook(nearness, false);
      const double sign = nearness == Nearness::kDot ? -1 : 1;
      for (const double pos_margin : {-1.0, 2.0}) {
        for (const double neg_margin : {0.0, 5.0, std::numeric_limits<double>::infinity()}) {
          const Outcome expected =
              brute_force_by_margins(one, distances, sign * pos_margin, sign * neg_margin);
          found += static_cast<int64_t>(expected.positives.size() + expected.negatives.size());
          ASSERT_EQ(mine_by_margins(one, nearness, pos_margin, neg_margin), expected)
              << "seed " << seed << " nearness " << static_cast<int>(nearness) << " margins "
              << pos_margin << ", " << neg_margin;
        }
      }
    }
  }
  EXPECT_GT(found, 100000);
}

template <typename T>
void expect_defined_by_margins(const test::ScreenBatch& batch, FloatType type, uint64_t seed) {
  Random random(seed);
  RelatedCase one(random, batch.values, {}, batch.rows, -1, batch.columns, type,
                  test::kGivens[seed % 4], 40);
  for (const Nearness nearness : test::kNearnesses) {
    const std::vector<T> distances = one.template defined<T>(nearness, false);
    // Margins that some pairs have exactly.
    const T pos_margin = distances[1], neg_margin = distances[distances.size() / 2];
    if (!std::isfinite(pos_margin) || !std::isfinite(neg_margin)) continue;
    const T sign = nearness == Nearness::kDot ? T(-1) : T(1);
    const Outcome expected = brute_force_by_margins(one, distances, pos_margin, neg_margin);
    for (const Screening screening : {Screening::kOn, Screening::kOff}) {
      for (const int threads : {1, 2, 3, 8}) {
        ASSERT_EQ(mine_by_margins(one, nearness, sign * pos_margin, sign * neg_margin, screening,
                                  threads),
                  expected)
            << batch.name << " nearness " << static_cast<int>(nearness) << " screening "
            << static_cast<int>(screening);
      }
    }
  }
}

TEST(MarginPairs, AreThoseOfThePairKernelsDistances) {
  uint64_t seed = 0;
  for (const test::ScreenBatch& batch : test::screen_batches(10, 210)) {
    expect_defined_by_margins<float>(batch, FloatType::kFloat32, seed++);
    expect_defined_by_margins<double>(batch, FloatType::kFloat64, seed++);
  }
}

}  // namespace
}  // namespace tripoint::cpu
