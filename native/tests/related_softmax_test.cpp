#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/loss/contrastive_softmax.h"
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
  double loss;
  int64_t losses, above_zero;
  std::vector<double> gradient;

  bool operator==(const Outcome&) const = default;
};

Outcome compute(const RelatedBatch& batch, const ContrastiveSoftmax& wanted, int threads = 2) {
  const Result gradient(batch.rows(), batch.embeddings.columns, batch.embeddings.type);
  const ContrastiveSoftmaxResult result =
      contrastive_softmax(batch, wanted, Threads(threads), gradient.data());
  return {result.loss, result.losses, result.above_zero, gradient.values()};
}

// By their definition, in double: losses of pairs and their derivatives by each similarity, and
// these through the textbook's formulas of the similarities.
Outcome define(RelatedCase& all, const ContrastiveSoftmax& wanted, double tiny) {
  const bool cosine = wanted.similarity == Similarity::kCosine;
  const RelatedBatch batch = all.batch();
  const int64_t width = batch.embeddings.columns;
  const int64_t columns = all.columns();
  const std::vector<double> distances =
      all.textbook(cosine ? Nearness::kCosine : Nearness::kDot, false);
  std::vector<double> slopes(distances.size());
  Outcome outcome{0, 0, 0, std::vector<double>(static_cast<size_t>(batch.rows() * width))};
  int64_t pairs[3] = {};
  for (int64_t a = 0; a < all.rows(); ++a) {
    std::vector<int64_t> ours, theirs;
    for (int64_t c = 0; c < columns; ++c) {
      const int side = all.side(a, c);
      ++pairs[side];
      if (side == kPositive) ours.push_back(c);
      if (side == kNegative) theirs.push_back(c);
    }
    const auto at = [&](int64_t c) { return static_cast<size_t>(a * columns + c); };
    const auto score = [&](int64_t c) {
      const double distance = distances[at(c)];
      return (cosine ? 1 - distance : -distance) / wanted.temperature;
    };
    const auto takes = [&](double loss) {
      ++outcome.losses;
      outcome.above_zero += loss > 0 ? 1 : 0;
      outcome.loss += loss;
    };
    if (wanted.contrast == Contrast::kEachPositive) {
      for (const int64_t p : ours) {
        double sum = 1;
        for (const int64_t n : theirs) sum += std::exp(score(n) - score(p));
        const double share = 1 / sum;
        takes(sum < 1e300 ? -std::log(share + tiny) : -std::log(tiny));
        const double through = share / (share + tiny);
        slopes[at(p)] -= through * (1 - share);
        for (const int64_t n : theirs) {
          const double own = 1 / (1 / std::exp(score(n) - score(p)) * sum);
          if (std::isfinite(own)) slopes[at(n)] += through * own;
        }
      }
    } else {
      double greatest = -std::numeric_limits<double>::infinity();
      for (const int64_t p : ours) greatest = std::max(greatest, score(p));
      for (const int64_t n : theirs) greatest = std::max(greatest, score(n));
      double sum = 0, mean = 0;
      for (const int64_t p : ours) sum += std::exp(score(p) - greatest);
      for (const int64_t n : theirs) sum += std::exp(score(n) - greatest);
      const auto count = static_cast<double>(ours.size());
      for (const int64_t p : ours) mean += score(p) / count;
      takes(ours.empty() ? 0 : std::log(sum) + greatest - mean);
      if (ours.empty()) continue;
      for (const int64_t p : ours) {
        slopes[at(p)] += std::exp(score(p) - greatest) / sum - 1 / count;
      }
      for (const int64_t n : theirs) slopes[at(n)] += std::exp(score(n) - greatest) / sum;
    }
  }
  if (pairs[kPositive] == 0 || pairs[kNegative] == 0 ||
      (pairs[kPositive] == 1 && pairs[kNegative] == 1)) {
    return {0, 0, 0, std::vector<double>(outcome.gradient.size())};
  }
  const double divisor = wanted.mean == LossMean::kSum ? 1
                         : wanted.mean == LossMean::kAll
                             ? static_cast<double>(outcome.losses)
                             : static_cast<double>(std::max<int64_t>(outcome.above_zero, 1));
  outcome.loss /= divisor;
  std::vector<double> row(static_cast<size_t>(width)), other(row);
  const auto load = [&](int64_t position, std::vector<double>& target) {
    const bool own = position < batch.embeddings.rows;
    load_row(own ? batch.embeddings : *batch.references,
             own ? position : position - batch.embeddings.rows, target.data());
    double square = 0;
    for (const double value : target) square += value * value;
    return cosine ? std::max(std::sqrt(square), 1e-12) : 1;
  };
  for (int64_t a = 0; a < all.rows(); ++a) {
    const double length = load(a, row);
    for (int64_t c = 0; c < columns; ++c) {
      const size_t at = static_cast<size_t>(a * columns + c);
      if (slopes[at] == 0) continue;
      const int64_t position = batch.first_column() + c;
      const double theirs = load(position, other);
      const double slope = slopes[at] / wanted.temperature / divisor;
      const double similarity = cosine ? 1 - distances[at] : 0;
      for (int64_t k = 0; k < width; ++k) {
        const double x = row[static_cast<size_t>(k)] / length;
        const double y = other[static_cast<size_t>(k)] / theirs;
        outcome.gradient[static_cast<size_t>(a * width + k)] +=
            slope * (y - similarity * x) / length;
        outcome.gradient[static_cast<size_t>(position * width + k)] +=
            slope * (x - similarity * y) / theirs;
      }
    }
  }
  return outcome;
}

