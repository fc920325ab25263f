#include "kernels/cpu/mine/batch_easy_hard.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/easy_hard_calls.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Matrix;
using test::Random;
using test::Threads;

constexpr Nearness kAll[] = {Nearness::kEuclidean, Nearness::kSquaredEuclidean, Nearness::kCosine,
                             Nearness::kDot};

using Sides = test::EasyHardSides;
using Outcome = test::EasyHardOutcome;

Outcome mine(const FloatMatrix& rows, const std::vector<int64_t>& labels, Nearness nearness,
             bool normalize, const Sides& sides, Screening screening = Screening::kOn,
             int threads = 2) {
  const Labels<int64_t> stored(labels, IntegerType::kInt64, 3);
  Outcome outcome{std::vector<int64_t>(labels.size(), -7), std::vector<int64_t>(labels.size(), -7)};
  outcome.evaluated = batch_easy_hard(rows, stored.get(), nearness, normalize, sides.positive,
                                      sides.negative, screening, Threads(threads),
                                      {outcome.positive.data(), outcome.negative.data()});
  return outcome;
}

// The definition over a matrix of values, of any type of number: of squares for Euclidean
// distances, and of negated products.
template <typename T>
class Oracle {
 public:
  Oracle(std::vector<T> values, std::vector<int64_t> labels, Nearness nearness)
      : values_(std::move(values)),
        labels_(std::move(labels)),
        size_(labels_.size()),
        nearness_(nearness) {}

  Outcome mine(const Sides& sides) const {
    Outcome outcome;
    for (size_t i = 0; i < size_; ++i) {
      int64_t positive = -1, negative = -1;
      if (sides.positive.difficulty == Difficulty::kSemihard) {
        negative = choose(i, false, sides.negative, nullptr);
        const T limit = negative < 0 ? T{0} : at(i, static_cast<size_t>(negative));
        if (negative >= 0) positive = choose(i, true, sides.positive, &limit);
      } else {
        positive = choose(i, true, sides.positive, nullptr);
        const T limit = positive < 0 ? T{0} : at(i, static_cast<size_t>(positive));
        if (sides.negative.difficulty != Difficulty::kSemihard) {
          negative = choose(i, false, sides.negative, nullptr);
        } else if (positive >= 0) {
          negative = choose(i, false, sides.negative, &limit);
        }
      }
      outcome.positive.push_back(positive);
      outcome.negative.push_back(negative);
    }
    return outcome;
  }

  // How close two distances of one row are, or one and a bound.
  T gap(const Sides& sides) const {
    T least = std::numeric_limits<T>::infinity();
    for (size_t i = 0; i < size_; ++i) {
      std::vector<T> row;
      for (size_t j = 0; j < size_; ++j) {
        if (j != i) row.push_back(given(at(i, j)));
      }
      for (const EasyHardSide* side : {&sides.positive, &sides.negative}) {
        if (side->least) row.push_back(static_cast<T>(*side->least));
        if (side->greatest) row.push_back(static_cast<T>(*side->greatest));
      }
      std::sort(row.begin(), row.end());
      for (size_t k = 1; k < row.size(); ++k) least = std::min(least, row[k] - row[k - 1]);
    }
    return least;
  }

 private:
  T at(size_t i, size_t j) const { return values_[i * size_ + j]; }
  T given(T value) const {
    return nearness_ == Nearness::kDot         ? -value
           : nearness_ == Nearness::kEuclidean ? std::sqrt(value)
                                               : value;
  }

  int64_t choose(size_t i, bool of_class, const EasyHardSide& side, const T* limit) const {
    const bool nearest = of_class == (side.difficulty == Difficulty::kEasy);
    int64_t chosen = -1;
    for (size_t j = 0; j < size_; ++j) {
      if (j == i || (labels_[i] == labels_[j]) != of_class) continue;
      const T value = at(i, j);
      const auto number = static_cast<double>(given(value));
      if (!(number >= side.least.value_or(-INFINITY) &&
            number <= side.greatest.value_or(INFINITY))) {
        continue;
      }
      if (limit != nullptr && !(nearest ? value > *limit : value < *limit)) continue;
      if (chosen < 0) {
        chosen = static_cast<int64_t>(j);
        continue;
      }
      const T best = at(i, static_cast<size_t>(chosen));
      if (nearest ? value < best : value > best) chosen = static_cast<int64_t>(j);
    }
    return chosen;
  }

  std::vector<T> values_;
  std::vector<int64_t> labels_;
  size_t size_;
  Nearness nearness_;
};

