#include "kernels/cpu/tile/float_tile_portable.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/rows/pair.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Random;

template <typename T>
class FloatTilePortableTest : public testing::Test {
 protected:
  static std::vector<T> random_values(Random& random, int64_t size) {
    std::normal_distribution<T> normal;
    std::vector<T> values(static_cast<size_t>(size));
    for (T& value : values) value = normal(random);
    return values;
  }
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(FloatTilePortableTest, Types);

TYPED_TEST(FloatTilePortableTest, ProductsAreThoseOfThePairKernel) {
  using T = TypeParam;
  const FloatTileKernels<T>& kernels = portable_float_tile_kernels<T>();
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const int64_t width = padded_width<T>(1 + static_cast<int64_t>(random() % 150));
    const auto x_count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto y_count = seed == 0 ? kFloatTile : 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto x = TestFixture::random_values(random, x_count * width);
    const auto y = TestFixture::random_values(random, y_count * width);
    std::vector<T> packed(static_cast<size_t>(kFloatTile * width));
    std::vector<T> tile(static_cast<size_t>(kFloatTile * kFloatTile), T{7});
    kernels.pack(y.data(), y_count, width, packed.data());
    kernels.products(x.data(), x_count, packed.data(), y_count, width, tile.data());
    for (int64_t i = 0; i < kFloatTile; ++i) {
      std::vector<T> expected(static_cast<size_t>(kFloatTile), i < x_count ? T{0} : T{7});
      if (i < x_count) {
        pair_kernels<T>().products(x.data() + i * width, y.data(), width, y_count, expected.data());
      }
      for (int64_t j = 0; j < kFloatTile; ++j) {
        ASSERT_EQ(tile[static_cast<size_t>(i * kFloatTile + j)], expected[static_cast<size_t>(j)]);
      }
    }
  }
}

TYPED_TEST(FloatTilePortableTest, WeightedSumsAreAdded) {
  using T = TypeParam;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    Random random(seed);
    const int64_t width = padded_width<T>(1 + static_cast<int64_t>(random() % 150));
    const auto count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto y_count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const int64_t row_stride = seed % 2 == 1 ? 1 : kFloatTile;
    const int64_t column_stride = seed % 2 == 1 ? kFloatTile : 1;
    const auto weights = TestFixture::random_values(random, kFloatTile * kFloatTile);
    const auto y = TestFixture::random_values(random, y_count * width);
    const auto before = TestFixture::random_values(random, count * width);
    std::vector<T> sums = before;
    portable_float_tile_kernels<T>().accumulate(weights.data(), row_stride, column_stride, count,
                                                y.data(), y_count, width, sums.data());
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t k = 0; k < width; ++k) {
        double sum = before[static_cast<size_t>(i * width + k)];
        double magnitude = std::abs(sum);
        for (int64_t j = 0; j < y_count; ++j) {
          const double term =
              static_cast<double>(
                  weights[static_cast<size_t>(i * row_stride + j * column_stride)]) *
              static_cast<double>(y[static_cast<size_t>(j * width + k)]);
          sum += term;
          magnitude += std::abs(term);
        }
        ASSERT_NEAR(
            sums[static_cast<size_t>(i * width + k)], sum,
            static_cast<double>(y_count + 2) * std::numeric_limits<T>::epsilon() * magnitude);
      }
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
