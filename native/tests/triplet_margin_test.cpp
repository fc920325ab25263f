#include "kernels/cpu/loss/triplet_margin.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Matrix;
using test::Random;
using test::Result;
using test::Threads;

constexpr Nearness kNearnesses[] = {Nearness::kEuclidean, Nearness::kSquaredEuclidean,
                                    Nearness::kCosine, Nearness::kDot};
constexpr LossMean kMeans[] = {LossMean::kAboveZero, LossMean::kAll, LossMean::kSum};

struct Batch {
  std::vector<double> values;
  int64_t rows;
  int64_t columns;
  std::vector<int64_t> anchor, positive, negative;
};

Batch random_batch(Random& random, int64_t rows, int64_t columns, int64_t triplets) {
  Batch batch{test::normal_values(random, rows * columns), rows, columns, {}, {}, {}};
  const auto draw = [&] { return static_cast<int64_t>(random() % static_cast<uint64_t>(rows)); };
  for (int64_t t = 0; t < triplets; ++t) {
    batch.anchor.push_back(draw());
    batch.positive.push_back(draw());
    batch.negative.push_back(draw());
  }
  return batch;
}

struct Outcome {
  double loss;
  int64_t active;
  std::vector<double> gradient;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const Batch& batch, FloatType type, const TripletMargin& rule, int threads = 2,
                bool columns_first = false) {
  const Matrix matrix(batch.values, batch.rows, batch.columns, type, 0, columns_first);
  const Labels<int64_t> anchor(batch.anchor, IntegerType::kInt64, 2);
  const Labels<int64_t> positive(batch.positive, IntegerType::kInt64);
  const Labels<int64_t> negative(batch.negative, IntegerType::kInt64, 3);
  const Result gradient(batch.rows, batch.columns, type);
  const TripletMarginResult result =
      triplet_margin(matrix.get(), {anchor.get(), positive.get(), negative.get()}, rule,
                     Threads(threads), gradient.data());
  return {result.loss, result.active, gradient.values()};
}

// The definition in double; `edge` becomes how close a triplet is to a kink.
double definition(const Batch& batch, const TripletMargin& rule, int64_t& active, double& edge) {
  const auto row = [&](int64_t i) {
    std::vector<double> x(batch.values.begin() + i * batch.columns,
                          batch.values.begin() + (i + 1) * batch.columns);
    double square = 0;
    for (const double value : x) square += value * value;
    if (rule.normalize || rule.nearness == Nearness::kCosine) {
      for (double& value : x) value /= std::max(std::sqrt(square), 1e-12);
    }
    return x;
  };
  const auto distance = [&](int64_t i, int64_t j) {
    const std::vector<double> x = row(i), y = row(j);
    double square = 0, product = 0;
    for (size_t k = 0; k < x.size(); ++k) {
      square += (x[k] - y[k]) * (x[k] - y[k]);
      product += x[k] * y[k];
    }
    return rule.nearness == Nearness::kEuclidean          ? std::sqrt(square)
           : rule.nearness == Nearness::kSquaredEuclidean ? square
           : rule.nearness == Nearness::kDot              ? -product
                                                          : 1 - product;
  };
  double sum = 0;
  active = 0;
  edge = 1;
  for (size_t t = 0; t < batch.anchor.size(); ++t) {
    const int64_t a = batch.anchor[t], p = batch.positive[t], n = batch.negative[t];
    double farther = distance(a, n);
    if (rule.swap) {
      const double between = distance(p, n);
      if (a != p) edge = std::min(edge, std::abs(farther - between));
      farther = std::min(farther, between);
    }
    if (a == p || a == n || (rule.swap && p == n)) edge = 0;
    const double violation = distance(a, p) - farther + rule.margin;
    if (!rule.smooth) edge = std::min(edge, std::abs(violation));
    const double loss = rule.smooth ? std::log1p(std::exp(violation)) : std::max(violation, 0.0);
    sum += loss;
    active += loss > 0 ? 1 : 0;
  }
  const auto count = static_cast<double>(rule.mean == LossMean::kSum   ? 1
                                         : rule.mean == LossMean::kAll ? batch.anchor.size()
                                                                       : active);
  return sum / std::max(count, 1.0);
}