// Values by their textbook formulas, in double.
Oracle<double> textbook(const std::vector<double>& values, const std::vector<int64_t>& labels,
                        int64_t columns, Nearness nearness, bool normalize) {
  std::vector<double> rows = values;
  const auto size = static_cast<int64_t>(labels.size());
  const auto at = [&](int64_t i, int64_t k) -> double& {
    return rows[static_cast<size_t>(i * columns + k)];
  };
  for (int64_t i = 0; i < size && (normalize || nearness == Nearness::kCosine); ++i) {
    double square = 0;
    for (int64_t k = 0; k < columns; ++k) square += at(i, k) * at(i, k);
    for (int64_t k = 0; k < columns; ++k) at(i, k) /= std::max(std::sqrt(square), 1e-12);
  }
  std::vector<double> found;
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j) {
      double square = 0, product = 0;
      for (int64_t k = 0; k < columns; ++k) {
        square += (at(i, k) - at(j, k)) * (at(i, k) - at(j, k));
        product += at(i, k) * at(j, k);
      }
      found.push_back(nearness == Nearness::kCosine ? 1 - product
                      : nearness == Nearness::kDot  ? -product
                                                    : square);
    }
  }
  return Oracle<double>(std::move(found), labels, nearness);
}

// Values by the pair kernel, which defines them.
template <typename T>
Oracle<T> by_pair_kernel(const FloatMatrix& matrix, const std::vector<int64_t>& labels,
                         Nearness nearness, bool normalize) {
  std::vector<int64_t> order(labels.size());
  std::iota(order.begin(), order.end(), 0);
  const PackedRows<T> rows(matrix, order, packing_of(nearness), Threads(1), normalize);
  const PairValues<T> values(nearness, {}, {});
  std::vector<T> found(labels.size() * labels.size());
  for (int64_t i = 0; i < rows.size(); ++i) {
    values.of(rows, i, rows, 0, rows.size(), found.data() + i * rows.size());
  }
  return Oracle<T>(std::move(found), labels, nearness);
}

std::vector<int64_t> random_labels(Random& random, int64_t rows) {
  return test::ragged_labels(random, rows,
                             1 + static_cast<int64_t>(random() % static_cast<uint64_t>(rows)));
}

TEST(BatchEasyHard, IsTheDefinition) {
  int64_t compared = 0;
  for (uint64_t seed = 0; seed < 120; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 3, 13, 40, 66};
    const int64_t widths[] = {2, 3, 8, 17, 128};
    const int64_t rows = sizes[seed % 6], columns = widths[seed % 5];
    const std::vector<double> values = test::normal_values(random, rows * columns);
    const std::vector<int64_t> labels = random_labels(random, rows);
    const Matrix matrix(values, rows, columns, FloatType::kFloat64);
    for (const Nearness nearness : kAll) {
      const bool normalize = seed % 3 == 0;
      const Oracle<double> oracle = textbook(values, labels, columns, nearness, normalize);
      for (Sides sides : test::all_easy_hard_sides()) {
        if (seed % 2 == 0) {
          const double middle = nearness == Nearness::kDot      ? 0
                                : nearness == Nearness::kCosine ? 1
                                                                : 2;
          sides.positive.least = middle - 0.9;
          sides.positive.greatest = middle + 1.1;
          if (seed % 4 == 0) sides.negative.least = middle - 0.7;
          sides.negative.greatest = middle + 0.3;
        }
        if (oracle.gap(sides) < 1e-9) continue;
        ++compared;
        ASSERT_EQ(mine(matrix.get(), labels, nearness, normalize, sides), oracle.mine(sides))
            << "seed " << seed << " nearness " << static_cast<int>(nearness) << " positive "
            << static_cast<int>(sides.positive.difficulty) << " negative "
            << static_cast<int>(sides.negative.difficulty);
      }
    }
  }
  EXPECT_GT(compared, 2000);
}

// Whole numbers, whose distances are exact: many are equal, some to a bound of a window.
TEST(BatchEasyHard, TakesTheLowestIndexOfEqualValuesAndBothBounds) {
  for (uint64_t seed = 200; seed < 320; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {2, 13, 70, 300};
    const int64_t rows = sizes[seed % 4], columns = 1 + static_cast<int64_t>(seed % 5);
    const std::vector<double> values = test::tied_values(random, rows * columns);
    const std::vector<int64_t> labels = random_labels(random, rows);
    const FloatType types[] = {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16,
                               FloatType::kBFloat16};
    const Matrix matrix(values, rows, columns, types[seed / 4 % 4], 1, seed % 2 == 0);
    for (const Nearness nearness : {Nearness::kSquaredEuclidean, Nearness::kDot}) {
      const Oracle<double> oracle = textbook(values, labels, columns, nearness, false);
      for (Sides sides : test::all_easy_hard_sides()) {
        if (seed % 3 != 0) {
          sides.positive.least = 1;
          sides.negative.greatest = 4;
        }
        for (const Screening screening : {Screening::kOn, Screening::kOff}) {
          ASSERT_EQ(mine(matrix.get(), labels, nearness, false, sides, screening),
                    oracle.mine(sides))
              << "seed " << seed << " nearness " << static_cast<int>(nearness) << " positive "
              << static_cast<int>(sides.positive.difficulty) << " negative "
              << static_cast<int>(sides.negative.difficulty);
        }
      }
    }
  }
}

