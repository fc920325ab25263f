#include "kernels/cpu/mine/margin_triplets.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <vector>

#include "tests/related_batches.h"
#include "tests/screen_batches.h"

namespace tripoint::cpu {
namespace {

using test::Given;
using test::Random;
using test::RelatedCase;
using test::Threads;

using Triplet = std::array<int64_t, 3>;

constexpr TripletKind kKinds[] = {TripletKind::kAll, TripletKind::kHard, TripletKind::kSemihard,
                                  TripletKind::kEasy};

std::vector<Triplet> mine(RelatedCase& one, Nearness nearness, bool normalize, TripletKind kind,
                          double margin, Screening screening = Screening::kOn, int threads = 2) {
  const Threads loop(threads);
  MarginTriplets mined(one.batch(), nearness, normalize, kind, margin, screening, loop);
  const auto count = static_cast<size_t>(mined.count());
  std::vector<int64_t> anchor(count, -7), positive(count, -7), negative(count, -7);
  mined.write(anchor.data(), positive.data(), negative.data());
  std::vector<Triplet> triplets;
  for (size_t t = 0; t < count; ++t) triplets.push_back({anchor[t], positive[t], negative[t]});
  return triplets;
}

bool is_wanted(TripletKind kind, auto gap, auto margin) {
  switch (kind) {
    case TripletKind::kAll:
      return gap <= margin;
    case TripletKind::kHard:
      return gap <= margin && gap <= 0;
    case TripletKind::kSemihard:
      return gap > 0 && gap <= margin;
    case TripletKind::kEasy:
      return gap > margin;
  }
  return false;
}

// All triplets, one by one, over a matrix of distances. `nearest` becomes how near a gap comes to
// what it is compared with.
template <typename T>
std::vector<Triplet> brute_force(const RelatedCase& one, const std::vector<T>& distances,
                                 TripletKind kind, T margin, T* nearest = nullptr) {
  std::vector<Triplet> triplets;
  for (int64_t a = 0; a < one.rows(); ++a) {
    for (int64_t p = 0; p < one.columns(); ++p) {
      if (one.side(a, p) != kPositive) continue;
      for (int64_t n = 0; n < one.columns(); ++n) {
        if (one.side(a, n) != kNegative) continue;
        const T to_positive = distances[static_cast<size_t>(a * one.columns() + p)];
        const T to_negative = distances[static_cast<size_t>(a * one.columns() + n)];
        if (!std::isfinite(to_positive) || !std::isfinite(to_negative)) continue;
        const T gap = to_negative - to_positive;
        if (nearest != nullptr) {
          *nearest = std::min({*nearest, std::abs(gap), std::abs(gap - margin)});
        }
        if (is_wanted(kind, gap, margin)) triplets.push_back({a, p, n});
      }
    }
  }
  return triplets;
}

RelatedCase random_case(Random& random, uint64_t seed, FloatType type, bool tied) {
  const int64_t sizes[] = {1, 2, 3, 13, 37, 66};
  const int64_t references[] = {-1, 0, 1, 19, 130};
  const int64_t widths[] = {1, 3, 8, 17, 70};
  const int64_t rows = sizes[seed % 6], columns = references[seed % 5],
                width = widths[seed / 5 % 5];
  const auto values = [&](int64_t count) {
    return tied ? test::tied_values(random, count) : test::normal_values(random, count);
  };
  std::vector<double> own = values(rows * width);
  return RelatedCase(random, own, values(std::max<int64_t>(columns, 0) * width), rows, columns,
                     width, type, test::kGivens[seed % 4], 1 + static_cast<int64_t>(seed % 9));
}

TEST(MarginTriplets, AreThoseOfTheDefinition) {
  int64_t compared = 0, found = 0;
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    RelatedCase one = random_case(random, seed, FloatType::kFloat64, false);
    for (const Nearness nearness : test::kNearnesses) {
      const bool normalize = seed % 3 == 0;
      const std::vector<double> distances = one.textbook(nearness, normalize);
      for (const double margin : {0.2, -0.3}) {
        for (const TripletKind kind : kKinds) {
          double nearest = std::numeric_limits<double>::infinity();
          const auto expected = brute_force(one, distances, kind, margin, &nearest);
          if (nearest < 1e-12) continue;
          ++compared;
          found += static_cast<int64_t>(expected.size());
          ASSERT_EQ(mine(one, nearness, normalize, kind, margin), expected)
              << "seed " << seed << " nearness " << static_cast<int>(nearness) << " kind "
              << static_cast<int>(kind) << " margin " << margin;
        }
      }
    }
  }
  EXPECT_GT(compared, 300);
  EXPECT_GT(found, 100000);
}

// Whole numbers, whose distances are exact: many gaps are 0 or the margin.
TEST(MarginTriplets, CompareExactly) {
  for (uint64_t seed = 300; seed < 340; ++seed) {
    Random random(seed);
    const FloatType types[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                               FloatType::kBFloat16};
    RelatedCase one = random_case(random, seed, types[seed % 4], true);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const std::vector<double> distances = one.textbook(nearness, false);
      for (const double margin : {0.0, 1.0, -2.0}) {
        for (const TripletKind kind : kKinds) {
          ASSERT_EQ(mine(one, nearness, false, kind, margin),
                    brute_force(one, distances, kind, margin))
              << "seed " << seed << " nearness " << static_cast<int>(nearness) << " kind "
              << static_cast<int>(kind) << " margin " << margin;
        }
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
      {
        const T margin = seed / 2 % 2 == 0 ? T(0.2) : T(-1e-6);
        for (const TripletKind kind : kKinds) {
          const auto expected = brute_force(one, distances, kind, margin);
          for (const Screening screening : {Screening::kOn, Screening::kOff}) {
            ASSERT_EQ(mine(one, nearness, false, kind, margin, screening), expected)
                << batch.name << " nearness " << static_cast<int>(nearness) << " kind "
                << static_cast<int>(kind) << " margin " << margin << " references " << references
                << " screening " << static_cast<int>(screening);
          }
        }
      }
    }
  }
}

// To the bit, where rounding decides.
TEST(MarginTriplets, AreThoseOfThePairKernelsDistances) {
  uint64_t seed = 0;
  for (const test::ScreenBatch& batch : test::screen_batches(9, 100)) {
    expect_defined<float>(batch, FloatType::kFloat32, seed++);
    expect_defined<double>(batch, FloatType::kFloat64, seed++);
  }
}

TEST(MarginTriplets, AreTheSameForAnyNumberOfThreads) {
  Random random(31);
  RelatedCase one(random, test::normal_values(random, 300 * 20), {}, 300, -1, 20,
                  FloatType::kFloat32, Given::kLabels, 30);
  for (const TripletKind kind : kKinds) {
    const auto alone = mine(one, Nearness::kEuclidean, false, kind, 0.2, Screening::kOff, 1);
    EXPECT_FALSE(alone.empty());
    for (const int threads : {1, 2, 3, 8}) {
      ASSERT_EQ(mine(one, Nearness::kEuclidean, false, kind, 0.2, Screening::kOn, threads), alone);
    }
  }
}

TEST(MarginTriplets, LeaveOutPairsOfNoNumber) {
  Random random(5);
  std::vector<double> values = test::normal_values(random, 40 * 5);
  values[3 * 5] = std::numeric_limits<double>::quiet_NaN();
  values[7 * 5 + 2] = std::numeric_limits<double>::infinity();
  RelatedCase one(random, values, {}, 40, -1, 5, FloatType::kFloat32, Given::kLabels, 6);
  for (const Nearness nearness : test::kNearnesses) {
    for (const TripletKind kind : kKinds) {
      const auto triplets = mine(one, nearness, false, kind, 0.2);
      EXPECT_FALSE(triplets.empty());
      EXPECT_EQ(triplets, brute_force(one, one.defined<float>(nearness, false), kind, 0.2f));
      for (const Triplet& triplet : triplets) {
        for (const int64_t row : triplet) EXPECT_TRUE(row != 3 && row != 7);
      }
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
