#include "kernels/cpu/screen/float_screen.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/centre.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 64;
constexpr int64_t kMostColumns = int64_t{1} << 20;

// Beside more cuts, or for fewer pairs, each pair looks for the cuts near it.
constexpr size_t kFewCuts = 24;
constexpr int64_t kFewMarked = 6;

template <typename T>
struct FloatScreenKernels {
  void (*take_away)(const T* rows, int64_t count, int64_t width, const T* centre, T* target);
  void (*estimate)(const EstimateForm<T>& form, T square, const T* squares, T* values);
  int32_t (*nominate)(const EstimateForm<T>& form, T square, const T* squares, const uint8_t* sides,
                      const T* values, T above, T upto, uint8_t* marks);
  bool (*doubt)(const EstimateForm<T>& form, T square, const T* squares, const T* values,
                const T* cuts, int64_t count, uint8_t* marks);
};

#define TRIPOINT_BODY "kernels/cpu/screen/float_screen_body.inc"
#include "kernels/cpu/base/each_set.inc"

template <typename T>
const FloatScreenKernels<T>& screen_kernels() {
#if defined(__x86_64__)
  static const FloatScreenKernels<T>& fastest = has_avx512() ? avx512::kKernels<T>
                                                : has_avx2() ? avx2::kKernels<T>
                                                             : portable::kKernels<T>;
  return fastest;
#else
  return portable::kKernels<T>;
#endif
}

template <typename T>
EstimateForm<T> form_of(Nearness nearness, int64_t width) {
  const T relative = (static_cast<T>(width) * T{1.25} + 48) * std::numeric_limits<T>::epsilon() / 2;
  const T absolute = static_cast<T>(8 * width) * std::numeric_limits<T>::min();
  switch (nearness) {
    case Nearness::kCosine:
      return {T{0.5}, 1, relative / 2, absolute};
    case Nearness::kDot:
      return {0, 1, relative / 2, absolute};
    default:
      return {1, 2, relative, absolute};
  }
}

}  // namespace

template <typename T>
FloatScreen<T>::FloatScreen(const PackedRows<T>& rows, Nearness nearness, Screening screening,
                            const Parallel& parallel)
    : rows_(rows), form_(form_of<T>(nearness, rows.width())) {
  const int64_t size = rows.size(), width = rows.width();
  const FloatTileKernels<T>* const products = float_tile_kernels<T>();
  if (screening == Screening::kOff || products == nullptr || width == 0 || width > kMostColumns ||
      !rows.finite() || rows.has_deficits()) {
    return;
  }
  centre_ = nearness == Nearness::kDot ? std::vector<T>(static_cast<size_t>(width), T{0})
                                       : centre_of(rows);
  const auto padded = static_cast<size_t>(size + kFloatTile);
  squares_ = aligned_array<T>(padded);
  std::fill_n(squares_.get() + size, kFloatTile, T{0});
  run(parallel, size * width, (size + kRowsOfTask - 1) / kRowsOfTask,
      [&](int64_t begin, int64_t end) {
        for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size); ++p) {
          squares_[static_cast<size_t>(p)] =
              static_cast<T>(squared_length(rows.row(p), centre_.data(), width));
        }
      });
  const T greatest = *std::max_element(squares_.get(), squares_.get() + padded);
  if (greatest < std::numeric_limits<T>::max() / 1000) products_ = products;
}

template <typename T>
FloatScreen<T>::Tiles::Tiles(const FloatScreen& screen, int64_t first, int64_t count)
    : screen_(screen), first_(first), count_(count) {
  const int64_t width = screen.rows_.width();
  const auto elements = static_cast<size_t>(kFloatTile * width);
  rows_ = aligned_array<T>(elements);
  others_ = aligned_array<T>(elements);
  packed_ = aligned_array<T>(elements);
  tile_ = aligned_array<T>(static_cast<size_t>(kFloatTile * kFloatTile));
  screen_kernels<T>().take_away(screen.rows_.row(first), count, width, screen.centre_.data(),
                                rows_.get());
}

template <typename T>
void FloatScreen<T>::Tiles::take(int64_t first, int64_t count) {
  const int64_t width = screen_.rows_.width();
  tile_first_ = first;
  screen_kernels<T>().take_away(screen_.rows_.row(first), count, width, screen_.centre_.data(),
                                others_.get());
  screen_.products_->pack(others_.get(), count, width, packed_.get());
  screen_.products_->products(rows_.get(), count_, packed_.get(), count, width, tile_.get());
  for (int64_t row = 0; row < count_; ++row) {
    screen_kernels<T>().estimate(screen_.form_, own_square(row), squares(),
                                 tile_.get() + row * kFloatTile);
  }
}

template <typename T>
int64_t FloatScreen<T>::Tiles::nominate(int64_t row, const uint8_t* sides, T above, T upto,
                                        uint8_t* marks) const {
  return screen_kernels<T>().nominate(screen_.form_, own_square(row), squares(), sides, values(row),
                                      above, upto, marks);
}

template <typename T>
bool FloatScreen<T>::Tiles::doubt(int64_t row, const std::vector<T>& cuts, int64_t marked,
                                  uint8_t* marks) const {
  if (cuts.size() <= kFewCuts && marked > kFewMarked) {
    return screen_kernels<T>().doubt(screen_.form_, own_square(row), squares(), values(row),
                                     cuts.data(), static_cast<int64_t>(cuts.size()), marks);
  }
  bool any = false;
  each_mark(marks, [&](int64_t j) {
    const T least = value(row, j) - doubt(row, j);
    const auto next = std::lower_bound(cuts.begin(), cuts.end(), least);
    if (next == cuts.end() || *next > value(row, j) + doubt(row, j)) return;
    marks[j] = kDoubtful;
    any = true;
  });
  return any;
}

template class FloatScreen<float>;
template class FloatScreen<double>;

}  // namespace tripoint::cpu
