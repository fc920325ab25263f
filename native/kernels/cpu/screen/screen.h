#ifndef TRIPOINT_KERNELS_CPU_SCREEN_SCREEN_H
#define TRIPOINT_KERNELS_CPU_SCREEN_SCREEN_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {

// Whether candidates are found in few bits before the pair kernel decides among them. The answer is
// the same to the bit.
enum class Screening { kOff, kOn };

// The rows of a batch in whole numbers of 15 bits, whose distances are exact sums and cost half of
// what products of floats cost. They tell which pairs the pair kernel need not look at.
//
// With a centre c and a unit s common to all rows, row x is s (q + r) + c with whole numbers q and
// a residue |r| ≤ ρ. By the triangle inequality | |x − y| / s − |q_x − q_y| | ≤ 2ρ. The pair kernel
// gives |x − y|² up to a relative γ, from its roundings, and an absolute η, from underflow. So two
// pairs whose squared distances in whole numbers lie far enough apart are in the same order by the
// pair kernel. Nothing here rests on how any library rounds.
template <typename T>
class Screen {
 public:
  Screen(const PackedRows<T>& rows, const Parallel& parallel);

  // Whether it can be used: not where a distance might overflow, where all rows are equal, or where
  // values of pairs are more than their distances (PackedRows::finish).
  bool usable() const { return usable_; }

  // Squared distances in whole numbers, as IntegerKernels::squared_distances.
  void tile(int64_t row, int64_t row_count, int64_t column, int64_t column_count,
            int32_t* tile) const;

  // A pair above this many is farther than one of `distance`, by the pair kernel too.
  int32_t farther(int32_t distance) const;

  // A pair below this many is nearer than one of `distance`, by the pair kernel too.
  int32_t nearer(int32_t distance) const;

  // A pair above the one is farther than `square`, a squared distance of the rows as they are; a
  // pair below the other is nearer; by the pair kernel too.
  int32_t beyond(double square) const;
  int32_t before(double square) const;

 private:
  // Distances in whole numbers above and below which the pair kernel's are beyond a square of so
  // many units.
  int32_t above(double square) const;
  int32_t below(double square) const;

  // The greatest and the least squared distance in whole numbers that so long a distance may be,
  // rounded away from it.
  static int32_t up_to(double distance);
  static int32_t from(double distance);

  bool usable_ = false;
  int64_t pairs_;
  AlignedArray<int16_t> values_;
  std::vector<int32_t> squares_;
  double unit_square_ = 0;
  double doubt_ = 0;      // 2ρ
  double relative_ = 0;   // γ
  double underflow_ = 0;  // η / s²
  // √((1 + γ) / (1 − γ)) and √(4η / (1 − γ)) / s. Since √(a + b) ≤ √a + √b, rows that lie farther
  // apart than others by this factor and this summand are farther by the pair kernel.
  double stretch_ = 1;
  double underflow_root_ = 0;
};

}  // namespace tripoint::cpu

#endif
