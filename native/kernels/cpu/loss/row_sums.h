#ifndef TRIPOINT_KERNELS_CPU_LOSS_ROW_SUMS_H
#define TRIPOINT_KERNELS_CPU_LOSS_ROW_SUMS_H

#include <algorithm>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/base/strided.h"

namespace tripoint::cpu {

// Sums for the rows of a contiguous result, at the width of packed rows and in their order. They
// are made in the result itself where it is of T and as wide, and else beside it.
template <typename T>
class RowSums {
 public:
  RowSums(void* result, FloatType type, int64_t rows, int64_t columns, int64_t width)
      : result_(result), type_(type), rows_(rows), columns_(columns), width_(width) {
    constexpr FloatType kOwn =
        std::is_same_v<T, double> ? FloatType::kFloat64 : FloatType::kFloat32;
    if (type == kOwn && columns == width) {
      sums_ = static_cast<T*>(result);
      std::fill(sums_, sums_ + rows * width, T{0});
    } else {
      beside_ = zeroed_array<T>(static_cast<size_t>(rows * width));
      sums_ = beside_.get();
    }
  }

  T* row(int64_t position) { return sums_ + position * width_; }

  // Puts what is at position p into row order[p] of the result.
  void store(const std::vector<int64_t>& order, const Parallel& parallel) {
    if (sums_ != result_) {
      constexpr int64_t kRowsOfTask = 64;
      run(parallel, rows_ * width_, (rows_ + kRowsOfTask - 1) / kRowsOfTask,
          [&](int64_t begin, int64_t end) {
            for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, rows_); ++p) {
              store_row(row(p), result_, type_, order[static_cast<size_t>(p)], columns_);
            }
          });
      return;
    }
    // In place: each row makes room for the one before it, around the cycles of the order.
    std::vector<T> carried(static_cast<size_t>(width_));
    std::vector<bool> placed(static_cast<size_t>(rows_));
    for (int64_t start = 0; start < rows_; ++start) {
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

 private:
  void* const result_;
  const FloatType type_;
  const int64_t rows_;
  const int64_t columns_;
  const int64_t width_;
  ScratchArray<T> beside_;
  T* sums_;
};

}  // namespace tripoint::cpu

#endif
