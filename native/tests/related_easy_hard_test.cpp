#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/mine/batch_easy_hard.h"
#include "tests/easy_hard_calls.h"
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
using test::Threads;

using Sides = test::EasyHardSides;
using Outcome = test::EasyHardOutcome;

Outcome mine(const RelatedBatch& batch, Nearness nearness, bool normalize, const Sides& sides,
             Screening screening = Screening::kOn, int threads = 2) {
  const auto anchors = static_cast<size_t>(batch.relation.anchors());
  Outcome outcome{std::vector<int64_t>(anchors, -7), std::vector<int64_t>(anchors, -7)};
  outcome.evaluated =
      batch_easy_hard(batch, nearness, normalize, sides.positive, sides.negative, screening,
                      Threads(threads), {outcome.positive.data(), outcome.negative.data()});
  return outcome;
}

// One side by its definition, over the distances of one anchor. `gap` becomes how near a distance
// comes to what it is compared with.
template <typename T>
int64_t choose(const RelatedCase& one, int64_t anchor, const std::vector<T>& distances,
               Nearness nearness, PairSide side, const EasyHardSide& wanted, const T* limit,
               T& gap) {
  const bool nearest = (side == kPositive) == (wanted.difficulty == Difficulty::kEasy);
  int64_t chosen = -1;
  const auto at = [&](int64_t column) {
    return distances[static_cast<size_t>(anchor * one.columns() + column)];
  };
  for (int64_t j = 0; j < one.columns(); ++j) {
    if (one.side(anchor, j) != side || std::isnan(at(j))) continue;
    const auto given = static_cast<double>(nearness == Nearness::kDot ? -at(j) : at(j));
    for (const std::optional<double>& bound : {wanted.least, wanted.greatest}) {
      if (bound) gap = std::min(gap, static_cast<T>(std::abs(given - *bound)));
    }
    if (limit != nullptr) gap = std::min(gap, std::abs(at(j) - *limit));
    if (given < wanted.least.value_or(-INFINITY) || given > wanted.greatest.value_or(INFINITY)) {
      continue;
    }
    if (limit != nullptr && !(nearest ? at(j) > *limit : at(j) < *limit)) continue;
    if (chosen >= 0) gap = std::min(gap, std::abs(at(j) - at(chosen)));
    if (chosen < 0 || (nearest ? at(j) < at(chosen) : at(j) > at(chosen))) chosen = j;
  }
  return chosen;
}

template <typename T>
Outcome brute_force(const RelatedCase& one, const std::vector<T>& distances, Nearness nearness,
                    const Sides& sides, T* gap = nullptr) {
  Outcome outcome;
  T least = std::numeric_limits<T>::infinity();
  for (int64_t a = 0; a < one.rows(); ++a) {
    const auto choice = [&](PairSide side, const T* limit) {
      return choose(one, a, distances, nearness, side,
                    side == kPositive ? sides.positive : sides.negative, limit, least);
    };
    // A side that stands on another one, which is chosen first.
    const auto standing = [&](PairSide side, int64_t on) -> int64_t {
      if (on < 0) return -1;
      return choice(side, &distances[static_cast<size_t>(a * one.columns() + on)]);
    };
    int64_t positive, negative;
    if (sides.positive.difficulty == Difficulty::kSemihard) {
      negative = choice(kNegative, nullptr);
      positive = standing(kPositive, negative);
    } else {
      positive = choice(kPositive, nullptr);
      negative = sides.negative.difficulty == Difficulty::kSemihard ? standing(kNegative, positive)
                                                                    : choice(kNegative, nullptr);
    }
    outcome.positive.push_back(positive);
    outcome.negative.push_back(negative);
  }
  if (gap != nullptr) *gap = least;
  return outcome;
}

void add_windows(Sides& sides, Nearness nearness) {
  const double middle = nearness == Nearness::kDot ? 0 : nearness == Nearness::kCosine ? 1 : 2;
  sides.positive.least = middle - 0.9;
  sides.positive.greatest = middle + 1.1;
  sides.negative.greatest = middle + 0.3;
}

RelatedCase random_case(Random& random, int64_t rows, int64_t references, int64_t width,
                        FloatType type, Given given, int64_t rarity, bool tied = false) {
  const auto values = tied ? &test::tied_values : nullptr;
  const auto draw = [&](int64_t count) {
    return values != nullptr ? values(random, count) : test::normal_values(random, count);
  };
  std::vector<double> embeddings = draw(rows * width);
  std::vector<double> others = draw(std::max<int64_t>(references, 0) * width);
  return {random, std::move(embeddings), std::move(others), rows, references, width, type, given,
          rarity};
}

