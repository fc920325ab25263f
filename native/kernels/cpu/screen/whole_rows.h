#ifndef TRIPOINT_KERNELS_CPU_SCREEN_WHOLE_ROWS_H
#define TRIPOINT_KERNELS_CPU_SCREEN_WHOLE_ROWS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {

// Rows longer than this many units (but for the rounding of that length, a hundredth at most) are
// not kept in whole numbers; so four squares fit into 30 bits beside the rounding of the columns.
inline constexpr double kLongestInUnits = 16000;
inline constexpr int64_t kMostWholeColumns = int64_t{1} << 16;

// Keys of two rows are squared distances in whole numbers, or doubled products of which the sign is
// turned. Either way the less is the nearer. All keys of rows that are kept lie between these two;
// with a row that is kept apart the key is below, with one that never counts it is above.
inline constexpr int32_t kLeastKey = -(int32_t{1} << 29) - (int32_t{1} << 28);
inline constexpr int32_t kGreatestKey = (int32_t{1} << 30) - 1;

enum class KeyKind { kSquaredDistance, kProduct };

// How far rows are shifted and scaled before they are rounded: row x is (q + r) / per_unit + c with
// whole numbers q and a residue r. The centre has the width of rows and holds zeros for products.
template <typename T>
struct WholeScale {
  std::vector<T> centre;
  T per_unit = 0;
};

// Rows in whole numbers of 15 bits.
template <typename T>
class WholeRows {
 public:
  WholeRows(int64_t size, int64_t columns, KeyKind kind);

  // Puts factor · row at a position. Where that is longer than kLongestInUnits (or not finite) it
  // is not done, and the answer is false.
  bool put(int64_t position, const T* row, T factor, const WholeScale<T>& scale, T per_unit) {
    return put(position, row, factor, scale, per_unit, wholes_.data());
  }

  // The same from several threads, each with room for the whole numbers of a row.
  bool put(int64_t position, const T* row, T factor, const WholeScale<T>& scale, T per_unit,
           int16_t* wholes);
  void put_apart(int64_t position);
  void put_never(int64_t position);

  IntegerRows rows() const { return {values_.get(), squares_.data(), pairs_}; }

 private:
  void put_zeros(int64_t position, int32_t square);

  int64_t pairs_;
  int64_t width_;
  KeyKind kind_;
  AlignedArray<int16_t> values_;
  std::vector<int32_t> squares_;
  std::vector<int16_t> wholes_;  // of one row
};

// What keys tell of the values that the pair kernel gives.
//
// A residue r of a row in units is at most ρ long. For distances, by the triangle inequality,
// | |x − y| / s − |q_x − q_y| | ≤ 2ρ. For products of rows of at most L units each,
// |x · y / (s_x s_y) − q_x · q_y| ≤ 2Lρ + ρ². The pair kernel gives |x − y|² up to a relative γ,
// and x · y up to γ |x| |y|, from its roundings, and both up to an absolute η, from underflow. So
// two pairs whose keys lie far enough apart are in the same order by the pair kernel. Nothing here
// rests on how any library rounds.
class KeyBound {
 public:
  // For rows of T at `width`. `rounding` is what a residue has beside the ½ of each column;
  // `unit_square` is that of the unit, or the product of both sides' units.
  template <typename T>
  static KeyBound of(KeyKind kind, int64_t columns, int64_t width, double rounding,
                     double unit_square);

  bool usable() const;

  // A pair above the one is farther than one of `key`, a pair below the other nearer, by the pair
  // kernel too.
  int32_t farther(int32_t key) const;
  int32_t nearer(int32_t key) const;

  // A pair above the one is farther than `value`, a pair below the other nearer, by the pair kernel
  // too and after one more rounding. A value is that of a key: a squared distance, or a product
  // times −2, in squares of the unit.
  int32_t beyond(double value) const;
  int32_t before(double value) const;

 private:
  KeyKind kind_ = KeyKind::kSquaredDistance;
  double doubt_ = 0;      // 2ρ, or what a key is off by
  double relative_ = 0;   // γ, for distances
  double underflow_ = 0;  // η in squares of the unit, for distances
};

// The sum of the squares of row − centre, and of row, in double.
template <typename T>
double squared_length(const T* row, const T* centre, int64_t width);
template <typename T>
double squared_length(const T* row, int64_t width);

}  // namespace tripoint::cpu

#endif
