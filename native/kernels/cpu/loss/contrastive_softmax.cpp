#include "kernels/cpu/loss/contrastive_softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/tournament.h"
#include "kernels/cpu/loss/contrast_anchor.h"
#include "kernels/cpu/loss/log_sum.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/float_tile_portable.h"
#include "kernels/cpu/tile/softmax_tile.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kFloatTile;
constexpr int64_t kTileElements = kTile * kTile;
constexpr int64_t kRowsOfTask = 64;

// Blocks of several tiles pack fewer rows, but a batch must have blocks enough for its threads.
constexpr int64_t kMostTilesOfBlock = 4;
constexpr int64_t kFewestBlocks = 8;

template <typename T>
constexpr T kInfinity = std::numeric_limits<T>::infinity();

// Up to this spread of similarities one shift does for all: between the exponentials of the least
// and the greatest there is room left for factors and sums.
template <typename T>
constexpr double kSpread = sizeof(T) == sizeof(float) ? 80 : 600;

template <typename T>
class Softmax {
 public:
  Softmax(const PackedRows<T>& rows, const ClassOrder& order, const ContrastiveSoftmax& wanted,
          const Parallel& parallel, RowSums<T>& gradient)
      : rows_(rows),
        order_(order),
        rule_(wanted.contrast, wanted.mean),
        parallel_(parallel),
        gradient_(gradient),
        size_(rows.size()),
        width_(rows.width()),
        scale_(static_cast<T>(1 / wanted.temperature)),
        block_(kTile * std::clamp(size_ / (kTile * kFewestBlocks), int64_t{1}, kMostTilesOfBlock)),
        anchors_(static_cast<size_t>(size_)) {
    const double greatest =
        wanted.similarity == Similarity::kCosine ? 1 : greatest_squared_length();
    shift_ = static_cast<T>(greatest * scale_);
    narrow_ = 2 * greatest * scale_ <= kSpread<T>;
  }

  ContrastiveSoftmaxResult run_all() {
    sum_negatives();
    each_row([this](int64_t p, std::vector<T>& products) { lose(p, products); });
    const ContrastiveSoftmaxResult result = reduce();
    push_negatives();
    each_row([this](int64_t p, std::vector<T>& products) { pull_positives(p, products); });
    gradient_.store(order_.row, parallel_);
    return result;
  }

 private:
  // What a match between two blocks works with.
  struct Scratch {
    explicit Scratch(int64_t width)
        : packed(aligned_array<T>(static_cast<size_t>(kTile * width))),
          tile(aligned_array<T>(static_cast<size_t>(2 * kTileElements))) {}
    AlignedArray<T> packed;
    AlignedArray<T> tile;
    T of_rows[kTile];
    T of_columns[kTile];
    T row_sums[kTile];
    T column_sums[kTile];
  };

  ContrastAnchor& anchor(int64_t position) { return anchors_[static_cast<size_t>(position)]; }
  int64_t class_begin(int64_t position) const {
    return order_.begin[static_cast<size_t>(position)];
  }
  int64_t class_end(int64_t position) const { return order_.end[static_cast<size_t>(position)]; }
  int64_t work() const { return size_ * size_ * std::max<int64_t>(width_, 1); }
  int64_t blocks() const { return (size_ + block_ - 1) / block_; }

  double greatest_squared_length() const {
    double greatest = 0;
    for (int64_t p = 0; p < size_; ++p) {
      T square;
      pair_kernels<T>().products(rows_.row(p), rows_.row(p), width_, 1, &square);
      greatest = std::max(greatest, static_cast<double>(square));
    }
    return greatest;
  }

