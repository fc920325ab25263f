#ifndef TRIPOINT_TESTS_EASY_HARD_CALLS_H
#define TRIPOINT_TESTS_EASY_HARD_CALLS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/mine/batch_easy_hard.h"

namespace tripoint::test {

struct EasyHardSides {
  cpu::EasyHardSide positive;
  cpu::EasyHardSide negative;
};

// All that go together, without windows.
inline std::vector<EasyHardSides> all_easy_hard_sides() {
  constexpr cpu::Difficulty kDifficulties[] = {cpu::Difficulty::kEasy, cpu::Difficulty::kSemihard,
                                               cpu::Difficulty::kHard};
  std::vector<EasyHardSides> all;
  for (const cpu::Difficulty positive : kDifficulties) {
    for (const cpu::Difficulty negative : kDifficulties) {
      if (positive == cpu::Difficulty::kSemihard && negative == positive) continue;
      all.push_back({{positive, {}, {}}, {negative, {}, {}}});
    }
  }
  return all;
}

struct EasyHardOutcome {
  std::vector<int64_t> positive, negative;
  int64_t evaluated = 0;

  bool operator==(const EasyHardOutcome& other) const {
    return positive == other.positive && negative == other.negative;
  }
};

}  // namespace tripoint::test

#endif
