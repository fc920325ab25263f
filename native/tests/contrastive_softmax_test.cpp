#include "kernels/cpu/loss/contrastive_softmax.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

// Plain, slow and in double: what the losses are by their definition.
struct Batch {
  std::vector<double> embeddings;
  std::vector<int64_t> labels;
  int64_t rows;
  int64_t columns;

  double similarity(int64_t i, int64_t j, Similarity kind) const {
    double product = 0, own = 0, other = 0;
    for (int64_t k = 0; k < columns; ++k) {
      const double x = embeddings[static_cast<size_t>(i * columns + k)];
      const double y = embeddings[static_cast<size_t>(j * columns + k)];
      product += x * y;
      own += x * x;
      other += y * y;
    }
    if (kind == Similarity::kDot) return product;
    return product / (std::max(std::sqrt(own), 1e-12) * std::max(std::sqrt(other), 1e-12));
  }
  bool same(int64_t i, int64_t j) const {
    return labels[static_cast<size_t>(i)] == labels[static_cast<size_t>(j)];
  }

  ContrastiveSoftmaxResult lose(const ContrastiveSoftmax& wanted) const {
    int64_t positives = 0, negatives = 0;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < rows; ++j) (same(i, j) ? positives : negatives) += i == j ? 0 : 1;
    }
    ContrastiveSoftmaxResult result{0, 0, 0};
    if (positives == 0 || negatives == 0) return result;
    for (int64_t a = 0; a < rows; ++a) {
      std::vector<double> ours, theirs;
      for (int64_t j = 0; j < rows; ++j) {
        if (j == a) continue;
        const double s = similarity(a, j, wanted.similarity) / wanted.temperature;
        (same(a, j) ? ours : theirs).push_back(s);
      }
      const auto lose_one = [&](double loss) {
        ++result.losses;
        result.above_zero += loss > 0 ? 1 : 0;
        result.loss += loss;
      };
      if (wanted.contrast == Contrast::kEachPositive) {
        for (const double s : ours) {
          double sum = 1;
          for (const double n : theirs) sum += std::exp(n - s);
          lose_one(std::log(sum));
        }
      } else {
        double loss = 0;
        for (const double s : ours) {
          double sum = 0;
          for (const double other : ours) sum += std::exp(other - s);
          for (const double n : theirs) sum += std::exp(n - s);
          loss += std::log(sum) / static_cast<double>(ours.size());
        }
        lose_one(loss);
      }
    }
    if (wanted.mean == LossMean::kAll) result.loss /= static_cast<double>(result.losses);
    if (wanted.mean == LossMean::kAboveZero && result.above_zero > 0) {
      result.loss /= static_cast<double>(result.above_zero);
    }
    return result;
  }
};

struct Outcome {
  double loss;
  int64_t losses, above_zero;
  std::vector<double> gradient;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const Matrix& matrix, const std::vector<int64_t>& labels,
                const ContrastiveSoftmax& wanted, int threads = 1) {
  const FloatMatrix& rows = matrix.get();
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const Result gradient(rows.rows, rows.columns, rows.type);
  const Threads loop(threads);
  const ContrastiveSoftmaxResult result =
      contrastive_softmax(rows, stored.get(), wanted, loop, gradient.data());
  return {result.loss, result.losses, result.above_zero, gradient.values()};
}

Batch random_batch(Random& random, int64_t rows, int64_t columns, int64_t classes) {
  return {test::normal_values(random, rows * columns), test::ragged_labels(random, rows, classes),
          rows, columns};
}

std::vector<ContrastiveSoftmax> all_kinds(const std::vector<double>& temperatures) {
  std::vector<ContrastiveSoftmax> kinds;
  for (const Similarity similarity : {Similarity::kCosine, Similarity::kDot}) {
    for (const Contrast contrast : {Contrast::kEachPositive, Contrast::kEachAnchor}) {
      for (const LossMean mean : {LossMean::kSum, LossMean::kAll, LossMean::kAboveZero}) {
        for (const double temperature : temperatures) {
          kinds.push_back({similarity, contrast, temperature, mean});
        }
      }
    }
  }
  return kinds;
}

