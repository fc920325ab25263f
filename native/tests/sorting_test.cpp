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

TEST(Sorting, PutsNumbersOfARoughOrderWhereTheyBelong) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    SCOPED_TRACE(seed);
    const std::vector<uint32_t> given = numbers_of(seed);
    std::vector<uint32_t> sorted = given;
    const RoughOrder order = sort_roughly(sorted, [](uint32_t number) { return number; });
    for (size_t i = 0; i < sorted.size(); ++i) {
      const uint32_t last = order.last_beside(sorted[i]);
      ASSERT_GE(last, sorted[i]);
      if (i == 0) continue;
      const uint32_t before = order.last_beside(sorted[i - 1]);
      ASSERT_TRUE(before == last || before < sorted[i]);
    }
    std::vector<uint32_t> expected = given;
    std::sort(expected.begin(), expected.end());
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, expected);
  }
  std::vector<uint32_t> none;
  sort_roughly(none, [](uint32_t number) { return number; });
}

TEST(Sorting, KeepsItemsOfEqualNumbersInTheirOrder) {
  std::vector<uint32_t> items(500);
  std::iota(items.begin(), items.end(), 0);
  const std::vector<uint32_t> given = items;
  sort_roughly(items, [](uint32_t) { return 7u; });
  EXPECT_EQ(items, given);
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
