#include "kernels/cpu/loss/contrastive.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

struct Outcome {
  double positive, negative;
  int64_t positives, positives_above, negatives, negatives_above;
  std::vector<double> gradient;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const Matrix& matrix, const std::vector<int64_t>& labels, const Contrastive& wanted,
                int threads = 1) {
  const FloatMatrix& rows = matrix.get();
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const Result gradient(rows.rows, rows.columns, rows.type);
  const Threads loop(threads);
  const ContrastiveResult found = contrastive(rows, stored.get(), wanted, loop, gradient.data());
  return {found.positive.loss,       found.negative.loss,   found.positive.losses,
          found.positive.above_zero, found.negative.losses, found.negative.above_zero,
          gradient.values()};
}

// By the definition: in long double, pair by pair.
Outcome by_definition(const test::ScreenBatch& batch, const std::vector<int64_t>& labels,
                      const Contrastive& wanted) {
  const int64_t size = batch.rows;
  const int64_t width = batch.columns;
  std::vector<long double> rows(batch.values.begin(), batch.values.end());
  std::vector<long double> norms(static_cast<size_t>(size), 1);
  const auto at = [&](int64_t i, int64_t k) { return static_cast<size_t>(i * width + k); };
  const bool cosine = wanted.nearness == Nearness::kCosine;
  const bool unit = wanted.normalize || cosine;
  const bool of_product = cosine || wanted.nearness == Nearness::kDot;
  for (int64_t i = 0; unit && i < size; ++i) {
    long double square = 0;
    for (int64_t k = 0; k < width; ++k) square += rows[at(i, k)] * rows[at(i, k)];
    norms[static_cast<size_t>(i)] = std::max(std::sqrt(square), 1e-12L);
    for (int64_t k = 0; k < width; ++k) rows[at(i, k)] /= norms[static_cast<size_t>(i)];
  }
  struct Pair {
    int64_t i, j;
    bool positive;
    long double slope;
  };
  std::vector<Pair> pairs;
  Outcome outcome{0, 0, 0, 0, 0, 0, {}};
  long double positive = 0, negative = 0;
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t j = 0; j < size; ++j) {
      if (i == j) continue;
      long double square = 0, product = 0;
      for (int64_t k = 0; k < width; ++k) {
        square += (rows[at(i, k)] - rows[at(j, k)]) * (rows[at(i, k)] - rows[at(j, k)]);
        product += rows[at(i, k)] * rows[at(j, k)];
      }
      const bool euclidean = wanted.nearness == Nearness::kEuclidean;
      const long double distance = wanted.nearness == Nearness::kDot ? -product
                                   : cosine                          ? 1 - product
                                   : euclidean                       ? std::sqrt(square)
                                                                     : square;
      const bool same = labels[static_cast<size_t>(i)] == labels[static_cast<size_t>(j)];
      const long double cost =
          same ? distance - wanted.positive_margin : wanted.negative_margin - distance;
      ++(same ? outcome.positives : outcome.negatives);
      if (!(cost > 0)) continue;
      ++(same ? outcome.positives_above : outcome.negatives_above);
      (same ? positive : negative) += cost;
      const long double slope = of_product ? 1 : !euclidean ? 2 : distance > 0 ? 1 / distance : 0;
      pairs.push_back({i, j, same, same ? slope : -slope});
    }
  }
  const long double of_positives =
      divisor_of(wanted.mean, outcome.positives, outcome.positives_above);
  const long double of_negatives =
      divisor_of(wanted.mean, outcome.negatives, outcome.negatives_above);
  outcome.positive = static_cast<double>(positive / of_positives);
  outcome.negative = static_cast<double>(negative / of_negatives);
  std::vector<long double> gradient(rows.size());
  for (const Pair& pair : pairs) {
    const long double weight = pair.slope / (pair.positive ? of_positives : of_negatives);
    for (int64_t k = 0; k < width; ++k) {
      const long double x = rows[at(pair.i, k)], y = rows[at(pair.j, k)];
      gradient[at(pair.i, k)] += weight * (of_product ? -y : x - y);
      gradient[at(pair.j, k)] += weight * (of_product ? -x : y - x);
    }
  }
  for (int64_t i = 0; unit && i < size; ++i) {
    const long double norm = norms[static_cast<size_t>(i)];
    long double along = 0;
    for (int64_t k = 0; k < width; ++k) along += gradient[at(i, k)] * rows[at(i, k)];
    if (norm <= 1e-12L) along = 0;
    for (int64_t k = 0; k < width; ++k) {
      gradient[at(i, k)] = (gradient[at(i, k)] - along * rows[at(i, k)]) / norm;
    }
  }
  outcome.gradient.assign(gradient.begin(), gradient.end());
  return outcome;
}

std::vector<int64_t> some_labels(Random& random, int64_t rows, int64_t classes) {
  std::vector<int64_t> labels;
  for (int64_t i = 0; i < rows; ++i) {
    labels.push_back(static_cast<int64_t>(random() % static_cast<uint64_t>(classes)));
  }
  return labels;
}

