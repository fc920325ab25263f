#include "kernels/cpu/tile/float_tile.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "kernels/cpu/rows/pair.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Guarded;
using test::Random;

template <typename T>
class FloatTileTest : public testing::Test {
 protected:
  // Rows whose last one ends at a guard page.
  struct Rows {
    Rows(Random& random, int64_t count, int64_t width_of_rows)
        : memory(static_cast<size_t>(count * width_of_rows) * sizeof(T)), width(width_of_rows) {
      std::normal_distribution<T> normal;
      for (int64_t e = 0; e < count * width; ++e) data()[e] = normal(random);
    }
    T* data() const { return reinterpret_cast<T*>(memory.data()); }
    T at(int64_t row, int64_t k) const { return data()[row * width + k]; }

    Guarded memory;
    int64_t width;
  };
};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(FloatTileTest, Types);

TYPED_TEST(FloatTileTest, ProductsAreChainsOfFusedAdds) {
  using T = TypeParam;
  if (float_tile_kernels<T>() == nullptr) {
    GTEST_SKIP() << "this processor has no fused multiply-add";
  }
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const int64_t width = padded_width<T>(1 + static_cast<int64_t>(random() % 150));
    const auto x_count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto y_count = seed == 0 ? kFloatTile : 1 + static_cast<int64_t>(random() % kFloatTile);
    const typename TestFixture::Rows x(random, x_count, width);
    const typename TestFixture::Rows y(random, y_count, width);
    for (const FloatTileKernels<T>* kernels : every_float_tile_kernels<T>()) {
      std::vector<T> packed(static_cast<size_t>(kFloatTile * width));
      std::vector<T> tile(static_cast<size_t>(kFloatTile * kFloatTile), T{7});
      kernels->pack(y.data(), y_count, width, packed.data());
      kernels->products(x.data(), x_count, packed.data(), y_count, width, tile.data());
      for (int64_t i = 0; i < x_count; ++i) {
        for (int64_t j = 0; j < y_count; ++j) {
          T expected = 0;
          for (int64_t k = 0; k < width; ++k) expected = std::fma(x.at(i, k), y.at(j, k), expected);
          ASSERT_EQ(tile[static_cast<size_t>(i * kFloatTile + j)], expected)
              << "seed " << seed << " " << i << " " << j;
        }
      }
      for (size_t e = static_cast<size_t>(x_count * kFloatTile); e < tile.size(); ++e) {
        ASSERT_EQ(tile[e], T{7});
      }
    }
  }
}

TYPED_TEST(FloatTileTest, WeightedSumsAreChainsOfFusedAdds) {
  using T = TypeParam;
  if (float_tile_kernels<T>() == nullptr) {
    GTEST_SKIP() << "this processor has no fused multiply-add";
  }
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const int64_t width = padded_width<T>(1 + static_cast<int64_t>(random() % 150));
    const auto count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const auto y_count = 1 + static_cast<int64_t>(random() % kFloatTile);
    const bool turned = seed % 2 == 1;
    const typename TestFixture::Rows weights(random, kFloatTile, kFloatTile);
    const typename TestFixture::Rows y(random, y_count, width);
    const typename TestFixture::Rows sums(random, count, width);
    const std::vector<T> before(sums.data(), sums.data() + count * width);
    for (const FloatTileKernels<T>* kernels : every_float_tile_kernels<T>()) {
      std::copy(before.begin(), before.end(), sums.data());
      kernels->accumulate(weights.data(), turned ? 1 : kFloatTile, turned ? kFloatTile : 1, count,
                          y.data(), y_count, width, sums.data());
      for (int64_t i = 0; i < count; ++i) {
        for (int64_t k = 0; k < width; ++k) {
          T sum = 0;
          for (int64_t j = 0; j < y_count; ++j) {
            sum = std::fma(turned ? weights.at(j, i) : weights.at(i, j), y.at(j, k), sum);
          }
          ASSERT_EQ(sums.at(i, k), before[static_cast<size_t>(i * width + k)] + sum)
              << "seed " << seed << " " << i << " " << k;
        }
      }
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
