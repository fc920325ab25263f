#include "kernels/cpu/tile/softmax_tile.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Random;

constexpr size_t kTileElements = static_cast<size_t>(kFloatTile * kFloatTile);

template <typename T>
class SoftmaxTileTest : public testing::Test {
 protected:
  using Values = std::vector<T>;

  // e to the power of some numbers, as the tile kernel gives it.
  static Values exponentials(const SoftmaxTileKernels<T>& kernels, Values values) {
    const Values none(static_cast<size_t>(kFloatTile), T{0});
    const size_t size = values.size();
    values.resize((size + kTileElements - 1) / kTileElements * kTileElements);
    for (size_t first = 0; first < values.size(); first += kTileElements) {
      kernels.exponentials(values.data() + first, kFloatTile, kFloatTile, 1, none.data(),
                           none.data());
    }
    values.resize(size);
    return values;
  }

  static Values random_values(Random& random, size_t size, double scale) {
    std::normal_distribution<double> normal(0, scale);
    Values values(size);
    for (T& value : values) value = static_cast<T>(normal(random));
    return values;
  }
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(SoftmaxTileTest, Types);

TYPED_TEST(SoftmaxTileTest, ExponentialsAreWithinAUnitInTheLastPlace) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const double lowest = std::log(static_cast<double>(Limits::min()));
  const double highest = std::log(static_cast<double>(Limits::max()));
  Random random(1);
  std::vector<T> values;
  for (int e = 0; e < 2000000; ++e) {
    const double place = std::uniform_real_distribution<double>(0, 1)(random);
    values.push_back(static_cast<T>(lowest + place * (highest - lowest)));
    values.push_back(static_cast<T>(std::ldexp(place - 0.5, -static_cast<int>(e % 40))));
  }
  const std::vector<T> found = TestFixture::exponentials(softmax_tile_kernels<T>(), values);
  double worst = 0;
  for (size_t e = 0; e < values.size(); ++e) {
    const long double expected = std::exp(static_cast<long double>(values[e]));
    if (expected < Limits::min() || expected > Limits::max()) continue;
    const int place = std::ilogb(static_cast<T>(expected)) - (Limits::digits - 1);
    const auto off = std::abs(static_cast<long double>(found[e]) - expected);
    worst = std::max(worst, static_cast<double>(std::ldexp(off, -place)));
  }
  EXPECT_LE(worst, 1);
}

TYPED_TEST(SoftmaxTileTest, ExponentialsAreRightAtTheEnds) {
  using T = TypeParam;
  using Limits = std::numeric_limits<T>;
  const T infinity = Limits::infinity();
  const double least = std::log(static_cast<double>(Limits::denorm_min()));
  const double most = std::log(static_cast<double>(Limits::max()));
  const auto one = [](double x) {
    return TestFixture::exponentials(softmax_tile_kernels<T>(), {static_cast<T>(x)})[0];
  };
  EXPECT_EQ(one(0), T{1});
  EXPECT_EQ(one(-0.0), T{1});
  EXPECT_EQ(one(-infinity), T{0});
  EXPECT_EQ(one(Limits::lowest()), T{0});
  EXPECT_EQ(one(least - 1), T{0});
  EXPECT_EQ(one(infinity), infinity);
  EXPECT_EQ(one(Limits::max()), infinity);
  EXPECT_EQ(one(most + 0.01), infinity);
  EXPECT_TRUE(std::isfinite(one(most * (1 - 4 * static_cast<double>(Limits::epsilon())))));
  EXPECT_TRUE(std::isnan(one(Limits::quiet_NaN())));
  // Subnormal numbers are rounded twice at most.
  for (double x = least + 2; x < std::log(static_cast<double>(Limits::min())); x += 0.37) {
    const T rounded = static_cast<T>(x);
    EXPECT_NEAR(one(rounded), std::exp(static_cast<long double>(rounded)),
                1.01 * Limits::denorm_min());
  }
}

TYPED_TEST(SoftmaxTileTest, ScalesAndShifts) {
  using T = TypeParam;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const auto rows = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto columns = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto values = TestFixture::random_values(random, kTileElements, 1);
    const auto own = TestFixture::random_values(random, kFloatTile, 1);
    const auto theirs = TestFixture::random_values(random, kFloatTile, 1);
    std::vector<T> tile = values;
    softmax_tile_kernels<T>().exponentials(tile.data(), rows, columns, T{3}, own.data(),
                                           theirs.data());
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        const auto at = static_cast<size_t>(i * kFloatTile + j);
        const double expected =
            std::exp(3.0 * values[at] - static_cast<double>(own[static_cast<size_t>(i)]) -
                     static_cast<double>(theirs[static_cast<size_t>(j)]));
        ASSERT_NEAR(tile[at], expected, 20 * std::numeric_limits<T>::epsilon() * expected);
      }
    }
    for (auto at = static_cast<size_t>(rows * kFloatTile); at < kTileElements; ++at) {
      ASSERT_EQ(tile[at], values[at]);
    }
  }
}