TEST(ContrastiveSoftmax, IsTheDefinition) {
  for (uint64_t seed = 0; seed < 42; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 3, 13, 40, 97, 130};
    const int64_t widths[] = {1, 3, 8, 17, 64};
    const int64_t rows = sizes[seed % 7];
    const auto classes = 1 + static_cast<int64_t>(random() % static_cast<uint64_t>(rows + 1));
    const Batch batch = random_batch(random, rows, widths[seed % 5], seed % 3 == 0 ? 2 : classes);
    const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
    // By one shift, and where the similarities are spread too wide for one.
    for (const ContrastiveSoftmax& wanted : all_kinds({0.5, 0.002})) {
      if (rows > 90 && wanted.mean != LossMean::kAll) continue;
      SCOPED_TRACE(testing::Message()
                   << "seed " << seed << " similarity " << static_cast<int>(wanted.similarity)
                   << " contrast " << static_cast<int>(wanted.contrast) << " mean "
                   << static_cast<int>(wanted.mean) << " temperature " << wanted.temperature);
      const ContrastiveSoftmaxResult expected = batch.lose(wanted);
      if (!std::isfinite(expected.loss)) continue;
      const Outcome outcome = compute(matrix, batch.labels, wanted);
      EXPECT_EQ(outcome.losses, expected.losses);
      if (outcome.above_zero != expected.above_zero) continue;
      EXPECT_NEAR(outcome.loss, expected.loss, 1e-10 * (1 + expected.loss));
    }
  }
}

TEST(ContrastiveSoftmax, GradientIsTheDerivative) {
  for (uint64_t seed = 2000; seed < 2020; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {3, 7, 13, 110};
    const int64_t widths[] = {2, 3, 8, 17};
    const int64_t rows = sizes[seed % 4];
    Batch batch =
        random_batch(random, rows, widths[(seed / 4) % 4], std::max<int64_t>(rows / 3, 4));
    const Matrix matrix(batch.embeddings, batch.rows, batch.columns, FloatType::kFloat64);
    for (const ContrastiveSoftmax& wanted : all_kinds({0.3, 0.003})) {
      // The slope changes too fast for a difference where products are not bounded.
      if (wanted.similarity == Similarity::kDot && wanted.temperature < 0.1) continue;
      if (rows > 90 && wanted.mean != LossMean::kAll) continue;
      SCOPED_TRACE(testing::Message()
                   << "seed " << seed << " similarity " << static_cast<int>(wanted.similarity)
                   << " contrast " << static_cast<int>(wanted.contrast) << " mean "
                   << static_cast<int>(wanted.mean) << " temperature " << wanted.temperature);
      const Outcome outcome = compute(matrix, batch.labels, wanted);
      if (outcome.above_zero != batch.lose(wanted).above_zero) continue;
      const size_t step_of_entries = batch.embeddings.size() / 7 + 1;
      for (size_t e = seed % 3; e < batch.embeddings.size(); e += step_of_entries) {
        const double kept = batch.embeddings[e];
        const double step = 1e-6;
        batch.embeddings[e] = kept + step;
        const double above = batch.lose(wanted).loss;
        batch.embeddings[e] = kept - step;
        const double below = batch.lose(wanted).loss;
        batch.embeddings[e] = kept;
        const double slope = (above - below) / (2 * step);
        ASSERT_NEAR(outcome.gradient[e], slope,
                    1e-5 * (1 + std::abs(slope) + 1e-3 * std::abs(above)))
            << "entry " << e;
      }
    }
  }
}

TEST(ContrastiveSoftmax, FloatsAreCloseToDoubles) {
  for (const int64_t rows : {40, 207, 1700}) {
    Random random(static_cast<uint64_t>(rows));
    // Rows that are whole registers wide are summed in the result itself.
    for (const int64_t columns : {17, 32}) {
      const Batch batch = random_batch(random, rows, columns, rows / 6);
      const Matrix narrow(batch.embeddings, rows, columns, FloatType::kFloat32);
      const Matrix wide(narrow.values(), rows, columns, FloatType::kFloat64);
      for (const double temperature : {0.07, 0.024}) {
        for (const Contrast contrast : {Contrast::kEachPositive, Contrast::kEachAnchor}) {
          SCOPED_TRACE(testing::Message() << rows << " rows, temperature " << temperature);
          const ContrastiveSoftmax wanted{Similarity::kCosine, contrast, temperature,
                                          LossMean::kAll};
          const Outcome exact = compute(wide, batch.labels, wanted);
          const Outcome outcome = compute(narrow, batch.labels, wanted);
          EXPECT_NEAR(outcome.loss, exact.loss, 2e-6 * exact.loss);
          double greatest = 0;
          for (const double value : exact.gradient) {
            greatest = std::max(greatest, std::abs(value));
          }
          for (size_t e = 0; e < exact.gradient.size(); ++e) {
            ASSERT_NEAR(outcome.gradient[e], exact.gradient[e], 1e-5 * greatest) << e;
          }
        }
      }
    }
  }
}