TEST(RelatedEasyHard, IsTheDefinition) {
  int64_t compared = 0;
  for (uint64_t seed = 0; seed < 160; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 3, 13, 40, 100};
    const int64_t references[] = {-1, 0, 1, 19, 210};
    const int64_t widths[] = {2, 3, 8, 17, 128, 5, 33};
    const int64_t rarities[] = {1, 3, 20};
    RelatedCase one = random_case(random, sizes[seed % 6], references[seed % 5], widths[seed % 7],
                                  FloatType::kFloat64, kGivens[seed / 2 % 4], rarities[seed % 3]);
    for (const Nearness nearness : kNearnesses) {
      const bool normalize = seed % 3 == 0;
      const std::vector<double> distances = one.textbook(nearness, normalize);
      for (Sides sides : test::all_easy_hard_sides()) {
        if (seed % 2 == 0) add_windows(sides, nearness);
        double gap;
        const Outcome expected = brute_force(one, distances, nearness, sides, &gap);
        if (gap < 1e-9) continue;
        ++compared;
        ASSERT_EQ(mine(one.batch(), nearness, normalize, sides), expected)
            << "seed " << seed << " nearness " << static_cast<int>(nearness) << " positive "
            << static_cast<int>(sides.positive.difficulty) << " negative "
            << static_cast<int>(sides.negative.difficulty);
      }
    }
  }
  EXPECT_GT(compared, 3000);
}

// Whole numbers, whose distances are exact: many are equal, some to a bound of a window.
TEST(RelatedEasyHard, TakesTheLowestColumnOfEqualValuesAndBothBounds) {
  constexpr FloatType kTypes[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                                  FloatType::kBFloat16};
  for (uint64_t seed = 200; seed < 280; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {2, 13, 70, 230};
    const int64_t references[] = {-1, 40, 300};
    RelatedCase one = random_case(random, sizes[seed % 4], references[seed % 3],
                                  1 + static_cast<int64_t>(seed % 5), kTypes[seed / 4 % 4],
                                  kGivens[seed / 2 % 4], 1 + static_cast<int64_t>(seed % 7), true);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const std::vector<double> distances = one.textbook(nearness, false);
      for (Sides sides : test::all_easy_hard_sides()) {
        if (seed % 3 != 0) {
          sides.positive.least = 1;
          sides.negative.greatest = 4;
        }
        const Outcome expected = brute_force(one, distances, nearness, sides);
        for (const Screening screening : {Screening::kOn, Screening::kOff}) {
          ASSERT_EQ(mine(one.batch(), nearness, false, sides, screening), expected)
              << "seed " << seed << " nearness " << static_cast<int>(nearness);
        }
      }
    }
  }
}

template <typename T>
void expect_defined(const test::ScreenBatch& hard, FloatType type, Given given, bool references,
                    int64_t rarity, uint64_t seed) {
  Random random(seed);
  // Its first third are anchors, the rest references; or all of it is a batch.
  const int64_t rows = references ? hard.rows / 3 : hard.rows;
  const auto cut = hard.values.begin() + static_cast<std::ptrdiff_t>(rows * hard.columns);
  RelatedCase one(random, std::vector<double>(hard.values.begin(), cut),
                  std::vector<double>(cut, hard.values.end()), rows,
                  references ? hard.rows - rows : -1, hard.columns, type, given, rarity);
  bool windowed = references;
  for (const Nearness nearness : {Nearness::kEuclidean, Nearness::kCosine, Nearness::kDot}) {
    const std::vector<T> distances = one.defined<T>(nearness, false);
    for (Sides sides : test::all_easy_hard_sides()) {
      windowed = !windowed;
      if (windowed) {
        sides.positive.least = nearness == Nearness::kDot ? -3 : 0.3;
        sides.positive.greatest = 4;
        sides.negative.least = nearness == Nearness::kDot ? -2 : 0.5;
        sides.negative.greatest = 5;
      }
      // Euclidean distances are compared by their squares, which rooted ones do not tell: there
      // the bits must be those without screening.
      const Outcome plain = mine(one.batch(), nearness, false, sides, Screening::kOff, 1);
      if (nearness != Nearness::kEuclidean) {
        ASSERT_EQ(plain, brute_force(one, distances, nearness, sides)) << hard.name;
      }
      ASSERT_EQ(mine(one.batch(), nearness, false, sides), plain)
          << hard.name << ", nearness " << static_cast<int>(nearness) << " positive "
          << static_cast<int>(sides.positive.difficulty) << " negative "
          << static_cast<int>(sides.negative.difficulty) << " windowed " << windowed;
    }
  }
}

