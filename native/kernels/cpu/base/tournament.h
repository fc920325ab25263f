#ifndef TRIPOINT_KERNELS_CPU_BASE_TOURNAMENT_H
#define TRIPOINT_KERNELS_CPU_BASE_TOURNAMENT_H

#include <atomic>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"

namespace tripoint::cpu {

// Every pair (upper ≤ lower) of some blocks once, in rounds: in round r meet those whose numbers
// have the sum r modulo the number of blocks. So each block has one match in each round, with
// itself in some.
class Tournament {
 public:
  struct Match {
    int64_t round;
    int64_t upper;
    int64_t lower;
  };

  explicit Tournament(int64_t blocks) : blocks_(blocks), played_(static_cast<size_t>(blocks)) {}

  int64_t matches() const { return blocks_ * (blocks_ + 1) / 2; }

  // By round, and by `upper` in a round.
  Match match(int64_t number) const {
    // Rounds have as many matches where the number of blocks is odd; else even rounds, which have
    // two blocks that meet themselves, have one more than odd ones.
    int64_t round;
    int64_t place;
    if (blocks_ % 2 == 1) {
      round = number / ((blocks_ + 1) / 2);
      place = number % ((blocks_ + 1) / 2);
    } else {
      round = number / (blocks_ + 1) * 2;
      place = number % (blocks_ + 1);
      if (place > blocks_ / 2) {
        ++round;
        place -= blocks_ / 2 + 1;
      }
    }
    const int64_t low = round / 2 + 1;  // matches whose numbers have the sum `round` itself
    if (place < low) return {round, place, round - place};
    const int64_t upper = round + 1 + (place - low);
    return {round, upper, round + blocks_ - upper};
  }

  // Returns when all earlier matches of both blocks are over.
  void wait(const Match& match) {
    wait(match.upper, match.round);
    wait(match.lower, match.round);
  }

  // Ends a match.
  class Finish {
   public:
    Finish(Tournament& tournament, const Match& match) : tournament_(tournament), match_(match) {}
    Finish(const Finish&) = delete;
    Finish& operator=(const Finish&) = delete;
    ~Finish() {
      tournament_.count(match_.upper);
      if (match_.lower != match_.upper) tournament_.count(match_.lower);
    }

   private:
    Tournament& tournament_;
    const Match match_;
  };

 private:
  void wait(int64_t block, int64_t round) {
    std::atomic<int64_t>& played = played_[static_cast<size_t>(block)];
    for (int64_t now = played.load(std::memory_order_acquire); now < round;
         now = played.load(std::memory_order_acquire)) {
      played.wait(now, std::memory_order_acquire);
    }
  }

  void count(int64_t block) {
    std::atomic<int64_t>& played = played_[static_cast<size_t>(block)];
    played.fetch_add(1, std::memory_order_release);
    played.notify_all();
  }

  int64_t blocks_;
  std::vector<std::atomic<int64_t>> played_;
};

// Calls match(upper, lower, turn) for every pair upper ≤ lower of blocks, from several threads.
// turn() returns when all matches of the two blocks that come before are over: what is done after
// it, is done to each block in one fixed order. Matches begin in order whatever thread plays them,
// so none waits for one that has not begun; one that throws is over too.
template <typename Play>
void run_tournament(int64_t blocks, int64_t work, const Parallel& parallel, Play&& play) {
  Tournament tournament(blocks);
  std::atomic<int64_t> next{0};
  run(parallel, work, tournament.matches(), [&](int64_t begin, int64_t end) {
    for (int64_t played = begin; played < end; ++played) {
      const Tournament::Match match =
          tournament.match(next.fetch_add(1, std::memory_order_relaxed));
      const Tournament::Finish finish(tournament, match);
      play(match.upper, match.lower, [&] { tournament.wait(match); });
      tournament.wait(match);
    }
  });
}

}  // namespace tripoint::cpu

#endif
