#ifndef TRIPOINT_KERNELS_CPU_MINE_CHOICE_PAIRS_H
#define TRIPOINT_KERNELS_CPU_MINE_CHOICE_PAIRS_H

// The pairs of a tile that a choice is among: blocks of a batch in the order of its classes, of
// which the one does not lie below the other.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/mine/least.h"
#include "kernels/cpu/mine/wanted.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {

// Rows and columns of the greatest tile whose pairs are all evaluated.
inline constexpr int64_t kMostEvaluated = 96;

// Of the positions of a block of columns those that stand above the diagonal in a row, and are on a
// side: one range, since classes are contiguous.
inline Block columns_of(const ClassOrder& order, Side side, int64_t position, const Block& below) {
  Block range = below;
  range.begin = std::max(range.begin, std::min(position + 1, below.end));
  const int64_t class_end =
      std::clamp(order.end[static_cast<size_t>(position)], range.begin, below.end);
  (side == Side::kPositives ? range.end : range.begin) = class_end;
  return range;
}

// Whether all of a tile's pairs are negatives.
inline bool only_negatives(const ClassOrder& order, const Block& above, const Block& below) {
  return order.end[static_cast<size_t>(above.end - 1)] <= below.begin;
}

// How many pairs of a side a tile has.
inline int64_t pairs_of(const ClassOrder& order, Side side, const Block& above,
                        const Block& below) {
  if (only_negatives(order, above, below)) {
    return side == Side::kNegatives ? above.size() * below.size() : 0;
  }
  int64_t pairs = 0;
  for (int64_t p = above.begin; p < above.end; ++p) {
    pairs += columns_of(order, side, p, below).size();
  }
  return pairs;
}

// Evaluates all pairs of a tile, and offers each to its row and to its column.
template <typename T>
void evaluate_pairs(const Wanted<T>& wanted, const ClassOrder& order, const Block& above,
                    const Block& below, Least<T>* of_rows, Least<T>* of_columns) {
  T values[kMostEvaluated];
  for (int64_t p = above.begin; p < above.end; ++p) {
    const Block range = columns_of(order, wanted.choice().side, p, below);
    if (range.size() <= 0) continue;
    wanted.values(p, range.begin, range.size(), values);
    Least<T>& of_row = of_rows[p - above.begin];
    for (int64_t q = range.begin; q < range.end; ++q) {
      const T value = values[q - range.begin];
      Least<T>& of_column = of_columns[q - below.begin];
      if (value <= of_row.value && wanted.admits(p, value)) {
        of_row.take(value, order.row[static_cast<size_t>(q)]);
      }
      if (value <= of_column.value && wanted.admits(q, value)) {
        of_column.take(value, order.row[static_cast<size_t>(p)]);
      }
    }
  }
}

// Adds what a tile found for a block's positions to what was found for them before.
template <typename T>
void merge(int64_t number, const Block& block, const Least<T>* of_tile, BlockLocks& locks,
           std::vector<Least<T>>& found) {
  const auto lock = locks.hold(number);
  for (int64_t p = block.begin; p < block.end; ++p) {
    found[static_cast<size_t>(p)].take(of_tile[p - block.begin]);
  }
}

}  // namespace tripoint::cpu

#endif
