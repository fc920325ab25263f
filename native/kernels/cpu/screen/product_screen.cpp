#include "kernels/cpu/screen/product_screen.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tripoint::cpu {
namespace {

// At most one column in so many is apart, and only where it is so many times as long as the others.
constexpr int64_t kColumnsOfApart = 128;
constexpr double kMuchLonger = 1.5;

// A little less than what fits, for what lengths are rounded by.
constexpr double kFits = 0.999;

constexpr int64_t kRowsOfTask = 64;

template <typename T>
bool can_be_scaled(T per_unit) {
  return std::isnormal(per_unit) && std::isnormal(1 / per_unit);
}

}  // namespace

template <typename T>
ProductScreen<T>::ProductScreen(const PackedRows<T>& rows, int64_t first, int64_t count,
                                const Parallel& parallel)
    : rows_(rows), wholes_(count, rows.columns(), KeyKind::kProduct) {
  if (count == 0 || rows.columns() == 0 || rows.columns() > kMostWholeColumns) return;
  std::vector<double> squares(static_cast<size_t>(count));
  const int64_t tasks = (count + kRowsOfTask - 1) / kRowsOfTask;
  run(parallel, count * rows.width(), tasks, [&](int64_t begin, int64_t end) {
    for (int64_t c = begin * kRowsOfTask; c < std::min(end * kRowsOfTask, count); ++c) {
      squares[static_cast<size_t>(c)] = squared_length(rows.row(first + c), rows.width());
    }
  });
  std::vector<double> sorted = squares;
  const auto usual = sorted.end() - 1 - count / kColumnsOfApart;
  std::nth_element(sorted.begin(), usual, sorted.end());
  const double longest = *std::max_element(usual, sorted.end());
  const bool has_apart = longest > kMuchLonger * kMuchLonger * *usual;
  extent_ = std::sqrt(has_apart ? *usual : longest);
  scale_.centre.assign(static_cast<size_t>(rows.width()), T{0});
  scale_.per_unit = static_cast<T>(kFits * kLongestInUnits / extent_);
  if (!std::isfinite(extent_) || !can_be_scaled(scale_.per_unit)) return;

  std::vector<uint8_t> fits(squares.size());
  run(parallel, count * rows.width(), tasks, [&](int64_t begin, int64_t end) {
    std::vector<int16_t> wholes(static_cast<size_t>(rows.width()));
    for (int64_t c = begin * kRowsOfTask; c < std::min(end * kRowsOfTask, count); ++c) {
      const bool does =
          wholes_.put(c, rows.row(first + c), 1, scale_, scale_.per_unit, wholes.data());
      fits[static_cast<size_t>(c)] = does ? 1 : 0;
    }
  });
  for (int64_t c = 0; c < count; ++c) {
    if (fits[static_cast<size_t>(c)] != 0) continue;
    wholes_.put_apart(c);
    apart_.push_back(c);
  }
  usable_ = static_cast<int64_t>(apart_.size()) <= count / kColumnsOfApart;
}

template <typename T>
ProductScreen<T>::Anchors::Anchors(const ProductScreen& screen, int64_t first, int64_t count)
    : screen_(screen),
      count_(count),
      wholes_(count, screen.rows_.columns(), KeyKind::kProduct),
      units_(static_cast<size_t>(count), 0.0) {
  const PackedRows<T>& rows = screen.rows_;
  double least = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < count; ++i) {
    const T* const row = rows.row(first + i);
    const double length = std::sqrt(squared_length(row, rows.width()));
    const auto own = static_cast<T>(kFits * kLongestInUnits / length);
    const bool overflows = !(16 * screen.extent_ * std::max(screen.extent_, length) <
                             static_cast<double>(std::numeric_limits<T>::max()));
    if (overflows || !can_be_scaled(own) || !wholes_.put(i, row, 1, screen.scale_, own)) {
      wholes_.put_never(i);
      continue;
    }
    double& unit = units_[static_cast<size_t>(i)];
    unit = 1 / (static_cast<double>(screen.scale_.per_unit) * static_cast<double>(own));
    least = std::min(least, unit);
  }
  constexpr double kRounding =
      4 * kLongestInUnits * static_cast<double>(std::numeric_limits<T>::epsilon()) + 1e-6;
  bound_ = KeyBound::of<T>(KeyKind::kProduct, rows.columns(), rows.width(), kRounding, least);
  if (!bound_.usable()) std::fill(units_.begin(), units_.end(), 0.0);
}

template <typename T>
void ProductScreen<T>::Anchors::tile(int64_t column, int64_t count, int32_t* keys) const {
  integer_kernels().squared_distances(wholes_.rows(), 0, count_, screen_.wholes_.rows(), column,
                                      count, keys);
}

template class ProductScreen<float>;
template class ProductScreen<double>;

}  // namespace tripoint::cpu
