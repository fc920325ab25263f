#ifndef TRIPOINT_KERNELS_CPU_SCREEN_BYTE_ROWS_H
#define TRIPOINT_KERNELS_CPU_SCREEN_BYTE_ROWS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/screen/whole_rows.h"
#include "kernels/cpu/tile/byte_tile.h"

namespace tripoint::cpu {

// Rows of more columns are not put into bytes, whose sums then fit into 30 bits.
inline constexpr int64_t kMostByteColumns = int64_t{1} << 14;

// The sum of a row with a column is q · p, less half of |p|² where their distance is looked for:
// the greater, the nearer. These are below and above the bounds of all rows.
inline constexpr int32_t kLeastSum = -(int32_t{1} << 29);
inline constexpr int32_t kGreatestSum = int32_t{1} << 29;

// Row x is (q + r) / per_unit + c with whole numbers |q| ≤ 127 and a residue r, in whose square
// entries that are too great for a byte show.
struct ByteRow {
  int64_t square;  // |q|²
  int64_t sum;     // of q
  double residue;  // |r| is at most this
};

// Puts (row − centre) · per_unit into `width` bytes. The centre holds zeros where products are
// looked for.
template <typename T>
ByteRow put_into_bytes(const T* row, const T* centre, T per_unit, int64_t width, int8_t* bytes);

// Rows of a corpus as columns of panels.
class BytePanels {
 public:
  BytePanels(int64_t size, int64_t columns, KeyKind kind);

  // What is apart is near to every row, and what never counts is near to none.
  void put(int64_t position, const int8_t* bytes, const ByteRow& row);
  void put_apart(int64_t position) { put_zeros(position, 2 * kGreatestSum); }
  void put_never(int64_t position) { put_zeros(position, 2 * kLeastSum); }

  int64_t count() const { return panels_; }
  int64_t quads() const { return quads_; }
  const uint8_t* values(int64_t panel) const {
    return values_.get() + panel * kBytePanel * 4 * quads_;
  }
  const int32_t* starts(int64_t panel) const { return starts_.data() + panel * kBytePanel; }

 private:
  void put_zeros(int64_t position, int32_t start);

  int64_t panels_;
  int64_t quads_;
  KeyKind kind_;
  AlignedArray<uint8_t> values_;
  std::vector<int32_t> starts_;
};

// What sums tell of the values that the pair kernel gives to one row q with rows p.
//
// For distances, by the triangle inequality, | |x − y| / s − |q − p| | ≤ |r_q| + |r_p|. For
// products |x · y / (s t) − q · p| ≤ |q| |r_p| + |p| |r_q| + |r_q| |r_p|. To both comes the
// rounding of the pair kernel, as in KeyBound.
class ByteBound {
 public:
  // What the rows p have in common: the greatest |r_p| and |p|.
  struct Columns {
    double residue;
    double length;
  };

  // For rows of T at `width`; `unit_square` is that of the unit, or the product of both units.
  template <typename T>
  static ByteBound of(KeyKind kind, const ByteRow& row, const Columns& columns, int64_t width,
                      double unit_square);

  // A column with a lesser sum is farther than `value`, by the pair kernel too and after one more
  // rounding. A value is a squared distance, or a product times −2.
  int32_t least(double value) const;

  // Whether a sum is that of a column which counts.
  bool is_sum(int32_t sum) const { return static_cast<double>(sum) - offset_ > kLeastSum; }

  // A column with a lesser sum than this is farther than one of `sum`.
  int32_t least_beside(int32_t sum) const;

 private:
  int32_t rounded(double least) const;

  KeyKind kind_ = KeyKind::kSquaredDistance;
  double per_unit_square_ = 0;
  double square_ = 0;  // |q|²
  double offset_ = 0;  // what kByteOffset adds to a sum
  double doubt_ = 0;
  double relative_ = 0;   // for distances
  double underflow_ = 0;  // for distances
};

}  // namespace tripoint::cpu

#endif
