#include "kernels/cpu/base/tournament.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <mutex>
#include <set>
#include <thread>
#include <utility>
#include <vector>

namespace {

using tripoint::cpu::run_tournament;
using tripoint::cpu::Tasks;
using tripoint::cpu::Tournament;

TEST(Tournament, EachPairMeetsOnceAndEachBlockOnceInARound) {
  for (int64_t blocks = 1; blocks <= 12; ++blocks) {
    const Tournament tournament(blocks);
    std::set<std::pair<int64_t, int64_t>> pairs;
    std::set<std::pair<int64_t, int64_t>> in_round;
    int64_t last = 0;
    for (int64_t number = 0; number < tournament.matches(); ++number) {
      const Tournament::Match match = tournament.match(number);
      EXPECT_LE(last, match.round);
      last = match.round;
      EXPECT_LE(0, match.upper);
      EXPECT_LE(match.upper, match.lower);
      EXPECT_LT(match.lower, blocks);
      EXPECT_TRUE(pairs.emplace(match.upper, match.lower).second);
      EXPECT_TRUE(in_round.emplace(match.round, match.upper).second);
      if (match.lower != match.upper) {
        EXPECT_TRUE(in_round.emplace(match.round, match.lower).second);
      }
    }
    EXPECT_EQ(static_cast<int64_t>(pairs.size()), blocks * (blocks + 1) / 2);
  }
}

// What each block sees after its turns, by a loop of several threads.
std::vector<std::vector<int64_t>> opponents(int64_t blocks, int64_t threads) {
  std::vector<std::vector<int64_t>> seen(static_cast<size_t>(blocks));
  const auto parallel = [&](int64_t count, Tasks tasks) {
    std::vector<std::thread> all;
    for (int64_t t = 0; t < threads; ++t) {
      all.emplace_back([&, t] { tasks(count * t / threads, count * (t + 1) / threads); });
    }
    for (std::thread& one : all) one.join();
  };
  run_tournament(blocks, int64_t{1} << 40, parallel, [&](int64_t upper, int64_t lower, auto turn) {
    turn();
    seen[static_cast<size_t>(upper)].push_back(lower);
    if (lower != upper) seen[static_cast<size_t>(lower)].push_back(upper);
  });
  return seen;
}

TEST(Tournament, BlocksMeetInOneOrderForAnyNumberOfThreads) {
  for (const int64_t blocks : {1, 2, 7, 10, 31}) {
    const auto alone = opponents(blocks, 1);
    for (const auto& one : alone) {
      std::vector<int64_t> sorted(one);
      std::sort(sorted.begin(), sorted.end());
      ASSERT_EQ(static_cast<int64_t>(sorted.size()), blocks);
      for (int64_t other = 0; other < blocks; ++other) {
        EXPECT_EQ(sorted[static_cast<size_t>(other)], other);
      }
    }
    for (const int64_t threads : {2, 3, 8}) EXPECT_EQ(opponents(blocks, threads), alone);
  }
}

}  // namespace
