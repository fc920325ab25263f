#include "kernels/cpu/mine/sorting.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Random;

// Numbers of many kinds: spread, close together, equal, with a few that lie far away.
std::vector<uint32_t> numbers_of(uint64_t seed) {
  Random random(seed);
  const auto below = [&](uint64_t most) { return static_cast<uint32_t>(random() % most); };
  const uint32_t start = seed % 3 == 0 ? 0 : below(uint64_t{1} << 31);
  const uint64_t range = uint64_t{1} << below(32);
  std::vector<uint32_t> numbers(1 + below(seed % 5 == 0 ? 10 : 2000));
  for (uint32_t& number : numbers) number = start + below(range);
  if (seed % 4 == 0) numbers[below(numbers.size())] = std::numeric_limits<uint32_t>::max();
  if (seed % 4 == 1) numbers[below(numbers.size())] = 0;
  return numbers;
}

TEST(Sorting, SettlesWhatIsNearlyInOrderAndWhatIsNot) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    std::vector<uint32_t> numbers = numbers_of(seed);
    std::vector<uint32_t> expected = numbers;
    std::sort(expected.begin(), expected.end());
    std::vector<uint32_t> nearly = expected;
    for (size_t i = 0; i + 3 < nearly.size(); i += 3) std::swap(nearly[i], nearly[i + 3]);
    std::vector<uint32_t> turned(expected.rbegin(), expected.rend());
    for (std::vector<uint32_t>* each : {&numbers, &nearly, &turned}) {
      settle(each->begin(), each->end());
      EXPECT_EQ(*each, expected) << seed;
    }
  }
  std::vector<uint32_t> none;
  settle(none.begin(), none.end());
}

constexpr auto kItself = [](uint32_t number) { return number; };

TEST(Sorting, RoughOrderSaysUpToWhichNumberSoManyAre) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<uint32_t> numbers = numbers_of(seed);
    std::vector<uint32_t> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    const RoughOrder order(numbers, kItself);
    const uint32_t range = sorted.back() - sorted.front();
    for (const size_t count : {size_t{1}, (numbers.size() + 2) / 3, numbers.size()}) {
      const uint32_t found = order.upto(count);
      const uint32_t wanted = sorted[count - 1];
      EXPECT_GE(found, wanted) << seed;
      EXPECT_LE(found - wanted, 2 * (range / numbers.size())) << seed;
    }
  }
}

TEST(Sorting, RoughOrderTakesItemsUpToANumber) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<uint32_t> numbers = numbers_of(seed);
    std::vector<uint32_t> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    const uint32_t range = sorted.back() - sorted.front();
    const uint32_t width = 2 * static_cast<uint32_t>(range / numbers.size());
    for (const uint32_t last : {sorted.front(), sorted[numbers.size() / 3], sorted.back(),
                                std::numeric_limits<uint32_t>::max()}) {
      std::vector<uint32_t> taken = RoughOrder(numbers, kItself).take(last, kItself);
      for (size_t i = 1; i < taken.size(); ++i) {
        ASSERT_TRUE(taken[i - 1] <= taken[i] || taken[i - 1] - taken[i] <= width) << seed;
      }
      std::sort(taken.begin(), taken.end());
      ASSERT_TRUE(std::equal(taken.begin(), taken.end(), sorted.begin())) << seed;
      const auto beyond = std::upper_bound(taken.begin(), taken.end(), last);
      ASSERT_TRUE(beyond == taken.end() || taken.back() - last <= width) << seed;
      ASSERT_TRUE(taken.size() == sorted.size() || sorted[taken.size()] > last) << seed;
    }
    if (sorted.front() == 0) continue;
    EXPECT_TRUE(RoughOrder(numbers, kItself).take(sorted.front() - 1, kItself).empty());
  }
}

TEST(Sorting, RoughOrderKeepsItemsOfEqualNumbersInTheirOrder) {
  std::vector<uint32_t> items(500);
  std::iota(items.begin(), items.end(), 0);
  EXPECT_EQ(RoughOrder(items, [](uint32_t) { return 7u; }).take(7, kItself), items);
}

TEST(Sorting, FindsWhatIsLittleAboveANumberOfMany) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    const std::vector<uint32_t> plain = numbers_of(seed);
    std::vector<int32_t> numbers;
    for (const uint32_t number : plain) {
      numbers.push_back(static_cast<int32_t>(number ^ 0x80000000u));
    }
    std::vector<int32_t> sorted = numbers;
    std::sort(sorted.begin(), sorted.end());
    const auto size = static_cast<int64_t>(numbers.size());
    const int64_t range = static_cast<int64_t>(sorted.back()) - sorted.front();
    for (const int64_t count : {int64_t{1}, (size + 1) / 3 + 1, size}) {
      const int32_t found = little_above(numbers.data(), size, std::min(count, size));
      const int64_t wanted = sorted[static_cast<size_t>(std::min(count, size) - 1)];
      EXPECT_GE(found, wanted) << seed;
      EXPECT_LE(found, wanted + range / 500) << seed;
      EXPECT_LE(found, sorted.back()) << seed;
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
