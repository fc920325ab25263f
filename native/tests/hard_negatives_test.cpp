#include "kernels/cpu/mine/hard_negatives.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Guarded;
using test::Matrix;
using test::Random;
using test::Threads;

struct Mined {
  std::vector<std::array<int64_t, 3>> tuples;
  int64_t left_out = 0;

  bool operator==(const Mined&) const = default;
};

// A mask whose last byte ends at a guard page: bytes a step apart, or bits.
class GuardedMask {
 public:
  static constexpr int64_t kBits = 0;

  GuardedMask(const std::vector<uint8_t>& values, int64_t rows, int64_t columns, int64_t step)
      : memory_(bytes(values.size(), rows, columns, step)) {
    auto* const data = reinterpret_cast<uint8_t*>(memory_.data());
    const bool bits = step == kBits;
    const int64_t width = bits ? (columns + 7) / 8 : columns * step;
    mask_ = {data, width, bits ? 1 : step, bits};
    if (bits) std::fill(data, data + rows * width, uint8_t{0});
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const uint8_t value = values[static_cast<size_t>(i * columns + j)];
        if (bits) {
          data[i * width + j / 8] |= static_cast<uint8_t>(value << j % 8);
        } else {
          data[i * width + j * step] = value;
        }
      }
    }
  }
  const Mask& get() const { return mask_; }

 private:
  static size_t bytes(size_t values, int64_t rows, int64_t columns, int64_t step) {
    if (step == kBits) return static_cast<size_t>(rows * ((columns + 7) / 8));
    return values == 0 ? 0 : (values - 1) * static_cast<size_t>(step) + 1;
  }

  Guarded memory_;
  Mask mask_;
};

Mined mine(const FloatMatrix& scores, const Mask& positive, const Mask* ignored,
           const Mining& mining, int threads = 1) {
  const Threads loop(threads);
  const Parallel parallel(loop);
  const HardNegatives negatives(scores, positive, ignored, mining, parallel);
  const auto count = static_cast<size_t>(negatives.count());
  std::vector<int64_t> a(count), p(count), n(count);
  negatives.write(a.data(), p.data(), n.data());
  Mined mined;
  mined.left_out = negatives.left_out();
  for (size_t i = 0; i < count; ++i) mined.tuples.push_back({a[i], p[i], n[i]});
  return mined;
}

// The contract, sentence by sentence. `values` in the type that comparing is done in.
template <typename T>
Mined expected(const std::vector<T>& values, int64_t rows, int64_t columns,
               const std::vector<uint8_t>& positive, const std::vector<uint8_t>& ignored,
               const Mining& mining) {
  const auto score = [&](int64_t i, int64_t j) {
    return values[static_cast<size_t>(i * columns + j)];
  };
  const auto taken_out = [&](int64_t i, int64_t j) {
    return (rows == columns && i == j && !mining.keep_diagonal) ||
           (!ignored.empty() && ignored[static_cast<size_t>(i * columns + j)] != 0);
  };
  const auto is_positive = [&](int64_t i, int64_t j) {
    return !taken_out(i, j) && positive[static_cast<size_t>(i * columns + j)] != 0;
  };
  const auto is_negative = [&](int64_t i, int64_t j) {
    return !taken_out(i, j) && positive[static_cast<size_t>(i * columns + j)] == 0 &&
           !std::isnan(score(i, j));
  };
  // How much less similar j is than p.
  const auto less = [&](int64_t i, int64_t p, int64_t j) -> T {
    return mining.distances ? score(i, j) - score(i, p) : score(i, p) - score(i, j);
  };
  const auto admitted = [&](int64_t i, int64_t p, int64_t j) {
    const T g = less(i, p, j);
    switch (mining.strategy) {
      case Strategy::kHardest:
        return true;
      case Strategy::kHard:
        return g < 0;
      case Strategy::kSemihard:
        return g > 0 && (!mining.margin || g < static_cast<T>(*mining.margin));
      case Strategy::kEasy:
        return g > static_cast<T>(mining.margin.value_or(0));
    }
    return false;
  };
  Mined mined;
  for (int64_t i = 0; i < rows; ++i) {
    std::vector<int64_t> references;
    for (int64_t p = 0; p < columns; ++p) {
      if (is_positive(i, p)) references.push_back(p);
    }
    if (mining.per_anchor && !references.empty()) {
      int64_t least = references[0];
      for (const int64_t p : references) {
        if (less(i, least, p) > 0) least = p;
      }
      references = {least};
    }
    for (const int64_t p : references) {
      std::vector<int64_t> found;
      for (int64_t j = 0; j < columns; ++j) {
        if (is_negative(i, j) && admitted(i, p, j)) found.push_back(j);
      }
      if (found.empty()) ++mined.left_out;
      if (mining.all) {
        for (const int64_t j : found) mined.tuples.push_back({i, p, j});
      } else if (!found.empty()) {
        int64_t best = found[0];
        for (const int64_t j : found) {
          if (less(i, best, j) < 0) best = j;
        }
        mined.tuples.push_back({i, p, best});
      }
    }
  }
  return mined;
}