TEST(RelatedEasyHard, IsTheSameWithScreeningOnHardBatches) {
  for (const test::ScreenBatch& batch : test::screen_batches(7, 300)) {
    expect_defined<float>(batch, FloatType::kFloat32, Given::kBytes, true, 2, 11);
    expect_defined<float>(batch, FloatType::kFloat32, Given::kLabels, true, 40, 12);
    expect_defined<float>(batch, FloatType::kFloat32, Given::kBits, false, 30, 13);
    expect_defined<double>(batch, FloatType::kFloat64, Given::kLabelsPartly, false, 3, 14);
  }
}

TEST(RelatedEasyHard, HasTheSameBitsForAnyNumberOfThreads) {
  Random random(31);
  for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64, FloatType::kBFloat16}) {
    for (const int64_t references : {int64_t{-1}, int64_t{330}}) {
      RelatedCase one = random_case(random, 210, references, 20, type, Given::kBits, 9);
      for (const Nearness nearness : kNearnesses) {
        for (const Sides& sides : test::all_easy_hard_sides()) {
          const Outcome first = mine(one.batch(), nearness, true, sides, Screening::kOff, 1);
          for (const int threads : {1, 2, 3, 8}) {
            ASSERT_EQ(mine(one.batch(), nearness, true, sides, Screening::kOn, threads), first)
                << threads;
          }
        }
      }
    }
  }
}

TEST(RelatedEasyHard, ChoosesAsByLabelsWhatMasksSayOfThem) {
  Random random(51);
  const int64_t rows = 400, columns = 24;
  const std::vector<double> values = test::normal_values(random, rows * columns);
  const std::vector<int64_t> labels = test::ragged_labels(random, rows, 60);
  std::vector<uint8_t> mask;
  for (const int64_t a : labels) {
    for (const int64_t b : labels) mask.push_back(a == b ? 1 : 0);
  }
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  for (const FloatType type : {FloatType::kFloat32, FloatType::kBFloat16}) {
    const Matrix matrix(values, rows, columns, type);
    const RelatedBatch batch{
        matrix.get(), {}, {{mask.data(), rows, 1, false}, rows, rows, true, {}}};
    for (const Nearness nearness : kNearnesses) {
      for (const Sides& sides : test::all_easy_hard_sides()) {
        Outcome by_labels{std::vector<int64_t>(labels.size()), std::vector<int64_t>(labels.size())};
        batch_easy_hard(matrix.get(), stored.get(), nearness, false, sides.positive, sides.negative,
                        Screening::kOn, Threads(2),
                        {by_labels.positive.data(), by_labels.negative.data()});
        ASSERT_EQ(mine(batch, nearness, false, sides), by_labels);
      }
    }
  }
}

TEST(RelatedEasyHard, ScreeningLeavesFewPairs) {
  Random random(41);
  const int64_t rows = 1024;
  RelatedCase one = random_case(random, rows, 2048, 64, FloatType::kFloat32, Given::kBytes, 200);
  for (const Nearness nearness : {Nearness::kEuclidean, Nearness::kDot}) {
    for (const Sides& sides : test::all_easy_hard_sides()) {
      EXPECT_LT(mine(one.batch(), nearness, false, sides).evaluated, 60 * rows);
    }
  }
}

TEST(RelatedEasyHard, PassesOverNaN) {
  const std::vector<double> values = {0, NAN, 1, 3, INFINITY, 7};
  const std::vector<int64_t> own = {0, 0, 1};
  const std::vector<int64_t> others = {0, 0, 0, 1, 1, 1};
  const Matrix matrix({0, NAN, 3}, 3, 1, FloatType::kFloat32);
  const Matrix references(values, 6, 1, FloatType::kFloat32);
  const Labels<int64_t> labels(own, IntegerType::kInt64);
  const Labels<int64_t> reference_labels(others, IntegerType::kInt64);
  const RelatedBatch batch{
      matrix.get(), references.get(), {labels.get(), reference_labels.get(), {}}};
  const Sides hard = {{Difficulty::kHard, {}, {}}, {Difficulty::kHard, {}, {}}};
  const Outcome outcome = mine(batch, Nearness::kEuclidean, false, hard);
  EXPECT_EQ(outcome.positive, (std::vector<int64_t>{2, -1, 4}));
  EXPECT_EQ(outcome.negative, (std::vector<int64_t>{3, -1, 2}));
}

}  // namespace
}  // namespace tripoint::cpu
