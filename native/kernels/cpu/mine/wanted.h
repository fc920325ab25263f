#ifndef TRIPOINT_KERNELS_CPU_MINE_WANTED_H
#define TRIPOINT_KERNELS_CPU_MINE_WANTED_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// A choice among pairs of packed rows: what they are worth and which are admitted, whatever finds
// them.
template <typename T>
class Wanted {
 public:
  // With `beyond` the values that Chooser::choose speaks of, by position.
  Wanted(const PackedRows<T>& rows, Nearness nearness, const Choice& choice,
         const std::vector<T>* beyond)
      : rows_(rows),
        choice_(choice),
        beyond_(beyond),
        values_(nearness, choice.least, choice.greatest) {}

  const Choice& choice() const { return choice_; }
  bool farthest() const { return choice_.end == End::kFarthest; }

  // The value of a position that others must be beyond, null where there is none.
  const T* beyond(int64_t position) const {
    return beyond_ == nullptr ? nullptr : beyond_->data() + position;
  }

  // The value of a pair, negated where the farthest is wanted, so that the least is wanted in
  // either case; and those of a row with others.
  T value(int64_t position, int64_t other) const {
    T value = values_.of(rows_.row(position), rows_.row(other), rows_.width());
    rows_.finish(position, other, 1, &value);
    return turned(value);
  }
  void values(int64_t position, int64_t first, int64_t count, T* values) const {
    values_.of(rows_, position, rows_, first, count, values);
    if (farthest()) {
      for (int64_t j = 0; j < count; ++j) values[j] = -values[j];
    }
  }

  // From a plain value to such a one, and back.
  T turned(T value) const { return farthest() ? -value : value; }

  // Whether the row at a position may have a pair of this value.
  bool admits(int64_t position, T value) const {
    const T plain = turned(value);
    if (!values_.admits(plain)) return false;
    if (beyond_ == nullptr) return true;
    const T threshold = *beyond(position);
    return farthest() ? plain < threshold : plain > threshold;
  }

 private:
  const PackedRows<T>& rows_;
  Choice choice_;
  const std::vector<T>* beyond_;
  PairValues<T> values_;
};

}  // namespace tripoint::cpu

#endif