template <typename T>
void expect_definition(RelatedCase& all, const ContrastiveSoftmax& wanted, double tolerance) {
  const Outcome expected = define(all, wanted, std::numeric_limits<T>::min());
  const Outcome outcome = compute(all.batch(), wanted);
  EXPECT_EQ(outcome.losses, expected.losses);
  if (outcome.above_zero != expected.above_zero && wanted.mean == LossMean::kAboveZero) return;
  EXPECT_NEAR(outcome.loss, expected.loss, tolerance * (1 + expected.loss));
  double greatest = 0;
  for (const double value : expected.gradient) greatest = std::max(greatest, std::abs(value));
  for (size_t e = 0; e < expected.gradient.size(); ++e) {
    ASSERT_NEAR(outcome.gradient[e], expected.gradient[e], tolerance * greatest) << "entry " << e;
  }
}

std::vector<ContrastiveSoftmax> all_kinds(double cosine_temperature, double dot_temperature) {
  std::vector<ContrastiveSoftmax> kinds;
  for (const Similarity similarity : {Similarity::kCosine, Similarity::kDot}) {
    for (const Contrast contrast : {Contrast::kEachPositive, Contrast::kEachAnchor}) {
      for (const LossMean mean : {LossMean::kSum, LossMean::kAll, LossMean::kAboveZero}) {
        kinds.push_back({similarity, contrast,
                         similarity == Similarity::kCosine ? cosine_temperature : dot_temperature,
                         mean});
      }
    }
  }
  return kinds;
}

TEST(RelatedSoftmax, IsTheDefinition) {
  uint64_t seed = 0;
  for (const auto& [rows, references] :
       {std::pair<int64_t, int64_t>{1, -1}, {13, -1}, {130, -1}, {5, 40}, {101, 230}, {200, 7}}) {
    for (const Given given : kGivens) {
      // Half of the columns are positives, or few.
      for (const int64_t rarity : {2, 30}) {
        Random random(++seed);
        const int64_t width = seed % 2 == 0 ? 7 : 40;
        const int64_t others = std::max<int64_t>(references, 0);
        for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64}) {
          RelatedCase all(random, test::normal_values(random, rows * width),
                          test::normal_values(random, others * width), rows, references, width,
                          type, given, rarity);
          for (const ContrastiveSoftmax& wanted : all_kinds(0.2, 5)) {
            if (rows > 90 && wanted.mean != LossMean::kAll) continue;
            SCOPED_TRACE(testing::Message()
                         << rows << " rows, " << references << " references, given "
                         << static_cast<int>(given) << ", rarity " << rarity << ", type "
                         << static_cast<int>(type) << ", similarity "
                         << static_cast<int>(wanted.similarity) << ", contrast "
                         << static_cast<int>(wanted.contrast) << ", mean "
                         << static_cast<int>(wanted.mean));
            if (type == FloatType::kFloat32) {
              expect_definition<float>(all, wanted, 1e-5);
            } else {
              expect_definition<double>(all, wanted, 1e-12);
            }
            if (testing::Test::HasFailure()) return;
          }
        }
      }
    }
  }
}