  // Calls a function for each row, with room for its products with its class.
  template <typename Row>
  void each_row(Row&& row) {
    run(parallel_, work(), (size_ + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          std::vector<T> products;
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size_); ++p) {
            products.resize(static_cast<size_t>(class_end(p) - class_begin(p)));
            row(p, products);
          }
        });
  }

  // Calls a function for each tile of a match: (first row, rows, first column, columns), whose
  // columns it has packed.
  template <typename Tile>
  void each_tile(int64_t upper, int64_t lower, Scratch& scratch, Tile&& tile) const {
    const int64_t rows_end = std::min((upper + 1) * block_, size_);
    const int64_t columns_end = std::min((lower + 1) * block_, size_);
    for (int64_t column = lower * block_; column < columns_end; column += kTile) {
      const int64_t columns = std::min(kTile, columns_end - column);
      kernels_.pack(rows_.row(column), columns, width_, scratch.packed.get());
      for (int64_t row = upper * block_; row < std::min(rows_end, column + 1); row += kTile) {
        tile(row, std::min(kTile, rows_end - row), column, columns);
      }
    }
  }

  // The products of a tile, −∞ for those of one class and beyond the columns.
  void products(int64_t row, int64_t rows, int64_t column, int64_t columns,
                Scratch& scratch) const {
    T* const tile = scratch.tile.get();
    kernels_.products(rows_.row(row), rows, scratch.packed.get(), columns, width_, tile);
    const bool one_class =
        class_end(row + rows - 1) > column && class_begin(row) < column + columns;
    for (int64_t i = 0; i < rows && (one_class || columns < kTile); ++i) {
      T* const values = tile + i * kTile;
      const int64_t begin = std::max(class_begin(row + i) - column, int64_t{0});
      const int64_t end = std::min(class_end(row + i) - column, columns);
      if (begin < end) std::fill(values + begin, values + end, -kInfinity<T>);
      std::fill(values + columns, values + kTile, -kInfinity<T>);
    }
  }

  // First sums over the negatives of each anchor.
  void sum_negatives() {
    run_tournament(blocks(), work(), parallel_, [&](int64_t upper, int64_t lower, auto turn) {
      Scratch scratch(width_);
      std::vector<LogSum> of_upper(static_cast<size_t>(block_));
      std::vector<LogSum> of_lower(static_cast<size_t>(block_));
      each_tile(upper, lower, scratch,
                [&](int64_t row, int64_t rows, int64_t column, int64_t columns) {
                  products(row, rows, column, columns, scratch);
                  LogSum* const left = of_upper.data() + (row - upper * block_);
                  LogSum* const right = of_lower.data() + (column - lower * block_);
                  sum_tile(rows, columns, scratch, left, row == column ? nullptr : right);
                });
      turn();
      for (int64_t i = 0; i < std::min(block_, size_ - upper * block_); ++i) {
        anchor(upper * block_ + i).negatives.add(of_upper[static_cast<size_t>(i)]);
      }
      for (int64_t j = 0; j < std::min(block_, size_ - lower * block_); ++j) {
        anchor(lower * block_ + j).negatives.add(of_lower[static_cast<size_t>(j)]);
      }
    });
  }

  // Adds the sums of a tile to those of its rows and, unless it is on the diagonal, its columns.
  void sum_tile(int64_t rows, int64_t columns, Scratch& scratch, LogSum* left,
                LogSum* right) const {
    T* const tile = scratch.tile.get();
    const auto sums = [&](T* values) {
      softmax_.exponentials(values, rows, columns, scale_, scratch.of_rows, scratch.of_columns);
      softmax_.sums(values, rows, columns, scratch.row_sums, scratch.column_sums);
    };
    if (narrow_) {
      std::fill(scratch.of_rows, scratch.of_rows + kTile, shift_);
      std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
      sums(tile);
      for (int64_t i = 0; i < rows; ++i) left[i].add(shift_, scratch.row_sums[i]);
      if (right == nullptr) return;
      for (int64_t j = 0; j < columns; ++j) right[j].add(shift_, scratch.column_sums[j]);
      return;
    }
    T* const copy = tile + kTileElements;
    T row_shifts[kTile];
    T column_shifts[kTile];
    std::copy(tile, tile + rows * kTile, copy);
    softmax_.maxima(tile, rows, columns, row_shifts, column_shifts);
    const auto scaled = [&](T* maxima, int64_t count) {
      for (int64_t i = 0; i < count; ++i) {
        maxima[i] = maxima[i] == -kInfinity<T> ? T{0} : maxima[i] * scale_;
      }
      std::fill(maxima + count, maxima + kTile, T{0});
    };
    scaled(row_shifts, rows);
    scaled(column_shifts, columns);
    std::copy(row_shifts, row_shifts + kTile, scratch.of_rows);
    std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
    sums(tile);
    for (int64_t i = 0; i < rows; ++i) left[i].add(row_shifts[i], scratch.row_sums[i]);
    if (right == nullptr) return;
    std::fill(scratch.of_rows, scratch.of_rows + kTile, T{0});
    std::copy(column_shifts, column_shifts + kTile, scratch.of_columns);
    sums(copy);
    for (int64_t j = 0; j < columns; ++j) right[j].add(column_shifts[j], scratch.column_sums[j]);
  }

  // The similarities of a row to its class, from `class_begin` on.
  void positives(int64_t position, std::vector<T>& products) const {
    pair_kernels<T>().products(rows_.row(position), rows_.row(class_begin(position)), width_,
                               static_cast<int64_t>(products.size()), products.data());
  }

  // The losses of an anchor.
  void lose(int64_t position, std::vector<T>& products) {
    positives(position, products);
    const auto members = static_cast<int64_t>(products.size());
    const int64_t own = position - class_begin(position);
    rule_.lose(anchor(position), members - 1, [&](auto&& take) {
      for (int64_t j = 0; j < members; ++j) {
        if (j != own) take(similarity(products, j));
      }
    });
  }

  double similarity(const std::vector<T>& products, int64_t j) const {
    return static_cast<double>(products[static_cast<size_t>(j)]) * static_cast<double>(scale_);
  }

  ContrastiveSoftmaxResult reduce() {
    ContrastiveSoftmaxResult result{0, 0, 0};
    for (const ContrastAnchor& it : anchors_) add(result, it);
    share_ = rule_.reduce(result);
    return result;
  }

  // Then the weights of all pairs of two classes, and what they give their rows.
  void push_negatives() {
    // With the slope of a similarity by the product.
    factors_.resize(static_cast<size_t>(size_));
    for (int64_t p = 0; p < size_; ++p) {
      const ContrastAnchor& it = anchor(p);
      const double weight = it.weight * share_ * static_cast<double>(scale_);
      factors_[static_cast<size_t>(p)] = static_cast<T>(
          narrow_
              ? (weight == 0 ? 0 : weight * std::exp(static_cast<double>(shift_) - it.denominator))
              : it.denominator - std::log(weight));
    }
    run_tournament(blocks(), work(), parallel_, [&](int64_t upper, int64_t lower, auto turn) {
      Scratch scratch(width_);
      bool has_turn = false;
      each_tile(upper, lower, scratch,
                [&](int64_t row, int64_t rows, int64_t column, int64_t columns) {
                  products(row, rows, column, columns, scratch);
                  weigh_tile(row, rows, column, columns, scratch);
                  if (!has_turn) turn();
                  has_turn = true;
                  const T* const weights = scratch.tile.get();
                  kernels_.accumulate(weights, kTile, 1, rows, rows_.row(column), columns, width_,
                                      gradient_.row(row));
                  if (row == column) return;
                  kernels_.accumulate(weights, 1, kTile, columns, rows_.row(row), rows, width_,
                                      gradient_.row(column));
                });
    });
  }

  // Turns products into the derivatives of the loss by them, both directions of a pair together.
  void weigh_tile(int64_t row, int64_t rows, int64_t column, int64_t columns,
                  Scratch& scratch) const {
    T* const tile = scratch.tile.get();
    T* const of_rows = scratch.of_rows;
    T* const of_columns = scratch.of_columns;
    const auto factors = [&](T* target, int64_t first, int64_t count) {
      std::copy(factors_.data() + first, factors_.data() + first + count, target);
      std::fill(target + count, target + kTile, T{0});
    };
    if (narrow_) {
      std::fill(of_rows, of_rows + kTile, shift_);
      std::fill(of_columns, of_columns + kTile, T{0});
      softmax_.exponentials(tile, rows, columns, scale_, of_rows, of_columns);
      factors(of_rows, row, rows);
      factors(of_columns, column, columns);
      softmax_.multiply(tile, rows, columns, of_rows, of_columns);
      return;
    }
    T* const other = tile + kTileElements;
    std::copy(tile, tile + rows * kTile, other);
    factors(of_rows, row, rows);
    std::fill(of_columns, of_columns + kTile, T{0});
    softmax_.exponentials(tile, rows, columns, scale_, of_rows, of_columns);
    std::fill(of_rows, of_rows + kTile, T{0});
    factors(of_columns, column, columns);
    softmax_.exponentials(other, rows, columns, scale_, of_rows, of_columns);
    for (int64_t e = 0; e < rows * kTile; ++e) tile[e] += other[e];
  }

  // Last what positives give a row, and all of it back to the row as it was given.
  void pull_positives(int64_t position, std::vector<T>& products) {
    positives(position, products);
    const int64_t first = class_begin(position);
    const auto members = static_cast<int64_t>(products.size());
    double sum = 0;
    for (int64_t j = 0; j < members; ++j) {
      double weight = 0;
      if (first + j != position) {
        const double both = similarity(products, j);
        weight = (rule_.slope(both, anchor(position), members - 1) +
                  rule_.slope(both, anchor(first + j), members - 1)) *
                 share_ * static_cast<double>(scale_);
      }
      sum += weight;
      products[static_cast<size_t>(j)] = static_cast<T>(-weight);
    }
    // The sum of weight · y is that of weight · x less that of weight · (x − y).
    const T* const own = rows_.row(position);
    T* const row = gradient_.row(position);
    pair_kernels<T>().add_differences(own, rows_.row(first), width_, members, products.data(), row);
    for (int64_t k = 0; k < width_; ++k) row[k] += static_cast<T>(sum) * own[k];
    rows_.backward(position, T{0}, row);
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const ContrastRule<T> rule_;
  const Parallel& parallel_;
  RowSums<T>& gradient_;
  const FloatTileKernels<T>& kernels_ = any_float_tile_kernels<T>();
  const SoftmaxTileKernels<T>& softmax_ = softmax_tile_kernels<T>();
  const int64_t size_;
  const int64_t width_;
  const T scale_;
  const int64_t block_;
  T shift_;
  bool narrow_;  // whether one shift does for all
  std::vector<ContrastAnchor> anchors_;
  // Of each anchor: where one shift does, what its exponentials are multiplied by, else what its
  // similarities are shifted by.
  std::vector<T> factors_;
  double share_ = 0;  // that one loss has in the result
};

