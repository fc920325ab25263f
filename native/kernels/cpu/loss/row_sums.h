#ifndef TRIPOINT_KERNELS_CPU_LOSS_ROW_SUMS_H
#define TRIPOINT_KERNELS_CPU_LOSS_ROW_SUMS_H

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// Where a gradient goes: contiguous rows of a type, as many and as wide as those of the matrix.
struct GradientTarget {
  void* data;
  FloatType type;
};

// A gradient while it is summed up: by position, at the width of packed rows. It takes no memory of
// its own where the target is of T and as wide. Nothing is 0 before `clear`.
template <typename T>
class RowSums {
 public:
  RowSums(const PackedRows<T>& rows, const GradientTarget& target)
      : target_(target), size_(rows.size()), columns_(rows.columns()), width_(rows.width()) {
    constexpr FloatType kOwn =
        std::is_same_v<T, double> ? FloatType::kFloat64 : FloatType::kFloat32;
    if (target.type == kOwn && columns_ == width_) {
      sums_ = static_cast<T*>(target.data);
    } else {
      beside_ = scratch_array<T>(static_cast<size_t>(size_ * width_));
      sums_ = beside_.get();
    }
  }

  T* row(int64_t position) { return sums_ + position * width_; }

  void clear(const Parallel& parallel) {
    each_row(parallel, [&](int64_t p) { std::fill(row(p), row(p) + width_, T{0}); });
  }

  // Puts what is at position p into row order[p] of the target.
  void store(const std::vector<int64_t>& order, const Parallel& parallel) {
    if (sums_ == target_.data) return permute(order);
    each_row(parallel, [&](int64_t p) { store(p, order[static_cast<size_t>(p)]); });
  }

  // The same of rows that are packed in the order of the target.
  void store(const Parallel& parallel) {
    if (sums_ == target_.data) return;
    each_row(parallel, [&](int64_t p) { store(p, p); });
  }

 private:
  void store(int64_t position, int64_t to) {
    store_row(row(position), target_.data, target_.type, to, columns_);
  }

  template <typename Task>
  void each_row(const Parallel& parallel, Task&& task) {
    constexpr int64_t kRowsOfTask = 64;
    run(parallel, size_ * width_, (size_ + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size_); ++p) {
            task(p);
          }
        });
  }

  // Each row makes room for the one before it, around the cycles of the order.
  void permute(const std::vector<int64_t>& order) {
    std::vector<T> carried(static_cast<size_t>(width_));
    std::vector<bool> placed(static_cast<size_t>(size_));
    for (int64_t start = 0; start < size_; ++start) {
      if (placed[static_cast<size_t>(start)] || order[static_cast<size_t>(start)] == start)
        continue;
      std::copy(row(start), row(start) + width_, carried.begin());
      int64_t from = start;
      do {
        const int64_t to = order[static_cast<size_t>(from)];
        placed[static_cast<size_t>(to)] = true;
        std::swap_ranges(carried.begin(), carried.end(), row(to));
        from = to;
      } while (from != start);
    }
  }

  const GradientTarget target_;
  const int64_t size_;
  const int64_t columns_;
  const int64_t width_;
  ScratchArray<T> beside_;
  T* sums_;
};

}  // namespace tripoint::cpu

#endif