std::vector<Mining> all_kinds() {
  std::vector<Mining> kinds;
  for (const Strategy strategy :
       {Strategy::kHardest, Strategy::kHard, Strategy::kSemihard, Strategy::kEasy}) {
    for (const std::optional<double> margin :
         {std::optional<double>(), std::optional<double>(0.1), std::optional<double>(-0.25)}) {
      for (int flags = 0; flags < 16; ++flags) {
        kinds.push_back({strategy, margin, (flags & 1) != 0, (flags & 2) != 0, (flags & 4) != 0,
                         (flags & 8) != 0});
      }
    }
  }
  return kinds;
}

TEST(HardNegatives, AreWhatTheContractSays) {
  const std::vector<Mining> kinds = all_kinds();
  for (uint64_t seed = 0; seed < 70; ++seed) {
    Random random(seed);
    const int64_t shapes[][2] = {{1, 1}, {2, 2}, {3, 7}, {13, 13}, {5, 40}, {30, 30}, {4, 0}};
    const int64_t rows = shapes[seed % 7][0];
    const int64_t columns = shapes[seed % 7][1];
    std::vector<double> values(static_cast<size_t>(rows * columns));
    const bool tied = seed % 2 == 0;
    for (double& value : values) {
      value = tied ? 0.1 * static_cast<double>(random() % 5)
                   : std::normal_distribution<double>()(random);
      if (seed % 5 == 0 && random() % 20 == 0) value = -std::numeric_limits<double>::infinity();
    }
    std::vector<uint8_t> positive(values.size()), ignored(values.size());
    const uint64_t one_in =
        seed % 3 == 0 ? 2 : 5;  // few positives, or so many that rows are sorted
    for (uint8_t& p : positive) p = random() % one_in == 0;
    for (uint8_t& i : ignored) i = random() % 6 == 0;
    const GuardedMask positive_mask(positive, rows, columns, static_cast<int64_t>(seed % 3));
    const GuardedMask ignore_mask(ignored, rows, columns, static_cast<int64_t>(seed / 4 % 3));
    const bool with_ignored = seed % 4 == 1;
    const std::vector<uint8_t> none;
    for (const FloatType type :
         {FloatType::kFloat32, FloatType::kFloat64, FloatType::kFloat16, FloatType::kBFloat16}) {
      const Matrix scores(values, rows, columns, type, static_cast<int64_t>(seed % 2),
                          seed % 3 == 0);
      const std::vector<double> stored = scores.values();
      const std::vector<float> narrow(stored.begin(), stored.end());
      for (size_t k = 0; k < kinds.size(); ++k) {
        const Mining& mining = kinds[k];
        const std::vector<uint8_t>& skip = with_ignored ? ignored : none;
        const Mined truth = type == FloatType::kFloat64
                                ? expected<double>(stored, rows, columns, positive, skip, mining)
                                : expected<float>(narrow, rows, columns, positive, skip, mining);
        const Mined mined = mine(scores.get(), positive_mask.get(),
                                 with_ignored ? &ignore_mask.get() : nullptr, mining);
        ASSERT_EQ(mined.tuples, truth.tuples) << "seed " << seed << " kind " << k;
        ASSERT_EQ(mined.left_out, truth.left_out) << "seed " << seed << " kind " << k;
      }
    }
  }
}

TEST(HardNegatives, AreTheSameForAnyNumberOfThreads) {
  Random random(7);
  const int64_t size = 400;
  std::vector<double> values(static_cast<size_t>(size * size));
  for (double& value : values) value = 0.01 * static_cast<double>(random() % 100);
  std::vector<uint8_t> positive(values.size());
  for (uint8_t& p : positive) p = random() % 7 == 0;
  const Matrix scores(values, size, size, FloatType::kFloat32);
  const GuardedMask mask(positive, size, size, 1);
  for (const Strategy strategy :
       {Strategy::kHardest, Strategy::kHard, Strategy::kSemihard, Strategy::kEasy}) {
    Mining mining;
    mining.strategy = strategy;
    const Mined one = mine(scores.get(), mask.get(), nullptr, mining, 1);
    for (const int threads : {2, 3, 8}) {
      EXPECT_EQ(mine(scores.get(), mask.get(), nullptr, mining, threads), one);
    }
  }
}

TEST(HardNegatives, NaNIsNeverTaken) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Matrix scores({0.5, nan, 0.4, nan}, 1, 4, FloatType::kFloat32);
  const GuardedMask positive({1, 0, 0, 1}, 1, 4, 1);
  Mining mining;
  EXPECT_EQ(mine(scores.get(), positive.get(), nullptr, mining).tuples,
            (std::vector<std::array<int64_t, 3>>{{0, 0, 2}, {0, 3, 2}}));
  mining.strategy = Strategy::kSemihard;
  const Mined semihard = mine(scores.get(), positive.get(), nullptr, mining);
  EXPECT_EQ(semihard.tuples, (std::vector<std::array<int64_t, 3>>{{0, 0, 2}}));
  EXPECT_EQ(semihard.left_out, 1);
  mining.per_anchor = true;
  EXPECT_EQ(mine(scores.get(), positive.get(), nullptr, mining).tuples, semihard.tuples);
}

}  // namespace
}  // namespace tripoint::cpu