int64_t count_losses(const ClassOrder& order, Contrast contrast) {
  if (order.triplets() == 0) return 0;
  if (contrast == Contrast::kEachAnchor) return order.size();
  int64_t positives = 0;
  for (size_t p = 0; p < order.row.size(); ++p) positives += order.end[p] - order.begin[p] - 1;
  return positives;
}

template <typename T>
ContrastiveSoftmaxResult contrastive_softmax_in(const FloatMatrix& embeddings,
                                                const IntegerVector& labels,
                                                const ContrastiveSoftmax& wanted,
                                                const Parallel& parallel, void* gradient) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, packing_of(wanted.similarity), parallel);
  const auto fill = [&](double value) {
    fill_rows(value, gradient, embeddings.type, rows.size(), rows.columns());
  };
  constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
  if (!rows.finite()) {
    fill(kNaN);
    return {kNaN, count_losses(order, wanted.contrast), 0};
  }
  if (order.triplets() == 0) {
    fill(0);
    return {0, 0, 0};
  }
  RowSums<T> sums(rows, {gradient, embeddings.type});
  sums.clear(parallel);
  return Softmax<T>(rows, order, wanted, parallel, sums).run_all();
}

}  // namespace

ContrastiveSoftmaxResult contrastive_softmax(const FloatMatrix& embeddings,
                                             const IntegerVector& labels,
                                             const ContrastiveSoftmax& wanted,
                                             const Parallel& parallel, void* gradient) {
  return embeddings.type == FloatType::kFloat64
             ? contrastive_softmax_in<double>(embeddings, labels, wanted, parallel, gradient)
             : contrastive_softmax_in<float>(embeddings, labels, wanted, parallel, gradient);
}

}  // namespace tripoint::cpu