template <typename T>
void expect_defined(const test::ScreenBatch& batch, FloatType type, int64_t classes,
                    uint64_t seed) {
  Random random(seed);
  std::vector<int64_t> labels(static_cast<size_t>(batch.rows));
  for (int64_t& label : labels) {
    label = static_cast<int64_t>(random() % static_cast<uint64_t>(classes));
  }
  const Matrix matrix(batch.values, batch.rows, batch.columns, type);
  for (const Nearness nearness : {Nearness::kEuclidean, Nearness::kCosine}) {
    const Oracle<T> oracle = by_pair_kernel<T>(matrix.get(), labels, nearness, false);
    for (Sides sides : test::all_easy_hard_sides()) {
      for (const bool windowed : {false, true}) {
        if (windowed) {
          sides.positive.least = 0.3;
          sides.positive.greatest = 4;
          sides.negative.least = 0.5;
          sides.negative.greatest = 5;
        }
        const Outcome expected = oracle.mine(sides);
        for (const Screening screening : {Screening::kOn, Screening::kOff}) {
          ASSERT_EQ(mine(matrix.get(), labels, nearness, false, sides, screening), expected)
              << batch.name << ", " << classes << " classes, nearness "
              << static_cast<int>(nearness) << " positive "
              << static_cast<int>(sides.positive.difficulty) << " negative "
              << static_cast<int>(sides.negative.difficulty) << " windowed " << windowed;
        }
      }
    }
  }
}

TEST(BatchEasyHard, IsTheSameWithScreeningOnHardBatches) {
  for (const test::ScreenBatch& batch : test::screen_batches(7, 290)) {
    expect_defined<float>(batch, FloatType::kFloat32, 2, 11);
    expect_defined<float>(batch, FloatType::kFloat32, 40, 12);
    expect_defined<double>(batch, FloatType::kFloat64, 40, 13);
  }
}

TEST(BatchEasyHard, HasTheSameBitsForAnyNumberOfThreads) {
  Random random(31);
  const int64_t rows = 700, columns = 20;
  const std::vector<double> values = test::normal_values(random, rows * columns);
  const std::vector<int64_t> labels = random_labels(random, rows);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    const Matrix matrix(values, rows, columns, type);
    for (const Nearness nearness : kAll) {
      for (const Sides& sides : test::all_easy_hard_sides()) {
        const Outcome one = mine(matrix.get(), labels, nearness, true, sides, Screening::kOff, 1);
        for (const int threads : {1, 2, 3, 8}) {
          ASSERT_EQ(mine(matrix.get(), labels, nearness, true, sides, Screening::kOn, threads), one)
              << threads;
        }
      }
    }
  }
}

TEST(BatchEasyHard, ScreeningLeavesFewPairs) {
  Random random(41);
  const int64_t rows = 2048, columns = 64;
  const std::vector<double> values = test::normal_values(random, rows * columns);
  std::vector<int64_t> labels(static_cast<size_t>(rows));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int64_t>(i / 8);
  const Matrix matrix(values, rows, columns, FloatType::kFloat32);
  for (const Sides& sides : test::all_easy_hard_sides()) {
    EXPECT_LT(mine(matrix.get(), labels, Nearness::kEuclidean, false, sides).evaluated, 30 * rows);
  }
}

TEST(BatchEasyHard, PassesOverNaN) {
  const std::vector<double> values = {0, NAN, 1, 3, INFINITY, 7};
  const std::vector<int64_t> labels = {0, 0, 0, 1, 1, 1};
  const Matrix matrix(values, 6, 1, FloatType::kFloat32);
  const Sides hard = {{Difficulty::kHard, {}, {}}, {Difficulty::kHard, {}, {}}};
  const Outcome outcome = mine(matrix.get(), labels, Nearness::kEuclidean, false, hard);
  EXPECT_EQ(outcome.positive, (std::vector<int64_t>{2, -1, 0, 4, 3, 4}));
  EXPECT_EQ(outcome.negative, (std::vector<int64_t>{3, -1, 3, 2, 0, 2}));
}

TEST(BatchEasyHard, NoRowsAndNoColumns) {
  const Sides hard = {{Difficulty::kHard, {}, {}}, {Difficulty::kSemihard, {}, {}}};
  const Matrix none({}, 0, 4, FloatType::kFloat32);
  EXPECT_TRUE(mine(none.get(), {}, Nearness::kEuclidean, false, hard).positive.empty());
  const Matrix bare({}, 3, 0, FloatType::kFloat32);
  const Outcome outcome = mine(bare.get(), {1, 1, 2}, Nearness::kEuclidean, false, hard);
  EXPECT_EQ(outcome.positive, (std::vector<int64_t>{1, 0, -1}));
  EXPECT_EQ(outcome.negative, (std::vector<int64_t>{-1, -1, -1}));
}

}  // namespace
}  // namespace tripoint::cpu
