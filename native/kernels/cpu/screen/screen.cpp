#include "kernels/cpu/screen/screen.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/centre.h"

namespace tripoint::cpu {
namespace {

// The length of the longest row in units: of its squares, four fit into 31 bits beside the rounding
// of the columns.
constexpr double kLongest = 23000;
constexpr int64_t kMostColumns = int64_t{1} << 16;
constexpr int64_t kRowsOfTask = 64;

// Covers the roundings of the few operations in double that a limit is made of.
constexpr double kSlack = 1e-9;

constexpr int32_t kMost = std::numeric_limits<int32_t>::max() - 1;

constexpr int64_t kStep = 8;

struct Extent {
  double length = 0;
  double greatest = 0;
};

template <typename T>
struct ScreenKernels {
  Extent (*extent)(const T* row, const double* centre, int64_t width);
  double (*quantise)(const T* row, const double* centre, double per_unit, int64_t width,
                     int16_t* wholes);
};

#define TRIPOINT_BODY "kernels/cpu/screen/screen_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const ScreenKernels<T>& screen_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

}  // namespace

template <typename T>
Screen<T>::Screen(const PackedRows<T>& rows, const Parallel& parallel)
    : pairs_((rows.columns() + 1) / 2) {
  const int64_t size = rows.size();
  const int64_t width = rows.width();
  if (size == 0 || width == 0 || width > kMostColumns || rows.has_deficits()) return;

  // Any centre will do; near the mean the unit is small.
  const std::vector<double> centre = sampled_mean(rows);

  const ScreenKernels<T>& kernels = screen_kernels<T>();
  const int64_t tasks = (size + kRowsOfTask - 1) / kRowsOfTask;
  std::vector<Extent> extents(static_cast<size_t>(tasks));
  run(parallel, size * width, tasks, [&](int64_t begin, int64_t end) {
    for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size); ++p) {
      const Extent one = kernels.extent(rows.row(p), centre.data(), width);
      Extent& all = extents[static_cast<size_t>(p / kRowsOfTask)];
      all.length = std::max(all.length, one.length);
      all.greatest = std::max(all.greatest, one.greatest);
    }
  });
  Extent all;
  for (const Extent& one : extents) {
    all.length = std::max(all.length, one.length);
    all.greatest = std::max(all.greatest, one.greatest);
  }
  const double unit = all.length / kLongest;
  if (!(unit * unit > 0) || !(16 * all.length * all.length < std::numeric_limits<T>::max())) return;

  const int64_t padded =
      (size + kIntegerGroup - 1) / kIntegerGroup * kIntegerGroup + kIntegerMargin;
  const auto elements = static_cast<size_t>(padded * pairs_ * 2);
  values_ = aligned_array<int16_t>(elements);
  const int64_t filled = size / kIntegerGroup * kIntegerGroup * pairs_ * 2;
  std::fill(values_.get() + filled, values_.get() + elements, int16_t{0});
  squares_.resize(static_cast<size_t>(padded));
  std::vector<double> residues(static_cast<size_t>(tasks), 0.0);
  run(parallel, 2 * size * width, tasks, [&](int64_t begin, int64_t end) {
    std::vector<int16_t> wholes(static_cast<size_t>(width));
    for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size); ++p) {
      double& most = residues[static_cast<size_t>(p / kRowsOfTask)];
      most = std::max(most,
                      kernels.quantise(rows.row(p), centre.data(), 1 / unit, width, wholes.data()));
      int32_t square = 0;
      for (const int16_t whole : wholes) square += whole * whole;
      squares_[static_cast<size_t>(p)] = square;
      int16_t* target = values_.get() + integer_place(pairs_, p, 0);
      for (int64_t pair = 0; pair < pairs_; ++pair, target += 2 * kIntegerGroup) {
        std::memcpy(target, wholes.data() + 2 * pair, 2 * sizeof(int16_t));
      }
    }
  });
  // Beside the residues, the rounding of x − c and of its division by the unit.
  const double rounding = std::sqrt(static_cast<double>(width)) *
                          (2 * all.greatest / unit + kLongest) *
                          std::numeric_limits<double>::epsilon();
  unit_square_ = unit * unit;
  doubt_ = 2 * (*std::max_element(residues.begin(), residues.end()) + rounding);
  relative_ =
      (static_cast<double>(rows.width() / kLanes<T>) + 8) * std::numeric_limits<T>::epsilon();
  underflow_ =
      static_cast<double>(rows.width()) * std::numeric_limits<T>::denorm_min() / unit_square_;
  stretch_ = std::sqrt((1 + relative_) / (1 - relative_));
  underflow_root_ = std::sqrt(4 * underflow_ / (1 - relative_));
  usable_ = std::isfinite(doubt_) && std::isfinite(underflow_);
}

template <typename T>
void Screen<T>::tile(int64_t row, int64_t row_count, int64_t column, int64_t column_count,
                     int32_t* tile) const {
  const IntegerRows rows{values_.get(), squares_.data(), pairs_};
  integer_kernels().squared_distances(rows, row, row_count, rows, column, column_count, tile);
}

template <typename T>
int32_t Screen<T>::farther(int32_t distance) const {
  const double most = std::sqrt(static_cast<double>(distance)) + doubt_;
  return up_to(most * stretch_ + underflow_root_ + doubt_);
}

template <typename T>
int32_t Screen<T>::nearer(int32_t distance) const {
  const double least = std::max(std::sqrt(static_cast<double>(distance)) - doubt_, 0.0);
  return from(least / stretch_ - underflow_root_ - doubt_);
}

template <typename T>
int32_t Screen<T>::beyond(double square) const {
  return square < 0 ? -1 : above(square / unit_square_ + 4 * underflow_);
}

template <typename T>
int32_t Screen<T>::before(double square) const {
  return below(square / unit_square_ - 4 * underflow_);
}

template <typename T>
int32_t Screen<T>::above(double square) const {
  return up_to(std::sqrt(square / (1 - relative_)) + doubt_);
}

template <typename T>
int32_t Screen<T>::below(double square) const {
  return from(std::sqrt(std::max(square / (1 + relative_), 0.0)) - doubt_);
}

template <typename T>
int32_t Screen<T>::up_to(double distance) {
  const double limit = distance * distance * (1 + kSlack) + 1;
  return limit < kMost ? static_cast<int32_t>(limit) : kMost;
}

template <typename T>
int32_t Screen<T>::from(double distance) {
  const double limit = distance > 0 ? distance * distance * (1 - kSlack) - 1 : 0;
  return limit < kMost ? static_cast<int32_t>(std::max(limit, 0.0)) : kMost;
}

template class Screen<float>;
template class Screen<double>;

}  // namespace tripoint::cpu
