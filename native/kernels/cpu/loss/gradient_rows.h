#ifndef TRIPOINT_KERNELS_CPU_LOSS_GRADIENT_ROWS_H
#define TRIPOINT_KERNELS_CPU_LOSS_GRADIENT_ROWS_H

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// Where a gradient goes: contiguous rows of a type, in the order of the matrix.
struct GradientTarget {
  void* data;
  FloatType type;
};

// A gradient while it is summed up: by position, at the width of packed rows. It takes no memory of
// its own where the target has that width and type.
template <typename T>
class GradientRows {
 public:
  GradientRows(const PackedRows<T>& rows, const ClassOrder& order, const GradientTarget& target)
      : order_(order),
        target_(target),
        columns_(rows.columns()),
        width_(rows.width()),
        in_place_(columns_ == width_ &&
                  target.type == (sizeof(T) == 4 ? FloatType::kFloat32 : FloatType::kFloat64)) {
    if (!in_place_) own_ = aligned_array<T>(static_cast<size_t>(rows.size() * width_));
    values_ = in_place_ ? static_cast<T*>(target.data) : own_.get();
  }

  T* row(int64_t position) { return values_ + position * width_; }

  // A row is complete. When all are, `finish` brings them into the order of the matrix.
  void store(int64_t position) {
    if (in_place_) return;
    store_row(row(position), target_.data, target_.type, order_.row[static_cast<size_t>(position)],
              columns_);
  }
  void finish() {
    if (in_place_) permute();
  }

 private:
  // Rows by position become rows of the matrix, cycle by cycle.
  void permute() {
    std::vector<bool> done(static_cast<size_t>(order_.size()), false);
    std::vector<T> moved(static_cast<size_t>(width_));
    for (int64_t start = 0; start < order_.size(); ++start) {
      if (done[static_cast<size_t>(start)]) continue;
      std::copy_n(row(start), width_, moved.begin());
      int64_t place = start;
      do {
        place = order_.row[static_cast<size_t>(place)];
        done[static_cast<size_t>(place)] = true;
        std::swap_ranges(moved.begin(), moved.end(), row(place));
      } while (place != start);
    }
  }

  const ClassOrder& order_;
  const GradientTarget target_;
  const int64_t columns_;
  const int64_t width_;
  const bool in_place_;
  AlignedArray<T> own_;
  T* values_;
};

}  // namespace tripoint::cpu

#endif