TEST(RelatedSoftmax, WideSimilaritiesDoNotOverflow) {
  for (const int64_t rarity : {2, 40}) {
    for (const int64_t references : {-1, 300}) {
      Random random(static_cast<uint64_t>(70 + rarity));
      const int64_t others = std::max<int64_t>(references, 0);
      RelatedCase all(random, test::normal_values(random, 150 * 20),
                      test::normal_values(random, others * 20), 150, references, 20,
                      FloatType::kFloat64, Given::kBytes, rarity);
      // The quotients of the losses of pairs are as far apart as doubles are.
      for (const ContrastiveSoftmax& wanted : all_kinds(0.002, 0.1)) {
        if (wanted.mean != LossMean::kAll) continue;
        SCOPED_TRACE(testing::Message() << "rarity " << rarity << ", references " << references
                                        << ", similarity " << static_cast<int>(wanted.similarity)
                                        << ", contrast " << static_cast<int>(wanted.contrast));
        expect_definition<double>(all, wanted, 1e-9);
      }
    }
  }
  // Positives opposite to their anchors: the losses end where the quotients do.
  Random random(75);
  for (const int64_t columns : {10, 80}) {
    std::vector<double> theirs;
    for (int64_t c = 0; c < columns; ++c) {
      theirs.push_back(c % 2 == 0 ? -1 : 1);
      theirs.push_back(0);
    }
    const test::Matrix own({1, 0}, 1, 2, FloatType::kFloat32);
    const test::Matrix others(theirs, columns, 2, FloatType::kFloat32);
    std::vector<uint8_t> positives(static_cast<size_t>(columns));
    for (size_t c = 0; c < positives.size(); c += 2) positives[c] = 1;
    const RelatedBatch batch{
        own.get(),
        others.get(),
        {Mask{positives.data(), columns, 1, false}, 1, columns, false, std::nullopt}};
    const Outcome outcome =
        compute(batch, {Similarity::kCosine, Contrast::kEachPositive, 0.01, LossMean::kAll});
    EXPECT_NEAR(outcome.loss, -std::log(static_cast<double>(std::numeric_limits<float>::min())),
                1e-4);
    EXPECT_EQ(outcome.above_zero, columns / 2);
    for (const double value : outcome.gradient) EXPECT_TRUE(std::isfinite(value));
  }
}

TEST(RelatedSoftmax, HasTheSameBitsForAnyNumberOfThreads) {
  for (const Given given : {Given::kLabelsPartly, Given::kBits}) {
    for (const int64_t references : {-1, 430}) {
      for (const int64_t rarity : {3, 60}) {
        Random random(91);
        RelatedCase all(random, test::normal_values(random, 211 * 33),
                        test::normal_values(random, std::max<int64_t>(references, 0) * 33), 211,
                        references, 33, FloatType::kFloat32, given, rarity);
        for (const ContrastiveSoftmax& wanted : all_kinds(0.07, 3)) {
          if (wanted.mean != LossMean::kAll) continue;
          const Outcome one = compute(all.batch(), wanted, 1);
          EXPECT_GT(one.above_zero, 0);
          for (const int threads : {2, 3, 8}) {
            EXPECT_EQ(compute(all.batch(), wanted, threads), one) << threads;
          }
        }
      }
    }
  }
}