void expect_near(const Outcome& found, const Outcome& expected, double accuracy) {
  EXPECT_EQ(found.positives, expected.positives);
  EXPECT_EQ(found.negatives, expected.negatives);
  EXPECT_NEAR(found.positive, expected.positive, accuracy * (1 + expected.positive));
  EXPECT_NEAR(found.negative, expected.negative, accuracy * (1 + expected.negative));
  double greatest = 0;
  for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
  for (size_t e = 0; e < found.gradient.size(); ++e) {
    ASSERT_NEAR(found.gradient[e], expected.gradient[e], accuracy * greatest) << "entry " << e;
  }
}

TEST(Contrastive, IsTheDefinition) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const int64_t sizes[] = {1, 2, 13, 90, 203};
    const int64_t widths[] = {1, 3, 17, 40};
    const int64_t rows = sizes[seed % 5];
    const test::ScreenBatch batch{"", test::normal_values(random, rows * widths[seed % 4]), rows,
                                  widths[seed % 4]};
    const std::vector<int64_t> labels = some_labels(random, rows, seed % 3 == 0 ? 2 : 30);
    for (const Nearness nearness :
         {Nearness::kEuclidean, Nearness::kSquaredEuclidean, Nearness::kCosine, Nearness::kDot}) {
      for (const bool normalize : {false, true}) {
        for (const LossMean mean : {LossMean::kSum, LossMean::kAll, LossMean::kAboveZero}) {
          SCOPED_TRACE(testing::Message() << "seed " << seed << " normalize " << normalize
                                          << " mean " << static_cast<int>(mean));
          const Contrastive wanted{nearness, normalize, 0.3, seed % 2 == 0 ? 1.1 : 5.0, mean};
          const Matrix matrix(batch.values, rows, batch.columns, FloatType::kFloat64);
          const Outcome expected = by_definition(batch, labels, wanted);
          const Outcome found = compute(matrix, labels, wanted);
          EXPECT_EQ(found.positives_above, expected.positives_above);
          EXPECT_EQ(found.negatives_above, expected.negatives_above);
          expect_near(found, expected, 1e-11);
        }
      }
    }
  }
}

// What is hard for products of rows: near ties, duplicates, collapsed and very large rows.
TEST(Contrastive, KeepsItsAccuracyWhereRowsAreNearlyEqual) {
  for (const test::ScreenBatch& batch : test::screen_batches(91, 210)) {
    if (batch.name == "denormal" || batch.name == "squares below the least number") continue;
    Random random(92);
    const std::vector<int64_t> labels = some_labels(random, batch.rows, 40);
    const Matrix matrix(batch.values, batch.rows, batch.columns, FloatType::kFloat32);
    const test::ScreenBatch stored{batch.name, matrix.values(), batch.rows, batch.columns};
    for (const double margin : {0.01, 1.1, 100.0}) {
      SCOPED_TRACE(testing::Message() << batch.name << " margin " << margin);
      const Contrastive wanted{Nearness::kEuclidean, false, 0, margin, LossMean::kSum};
      const Outcome expected = by_definition(stored, labels, wanted);
      if (!std::isfinite(static_cast<float>(expected.positive))) continue;
      expect_near(compute(matrix, labels, wanted), expected, 2e-5);
    }
  }
}

TEST(Contrastive, HasTheSameBitsForAnyNumberOfThreads) {
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (const int64_t rows : {100, 500}) {
      Random random(7);
      const std::vector<double> values = test::normal_values(random, rows * 20);
      const Matrix matrix(values, rows, 20, type);
      const std::vector<int64_t> labels = some_labels(random, rows, 12);
      const Contrastive wanted{Nearness::kEuclidean, true, 0.1, 1.2, LossMean::kAboveZero};
      const Outcome one = compute(matrix, labels, wanted, 1);
      EXPECT_GT(one.negatives_above, 0);
      for (const int threads : {2, 3, 8}) EXPECT_EQ(compute(matrix, labels, wanted, threads), one);
    }
  }
}

TEST(Contrastive, RowsOfZerosAndNaN) {
  const Matrix zeros({0, 0, 0, 0, 1, 1}, 3, 2, FloatType::kFloat32);
  const Contrastive wanted{Nearness::kEuclidean, true, 0, 1.5, LossMean::kAll};
  const test::ScreenBatch batch{"", {0, 0, 0, 0, 1, 1}, 3, 2};
  expect_near(compute(zeros, {0, 1, 1}, wanted), by_definition(batch, {0, 1, 1}, wanted), 1e-6);
  const Contrastive cosine{Nearness::kCosine, false, 0, 1.5, LossMean::kAll};
  expect_near(compute(zeros, {0, 1, 1}, cosine), by_definition(batch, {0, 1, 1}, cosine), 1e-6);
  const Matrix nan({0, std::nan(""), 0, 0, 1, 1}, 3, 2, FloatType::kFloat32);
  const Outcome found = compute(nan, {0, 1, 1}, wanted);
  EXPECT_TRUE(std::isnan(found.positive + found.negative));
  for (const double value : found.gradient) EXPECT_TRUE(std::isnan(value));
}

}  // namespace
}  // namespace tripoint::cpu
