#include "kernels/cpu/rows/pair.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Guarded;
using test::Random;

// The definition, word by word.
template <typename T>
T value_of_pair(const T* x, const T* y, int64_t width) {
  T lanes[kLanes<T>] = {};
  for (int64_t k = 0; k < width; ++k) {
    const volatile T difference = x[k] - y[k];
    const volatile T square = difference * difference;
    lanes[k % kLanes<T>] += square;
  }
  for (int64_t half = kLanes<T> / 2; half > 0; half /= 2) {
    for (int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
  }
  return lanes[0];
}

template <typename T>
class PairTest : public testing::Test {};
using Types = testing::Types<float, double>;
TYPED_TEST_SUITE(PairTest, Types);

TYPED_TEST(PairTest, ProductsAreTheirDefinitionBitForBit) {
  using T = TypeParam;
  Random random(12);
  for (int64_t columns : {0, 1, 3, 17, 64, 200}) {
    for (int64_t count : {1, 2, 4, 5, 13}) {
      const int64_t width = padded_width<T>(columns);
      const size_t bytes = static_cast<size_t>(width) * sizeof(T);
      Guarded x(bytes), y(bytes * static_cast<size_t>(count));
      T* const own = reinterpret_cast<T*>(x.data());
      T* const others = reinterpret_cast<T*>(y.data());
      std::normal_distribution<T> normal;
      for (int64_t k = 0; k < columns; ++k) own[k] = normal(random);
      for (int64_t j = 0; j < count; ++j) {
        for (int64_t k = 0; k < columns; ++k) others[j * width + k] = normal(random);
      }
      std::vector<T> best(static_cast<size_t>(count)), portable(best), back(best);
      pair_kernels<T>().products(own, others, width, count, best.data());
      portable_pair_kernels<T>().products(own, others, width, count, portable.data());
      for (int64_t j = 0; j < count; ++j) {
        const auto at = static_cast<size_t>(j);
        pair_kernels<T>().products(others + j * width, own, width, 1, &back[at]);
        T lanes[kLanes<T>] = {};
        for (int64_t k = 0; k < width; ++k) {
          const volatile T product = own[k] * others[j * width + k];
          lanes[k % kLanes<T>] += product;
        }
        for (int64_t half = kLanes<T> / 2; half > 0; half /= 2) {
          for (int64_t lane = 0; lane < half; ++lane) lanes[lane] += lanes[lane + half];
        }
        EXPECT_EQ(best[at], lanes[0]) << columns << " " << j;
      }
      EXPECT_EQ(best, portable);
      EXPECT_EQ(best, back);
    }
  }
}

TYPED_TEST(PairTest, ValuesAreTheDefinitionBitForBit) {
  using T = TypeParam;
  Random random(11);
  for (int64_t columns : {0, 1, 3, 8, 17, 64, 128, 200}) {
    for (int64_t count : {1, 2, 3, 4, 5, 13, 64}) {
      const int64_t width = padded_width<T>(columns);
      const size_t bytes = static_cast<size_t>(width) * sizeof(T);
      Guarded x(bytes), y(bytes * static_cast<size_t>(count));
      T* const own = reinterpret_cast<T*>(x.data());
      T* const others = reinterpret_cast<T*>(y.data());
      std::normal_distribution<T> normal;
      for (int64_t k = 0; k < columns; ++k) own[k] = normal(random);
      for (int64_t j = 0; j < count; ++j) {
        for (int64_t k = 0; k < columns; ++k) others[j * width + k] = normal(random);
      }
      std::vector<T> best(static_cast<size_t>(count)), portable(best), back(best);
      pair_kernels<T>().squared_distances(own, others, width, count, best.data());
      portable_pair_kernels<T>().squared_distances(own, others, width, count, portable.data());
      for (int64_t j = 0; j < count; ++j) {
        const auto at = static_cast<size_t>(j);
        pair_kernels<T>().squared_distances(others + j * width, own, width, 1, &back[at]);
        EXPECT_EQ(best[at], value_of_pair(own, others + j * width, width)) << columns << " " << j;
      }
      EXPECT_EQ(best, portable);
      EXPECT_EQ(best, back);
    }
  }
}

TYPED_TEST(PairTest, ValuesAreTheSameWhereverRowsLie) {
  using T = TypeParam;
  Random random(13);
  for (int64_t columns : {0, 1, 17, 128}) {
    for (const std::vector<int64_t>& places : {std::vector<int64_t>{},
                                               {4},
                                               {2, 2, 0},
                                               {4, 3, 2, 1},
                                               {0, 4, 1, 3, 2, 0, 1, 4, 4, 4, 3, 2, 1}}) {
      constexpr size_t kRows = 5;
      const int64_t width = padded_width<T>(columns);
      const size_t bytes = static_cast<size_t>(width) * sizeof(T);
      Guarded x(bytes), y(bytes * kRows);
      T* const own = reinterpret_cast<T*>(x.data());
      T* const others = reinterpret_cast<T*>(y.data());
      std::normal_distribution<T> normal;
      for (int64_t k = 0; k < width; ++k) own[k] = normal(random);
      for (size_t k = 0; k < kRows * static_cast<size_t>(width); ++k) others[k] = normal(random);
      for (const PairKernels<T>* kernels : {&pair_kernels<T>(), &portable_pair_kernels<T>()}) {
        std::vector<T> squares(kRows), products(kRows), found(places.size());
        const auto at = [&](const std::vector<T>& values) {
          std::vector<T> chosen;
          for (const int64_t place : places) chosen.push_back(values[static_cast<size_t>(place)]);
          return chosen;
        };
        const auto count = static_cast<int64_t>(places.size());
        kernels->squared_distances(own, others, width, kRows, squares.data());
        kernels->squared_distances_at(own, others, width, places.data(), count, found.data());
        EXPECT_EQ(found, at(squares));
        kernels->products(own, others, width, kRows, products.data());
        kernels->products_at(own, others, width, places.data(), count, found.data());
        EXPECT_EQ(found, at(products));
      }
    }
  }
}

TYPED_TEST(PairTest, DifferencesAreAddedInOrder) {
  using T = TypeParam;
  Random random(12);
  for (int64_t columns : {1, 17, 128, 200}) {
    for (int64_t count : {0, 1, 5, 64}) {
      const int64_t width = padded_width<T>(columns);
      const size_t bytes = static_cast<size_t>(width) * sizeof(T);
      Guarded x(bytes), y(bytes * static_cast<size_t>(count));
      T* const own = reinterpret_cast<T*>(x.data());
      T* const others = reinterpret_cast<T*>(y.data());
      std::normal_distribution<T> normal;
      std::vector<T> weights(static_cast<size_t>(count));
      for (T& weight : weights) weight = random() % 3 == 0 ? T{0} : normal(random);
      for (int64_t k = 0; k < columns; ++k) own[k] = normal(random);
      for (int64_t k = 0; k < count * width; ++k) others[k] = normal(random);
      std::vector<T> best(static_cast<size_t>(width), T{1}), portable(best), expected(best);
      pair_kernels<T>().add_differences(own, others, width, count, weights.data(), best.data());
      portable_pair_kernels<T>().add_differences(own, others, width, count, weights.data(),
                                                 portable.data());
      for (int64_t k = 0; k < width; ++k) {
        T sum = 0;
        for (int64_t j = 0; j < count; ++j) {
          const volatile T product =
              weights[static_cast<size_t>(j)] * (own[k] - others[j * width + k]);
          sum += product;
        }
        expected[static_cast<size_t>(k)] += sum;
      }
      EXPECT_EQ(best, portable);
      EXPECT_EQ(best, expected);
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
