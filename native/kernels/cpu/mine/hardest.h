#ifndef TRIPOINT_KERNELS_CPU_MINE_HARDEST_H
#define TRIPOINT_KERNELS_CPU_MINE_HARDEST_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/mine/least.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// The farthest positive and the nearest negative of each position, as rows of the matrix: positives
// by their negated distance, so that both are the least. The Euclidean distance is not yet rooted.
template <typename T>
struct Hardest {
  std::vector<Least<T>> positive;
  std::vector<Least<T>> negative;
  // Pairs that the pair kernel looked at: both directions at once, or, with screening, each by
  // itself. Then it may depend on how threads met; nothing else does.
  int64_t evaluated = 0;

  explicit Hardest(int64_t size)
      : positive(static_cast<size_t>(size)), negative(static_cast<size_t>(size)) {}
};

// Each pair is looked at once, in tiles on or above the diagonal. With screening only those that
// the screen leaves are given to the pair kernel; where it leaves too many, all are.
template <typename T>
Hardest<T> find_hardest(const PackedRows<T>& rows, const ClassOrder& order, Screening screening,
                        const Parallel& parallel);

}  // namespace tripoint::cpu

#endif