TEST(TripletMargin, IsTheDefinitionAndItsDerivative) {
  int64_t derived = 0;
  for (uint64_t seed = 0; seed < 150; ++seed) {
    Random random(seed);
    const int64_t widths[] = {2, 3, 8, 17};
    Batch batch = random_batch(random, 3 + static_cast<int64_t>(seed % 7), widths[seed % 4],
                               static_cast<int64_t>(seed % 12));
    for (const Nearness nearness : kNearnesses) {
      for (const bool swap : {false, true}) {
        for (const bool smooth : {false, true}) {
          const TripletMargin rule{nearness, seed % 2 == 0, seed % 3 == 0 ? 0.05 : 0.7,
                                   swap,     smooth,        kMeans[seed % 3]};
          SCOPED_TRACE(testing::Message() << "seed " << seed << " metric "
                                          << static_cast<int>(nearness) << swap << smooth);
          int64_t active, ignored;
          double edge, unused;
          const double expected = definition(batch, rule, active, edge);
          const Outcome outcome = compute(batch, FloatType::kFloat64, rule);
          ASSERT_NEAR(outcome.loss, expected, 1e-12 * (1 + std::abs(expected)));
          if (edge > 1e-9) {
            ASSERT_EQ(outcome.active, active);
          }
          if (edge < 1e-4) continue;
          ++derived;
          for (size_t e = 0; e < batch.values.size(); ++e) {
            const double kept = batch.values[e], step = 1e-6;
            batch.values[e] = kept + step;
            const double above = definition(batch, rule, ignored, unused);
            batch.values[e] = kept - step;
            const double below = definition(batch, rule, ignored, unused);
            batch.values[e] = kept;
            const double slope = (above - below) / (2 * step);
            ASSERT_NEAR(outcome.gradient[e], slope, 1e-6 * (1 + std::abs(slope))) << "entry " << e;
          }
        }
      }
    }
  }
  EXPECT_GT(derived, 300);
}

TEST(TripletMargin, HasTheSameBitsForAnyNumberOfThreads) {
  Random random(3);
  const Batch batch = random_batch(random, 300, 20, 900);
  for (const FloatType type :
       {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
    for (const Nearness nearness : kNearnesses) {
      const TripletMargin rule{nearness, false, 0.5, true, false, LossMean::kAboveZero};
      const Outcome one = compute(batch, type, rule, 1);
      for (const int threads : {2, 3, 8}) {
        EXPECT_EQ(compute(batch, type, rule, threads, threads == 3), one) << threads;
      }
    }
  }
}

TEST(TripletMargin, TiesAndZeros) {
  const TripletMargin swapped{Nearness::kSquaredEuclidean, false, 1, true, false, LossMean::kSum};
  const Batch whole{{0, 0, 2, 0, 1, 1}, 3, 2, {0}, {1}, {2}};
  // 4 − min(2, 2) + 1, whose gradient is half of each way.
  const Outcome tie = compute(whole, FloatType::kFloat64, swapped);
  EXPECT_EQ(tie.loss, 3);
  EXPECT_EQ(tie.gradient, (std::vector<double>{-3, 1, 3, 1, 0, -2}));

  const TripletMargin plain{Nearness::kEuclidean, false, 1, false, false, LossMean::kAboveZero};
  const Batch equal{std::vector<double>(6, 0.5), 3, 2, {0, 1}, {1, 2}, {2, 0}};
  const Outcome collapsed = compute(equal, FloatType::kFloat32, plain);
  EXPECT_EQ(collapsed.loss, 1);
  EXPECT_EQ(collapsed.active, 2);
  EXPECT_EQ(collapsed.gradient, std::vector<double>(6, 0.0));

  const TripletMargin none{Nearness::kEuclidean, false, -2, false, false, LossMean::kAboveZero};
  const Outcome inactive = compute(whole, FloatType::kFloat32, none);
  EXPECT_EQ(inactive.loss, 0);
  EXPECT_EQ(inactive.active, 0);
  EXPECT_EQ(inactive.gradient, std::vector<double>(6, 0.0));
  const Batch empty{{1, 2}, 1, 2, {}, {}, {}};
  for (const LossMean mean : kMeans) {
    const TripletMargin rule{Nearness::kCosine, false, 1, false, true, mean};
    EXPECT_EQ(compute(empty, FloatType::kFloat32, rule).loss, 0);
  }
}

TEST(TripletMargin, NaNIsAboveNothing) {
  const Batch batch{{0, NAN, 1, 3}, 4, 1, {0, 0}, {1, 2}, {2, 3}};
  const TripletMargin nonzero{Nearness::kEuclidean, false, 5, false, false, LossMean::kAboveZero};
  const Outcome outcome = compute(batch, FloatType::kFloat32, nonzero);
  EXPECT_EQ(outcome.loss, 3);
  EXPECT_EQ(outcome.active, 1);
  EXPECT_EQ(outcome.gradient, (std::vector<double>{0, 0, 1, -1}));
  const TripletMargin mean{Nearness::kEuclidean, false, 5, false, false, LossMean::kAll};
  const Outcome all = compute(batch, FloatType::kFloat32, mean);
  EXPECT_TRUE(std::isnan(all.loss));
  EXPECT_TRUE(std::isnan(all.gradient[0]));
}

}  // namespace
}  // namespace tripoint::cpu
