#ifndef TRIPOINT_KERNELS_CPU_MINE_CHOICE_H
#define TRIPOINT_KERNELS_CPU_MINE_CHOICE_H

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/mine/least.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

enum class Side { kPositives, kNegatives };
enum class End { kNearest, kFarthest };

// Which of its positives or negatives each row wants: the nearest or the farthest of those whose
// given value is inside a window.
struct Choice {
  Side side;
  End end;
  std::optional<double> least;
  std::optional<double> greatest;
};

// What was chosen for each position, as rows of the matrix: by its value (PairValues), which is
// negated where the farthest was wanted, so that it is the least.
template <typename T>
struct Chosen {
  std::vector<Least<T>> found;
  // Pairs that the pair kernel looked at: both directions at once, or, where keys tell of them,
  // each by itself. With screening it depends on how threads met; nothing else does.
  int64_t evaluated = 0;
};

// Chooses for all rows of a batch. Each pair is looked at once, in tiles on or above the diagonal.
// With screening only those that the screen leaves are given to the pair kernel; where it leaves
// too many, all are. A pair whose value is NaN is never chosen.
template <typename T>
class Chooser {
 public:
  Chooser(const PackedRows<T>& rows, const ClassOrder& order, Nearness nearness,
          Screening screening, const Parallel& parallel);

  // As many as there are choices.
  std::vector<Chosen<T>> choose(const std::vector<Choice>& choices) const {
    std::vector<Chosen<T>> chosen;
    for (const Choice& choice : choices) chosen.push_back(choose(choice, nullptr));
    return chosen;
  }

  // The nearest are chosen of those that are strictly farther than the value of their position, the
  // farthest of those that are strictly nearer. Where it is NaN there are none.
  Chosen<T> choose(const Choice& choice, const std::vector<T>& beyond) const {
    return choose(choice, &beyond);
  }

 private:
  Chosen<T> choose(const Choice& choice, const std::vector<T>* beyond) const;

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  Nearness nearness_;
  const Parallel& parallel_;
  std::optional<Screen<T>> screen_;
};

}  // namespace tripoint::cpu

#endif