TEST(RelatedSoftmax, ByLabelsIsThatOfTheBatchAlone) {
  for (const int64_t classes : {2, 60}) {
    Random random(92);
    RelatedCase all(random, test::normal_values(random, 240 * 19), {}, 240, -1, 19,
                    FloatType::kFloat64, Given::kLabels, classes);
    const test::Labels<int64_t> stored(all.classes(), IntegerType::kInt64);
    for (const ContrastiveSoftmax& wanted : all_kinds(0.07, 2)) {
      const RelatedBatch batch = all.batch();
      const Outcome outcome = compute(batch, wanted);
      const Result gradient(240, 19, FloatType::kFloat64);
      const ContrastiveSoftmaxResult alone =
          contrastive_softmax(batch.embeddings, stored.get(), wanted, Threads(2), gradient.data());
      EXPECT_EQ(outcome.losses, alone.losses);
      EXPECT_EQ(outcome.above_zero, alone.above_zero);
      EXPECT_NEAR(outcome.loss, alone.loss, 1e-12 * alone.loss);
      const std::vector<double> expected = gradient.values();
      double greatest = 0;
      for (const double value : expected) greatest = std::max(greatest, std::abs(value));
      for (size_t e = 0; e < expected.size(); ++e) {
        EXPECT_NEAR(outcome.gradient[e], expected[e], 1e-12 * greatest);
      }
    }
  }
}

// Of four anchors with two columns each, by a mask of the positives and one of what is ignored.
Outcome of_four(std::vector<uint8_t> positives, std::vector<uint8_t> ignored,
                const ContrastiveSoftmax& wanted) {
  Random random(94);
  const test::Matrix own(test::normal_values(random, 4 * 3), 4, 3, FloatType::kFloat64);
  const test::Matrix others(test::normal_values(random, 2 * 3), 2, 3, FloatType::kFloat64);
  return compute(
      {own.get(),
       others.get(),
       {Mask{positives.data(), 2, 1, false}, 4, 2, false, Mask{ignored.data(), 2, 1, false}}},
      wanted);
}

TEST(RelatedSoftmax, WithNothingToLearnFromTheLossIsZero) {
  const Outcome none{0, 0, 0, std::vector<double>(18)};
  for (const ContrastiveSoftmax& wanted : all_kinds(0.1, 1)) {
    EXPECT_EQ(of_four({1, 1, 1, 1, 1, 1, 1, 1}, {0, 0, 1, 0, 0, 0, 0, 0}, wanted), none);
    EXPECT_EQ(of_four({0, 0, 0, 0, 0, 0, 0, 0}, {0, 0, 1, 0, 0, 0, 0, 0}, wanted), none);
    EXPECT_EQ(of_four({1, 0, 1, 1, 1, 1, 1, 1}, {0, 0, 1, 1, 1, 1, 1, 1}, wanted), none);
    EXPECT_EQ(of_four({1, 0, 1, 1, 1, 1, 1, 1}, {1, 1, 1, 1, 1, 1, 1, 1}, wanted), none);
    EXPECT_NE(of_four({1, 0, 1, 1, 1, 1, 1, 1}, {0, 0, 0, 1, 1, 1, 1, 1}, wanted).losses, 0);
  }
}

TEST(RelatedSoftmax, WhatIsNotFiniteGivesNaN) {
  Random random(93);
  RelatedCase all(random, test::normal_values(random, 3 * 2),
                  {0, 1, std::numeric_limits<double>::infinity(), 2, 3, 4}, 3, 3, 2,
                  FloatType::kFloat32, Given::kBytes, 2);
  for (const ContrastiveSoftmax& wanted : all_kinds(0.1, 1)) {
    int64_t positives = 0;
    for (int64_t i = 0; i < 9; ++i) positives += all.side(i / 3, i % 3) == kPositive ? 1 : 0;
    const Outcome outcome = compute(all.batch(), wanted);
    EXPECT_TRUE(std::isnan(outcome.loss));
    EXPECT_EQ(outcome.losses, wanted.contrast == Contrast::kEachPositive ? positives : 3);
    EXPECT_EQ(outcome.above_zero, 0);
    for (const double value : outcome.gradient) EXPECT_TRUE(std::isnan(value));
  }
}

}  // namespace
}  // namespace tripoint::cpu