TEST(ContrastiveSoftmax, HasTheSameBitsForAnyNumberOfThreads) {
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (const int64_t classes : {2, 40}) {
      Random random(31);
      const Batch batch = random_batch(random, 211, 33, classes);
      const Matrix matrix(batch.embeddings, batch.rows, batch.columns, type);
      for (const ContrastiveSoftmax& wanted : all_kinds({0.07, 0.002})) {
        if (wanted.mean != LossMean::kAll) continue;
        const Outcome one = compute(matrix, batch.labels, wanted, 1);
        EXPECT_GT(one.losses, 0);
        for (const int threads : {2, 3, 8}) {
          EXPECT_EQ(compute(matrix, batch.labels, wanted, threads), one) << threads;
        }
      }
    }
  }
}

TEST(ContrastiveSoftmax, ReadsStridesAndAllTypes) {
  Random random(41);
  const Batch batch = random_batch(random, 50, 17, 6);
  const ContrastiveSoftmax wanted{Similarity::kCosine, Contrast::kEachPositive, 0.07,
                                  LossMean::kAll};
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    const Matrix plain(batch.embeddings, batch.rows, batch.columns, type);
    const Outcome expected = compute(plain, batch.labels, wanted);
    for (const bool columns_first : {false, true}) {
      for (const int64_t gap : {0, 1, 5}) {
        const Matrix strided(batch.embeddings, batch.rows, batch.columns, type, gap, columns_first);
        EXPECT_EQ(compute(strided, batch.labels, wanted), expected);
      }
    }
  }
}

TEST(ContrastiveSoftmax, WithoutPositivesOrNegativesTheLossIsZero) {
  Random random(51);
  const Matrix matrix(test::normal_values(random, 4 * 16), 4, 16, FloatType::kFloat32);
  const Outcome none{0, 0, 0, std::vector<double>(64, 0.0)};
  const Outcome nothing{0, 0, 0, {}};
  for (const ContrastiveSoftmax& wanted : all_kinds({0.1})) {
    EXPECT_EQ(compute(matrix, {5, 5, 5, 5}, wanted), none);
    EXPECT_EQ(compute(matrix, {0, 1, 2, 3}, wanted), none);
    EXPECT_EQ(compute(Matrix({}, 0, 3, FloatType::kFloat32), {}, wanted), nothing);
  }
}

TEST(ContrastiveSoftmax, LossesEndWhereTheQuotientDoes) {
  // The positive is opposite, the negative the same: the quotient is e^(−2 / t), which the smallest
  // normal number is added to.
  const Matrix matrix({1, 0, -1, 0, 1, 0}, 3, 2, FloatType::kFloat32);
  const ContrastiveSoftmax wanted{Similarity::kCosine, Contrast::kEachPositive, 0.01,
                                  LossMean::kAll};
  const Outcome outcome = compute(matrix, {0, 0, 1}, wanted);
  const double end = -std::log(static_cast<double>(std::numeric_limits<float>::min()));
  // The other anchor of the pair has both at the same distance.
  EXPECT_NEAR(outcome.loss, (end + std::log(2.0)) / 2, 1e-5);
  for (const double value : outcome.gradient) EXPECT_TRUE(std::isfinite(value));
}

TEST(ContrastiveSoftmax, RowsOfZerosHaveNoDirection) {
  const Matrix matrix({0, 0, 1, 0, 0, 1}, 3, 2, FloatType::kFloat64);
  const ContrastiveSoftmax wanted{Similarity::kCosine, Contrast::kEachAnchor, 1, LossMean::kAll};
  const Outcome outcome = compute(matrix, {0, 0, 1}, wanted);
  EXPECT_NEAR(outcome.loss, 2 * std::log(2.0) / 3, 1e-12);
  // Of such a row the divisor is 1e-12, whatever the row.
  EXPECT_NEAR(outcome.gradient[0] * 1e-12, -0.5 / 3 - 0.5 / 3, 1e-12);
  EXPECT_NEAR(outcome.gradient[1] * 1e-12, 0.5 / 3, 1e-12);
}

TEST(ContrastiveSoftmax, WhatIsNotFiniteGivesNaN) {
  const Matrix matrix({0, 1, 2, std::numeric_limits<double>::quiet_NaN(), 4, 5}, 3, 2,
                      FloatType::kFloat32);
  for (const ContrastiveSoftmax& wanted : all_kinds({0.1})) {
    const Outcome outcome = compute(matrix, {0, 0, 1}, wanted);
    EXPECT_TRUE(std::isnan(outcome.loss));
    EXPECT_EQ(outcome.losses, wanted.contrast == Contrast::kEachPositive ? 2 : 3);
    EXPECT_EQ(outcome.above_zero, 0);
    for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
  }
}

}  // namespace
}  // namespace tripoint::cpu