TYPED_TEST(SoftmaxTileTest, SumsMaximaAndFactorsAreThoseOfAllRowsAndColumns) {
  using T = TypeParam;
  const T infinity = std::numeric_limits<T>::infinity();
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const auto rows = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto columns = 1 + static_cast<int64_t>(random() % kFloatTile);
    const SoftmaxTileKernels<T>& kernels = softmax_tile_kernels<T>();
    // Whole numbers, whose sums are exact; −∞ and 0 where no column is.
    std::vector<T> tile(kTileElements);
    for (T& value : tile) value = static_cast<T>(static_cast<int>(random() % 2001) - 1000);
    const auto fill = [&](T value) {
      for (int64_t i = 0; i < rows; ++i) {
        for (int64_t j = columns; j < kFloatTile; ++j) {
          tile[static_cast<size_t>(i * kFloatTile + j)] = value;
        }
      }
    };
    std::vector<T> row_sums(kFloatTile), row_maxima(kFloatTile, infinity);
    std::vector<T> column_sums(kFloatTile), column_maxima(kFloatTile, infinity);
    fill(-infinity);
    kernels.maxima(tile.data(), rows, columns, row_maxima.data(), column_maxima.data());
    fill(0);
    kernels.sums(tile.data(), rows, columns, row_sums.data(), column_sums.data());
    const auto at = [&](int64_t i, int64_t j) {
      return tile[static_cast<size_t>(i * kFloatTile + j)];
    };
    for (int64_t i = 0; i < rows; ++i) {
      T sum = 0, greatest = -infinity;
      for (int64_t j = 0; j < columns; ++j) {
        sum += at(i, j);
        greatest = std::max(greatest, at(i, j));
      }
      ASSERT_EQ(row_sums[static_cast<size_t>(i)], sum);
      ASSERT_EQ(row_maxima[static_cast<size_t>(i)], greatest);
    }
    for (int64_t j = 0; j < columns; ++j) {
      T sum = 0, greatest = -infinity;
      for (int64_t i = 0; i < rows; ++i) {
        sum += at(i, j);
        greatest = std::max(greatest, at(i, j));
      }
      ASSERT_EQ(column_sums[static_cast<size_t>(j)], sum);
      ASSERT_EQ(column_maxima[static_cast<size_t>(j)], greatest);
    }
    std::vector<T> weighted = tile;
    kernels.multiply(weighted.data(), rows, columns, row_maxima.data(), column_maxima.data());
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns; ++j) {
        ASSERT_EQ(weighted[static_cast<size_t>(i * kFloatTile + j)],
                  at(i, j) *
                      (row_maxima[static_cast<size_t>(i)] + column_maxima[static_cast<size_t>(j)]));
      }
    }
  }
}

TYPED_TEST(SoftmaxTileTest, SelectsByMarks) {
  using T = TypeParam;
  Random random(6);
  for (const auto* kernels : {&portable_softmax_tile_kernels<T>(), &softmax_tile_kernels<T>()}) {
    for (const int64_t columns : {1, 5, 16, 95, 96}) {
      const auto values = TestFixture::random_values(random, kTileElements, 1);
      std::vector<uint8_t> marks(kTileElements);
      for (size_t at = 0; at < kTileElements; ++at) {
        const bool column = static_cast<int64_t>(at) % kFloatTile < columns;
        marks[at] = static_cast<uint8_t>(column ? random() % 3 : 0);
      }
      const int64_t rows = 90;
      std::vector<T> selected(kTileElements, T{7});
      kernels->select(values.data(), marks.data(), 2, rows, columns, selected.data());
      const int64_t end = (columns + kSoftmaxGroup<T> - 1) / kSoftmaxGroup<T> * kSoftmaxGroup<T>;
      for (int64_t i = 0; i < kFloatTile; ++i) {
        for (int64_t j = 0; j < kFloatTile; ++j) {
          const auto at = static_cast<size_t>(i * kFloatTile + j);
          const T expected = i >= rows || j >= end ? T{7}
                             : marks[at] == 2      ? values[at]
                                                   : -std::numeric_limits<T>::infinity();
          ASSERT_EQ(selected[at], expected);
        }
      }
    }
  }
}

TYPED_TEST(SoftmaxTileTest, AllInstructionSetsGiveTheSameBits) {
  using T = TypeParam;
  Random random(7);
  for (const int64_t size : {1, 5, 16, 95, 96}) {
    auto plain = TestFixture::random_values(random, kTileElements, 30);
    auto fast = plain;
    const auto own = TestFixture::random_values(random, kFloatTile, 1);
    const auto theirs = TestFixture::random_values(random, kFloatTile, 1);
    std::vector<T> sums[2][2];
    int side = 0;
    for (const auto* kernels : {&portable_softmax_tile_kernels<T>(), &softmax_tile_kernels<T>()}) {
      T* const tile = (side == 0 ? plain : fast).data();
      std::vector<T>* const found = sums[side++];
      for (int way = 0; way < 2; ++way) found[way].resize(kFloatTile);
      kernels->exponentials(tile, size, size, T{0.7f}, own.data(), theirs.data());
      kernels->multiply(tile, size, size, theirs.data(), own.data());
      kernels->sums(tile, size, size, found[0].data(), found[1].data());
    }
    EXPECT_EQ(plain, fast);
    for (int way = 0; way < 2; ++way) EXPECT_EQ(sums[0][way], sums[1][way]);
  }
}

}  // namespace
}  // namespace tripoint::cpu
