#include "kernels/cpu/multiple_negatives.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/float_tile_portable.h"
#include "kernels/cpu/log_sum.h"
#include "kernels/cpu/row_sums.h"
#include "kernels/cpu/rows.h"
#include "kernels/cpu/softmax_tile.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kFloatTile;
constexpr int64_t kTileElements = kTile * kTile;
constexpr int64_t kRowsOfTask = 64;

// Similarities that are kept, as far as one tile of anchors allows.
constexpr int64_t kKept = int64_t{1} << 21;
constexpr int64_t kMostTilesOfBlock = 2;

// Parts of the candidates, each of which makes a gradient of its own for a block of anchors.
constexpr int64_t kParts = 8;

constexpr int64_t parts_of(int64_t size, int64_t part) { return (size + part - 1) / part; }

std::vector<int64_t> range(int64_t begin, int64_t end) {
  std::vector<int64_t> rows(static_cast<size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

// Tiles have a row for each candidate and a column for each anchor: so only anchors are packed,
// once for a block of them.
template <typename T>
class Ranking {
 public:
  Ranking(const FloatMatrix& anchors, const PackedRows<T>& candidates,
          const MultipleNegatives& wanted, const Parallel& parallel, void* anchors_gradient,
          RowSums<T>& candidates_gradient)
      : anchors_(anchors),
        candidates_(candidates),
        packing_(packing_of(wanted.similarity)),
        scale_(static_cast<T>(wanted.scale)),
        parallel_(parallel),
        anchors_gradient_(anchors_gradient),
        candidates_gradient_(candidates_gradient),
        width_(candidates.width()),
        tiles_(parts_of(candidates.size(), kTile)),
        columns_(std::clamp(kKept / (kTile * std::max<int64_t>(candidates.size(), 1)), int64_t{1},
                            kMostTilesOfBlock)),
        block_(columns_ * kTile),
        weights_(aligned_array<T>(static_cast<size_t>(tiles_ * columns_ * kTileElements))),
        shifts_(static_cast<size_t>(tiles_ * block_)),
        sums_(static_cast<size_t>(tiles_ * block_)),
        packed_(aligned_array<T>(static_cast<size_t>(block_ * width_))),
        partial_(aligned_array<T>(static_cast<size_t>(kParts * block_ * width_))),
        own_(static_cast<size_t>(block_)),
        pulls_(static_cast<size_t>(block_)),
        totals_(static_cast<size_t>(block_)) {}

  // The sum of the losses.
  double run_all() {
    double loss = 0;
    for (int64_t first = 0; first < anchors_.rows; first += block_) {
      const int64_t count = std::min(block_, anchors_.rows - first);
      const PackedRows<T> block(anchors_, range(first, first + count), packing_, parallel_);
      for (int64_t column = 0; column * kTile < count; ++column) {
        kernels_.pack(block.row(column * kTile), std::min(kTile, count - column * kTile), width_,
                      packed_.get() + column * kTile * width_);
      }
      each_part(count, [&](int64_t, int64_t tile, int64_t column) {
        compare(first, count, tile, column);
      });
      for (int64_t i = 0; i < count; ++i) loss += lose(i);
      const int64_t part_elements = count * width_;
      std::fill(partial_.get(), partial_.get() + kParts * part_elements, T{0});
      each_part(count, [&](int64_t part, int64_t tile, int64_t column) {
        push(block, first, tile, column, partial_.get() + part * part_elements);
      });
      finish(block, first);
    }
    return loss;
  }

 private:
  int64_t tiles_of_part() const { return parts_of(tiles_, kParts); }
  int64_t rows_of(int64_t tile) const { return std::min(kTile, candidates_.size() - tile * kTile); }
  T* weights(int64_t tile, int64_t column) {
    return weights_.get() + (tile * columns_ + column) * kTileElements;
  }
  T* shifts(int64_t tile, int64_t column) {
    return shifts_.data() + tile * block_ + column * kTile;
  }
  T* sums(int64_t tile, int64_t column) { return sums_.data() + tile * block_ + column * kTile; }

  // Calls a function for each tile, by the parts of the candidates in parallel.
  template <typename Tile>
  void each_part(int64_t count, Tile&& tile_of) {
    run(parallel_, count * candidates_.size() * std::max<int64_t>(width_, 1), kParts,
        [&](int64_t begin, int64_t end) {
          for (int64_t part = begin; part < end; ++part) {
            const int64_t last = std::min((part + 1) * tiles_of_part(), tiles_);
            for (int64_t tile = part * tiles_of_part(); tile < last; ++tile) {
              for (int64_t column = 0; column * kTile < count; ++column) {
                tile_of(part, tile, column);
              }
            }
          }
        });
  }

  // The exponentials of a tile, each anchor's shifted by its greatest, without its own candidate.
  void compare(int64_t first, int64_t count, int64_t tile, int64_t column) {
    const int64_t rows = rows_of(tile);
    const int64_t anchors = std::min(kTile, count - column * kTile);
    T* const values = weights(tile, column);
    T* const greatest = shifts(tile, column);
    kernels_.products(candidates_.row(tile * kTile), rows, packed_.get() + column * kTile * width_,
                      anchors, width_, values);
    each_own(first, anchors, tile, column, [&](int64_t row, int64_t anchor) {
      T& product = values[row * kTile + anchor];
      own_[static_cast<size_t>(column * kTile + anchor)] = product * scale_;
      product = -std::numeric_limits<T>::infinity();
    });
    T none[kTile] = {};
    T of_rows[kTile];
    softmax_.maxima(values, rows, anchors, of_rows, greatest);
    for (int64_t i = 0; i < kTile; ++i) {
      const bool any = i < anchors && greatest[i] != -std::numeric_limits<T>::infinity();
      greatest[i] = any ? greatest[i] * scale_ : T{0};
    }
    softmax_.exponentials(values, rows, anchors, scale_, none, greatest);
    softmax_.sums(values, rows, anchors, of_rows, sums(tile, column));
  }

  // Calls a function for the anchors of a tile whose own candidates it has, by their places in it.
  template <typename Own>
  void each_own(int64_t first, int64_t anchors, int64_t tile, int64_t column, Own&& own) const {
    const int64_t offset = first + column * kTile - tile * kTile;
    const int64_t begin = std::max<int64_t>(0, -offset);
    const int64_t end = std::min(anchors, rows_of(tile) - offset);
    for (int64_t anchor = begin; anchor < end; ++anchor) own(anchor + offset, anchor);
  }

  // The loss of an anchor of the block.
  double lose(int64_t anchor) {
    LogSum others;
    for (int64_t tile = 0; tile < tiles_; ++tile) {
      const auto at = static_cast<size_t>(tile * block_ + anchor);
      others.add(shifts_[at], sums_[at]);
    }
    const double own = own_[static_cast<size_t>(anchor)];
    const double lead = others.value() - own;
    const double small = std::exp(-std::abs(lead));
    pulls_[static_cast<size_t>(anchor)] = (lead > 0 ? 1 : small) / (1 + small);
    others.add(own, 1);
    totals_[static_cast<size_t>(anchor)] = others.value();
    return std::max(lead, 0.0) + std::log1p(small);
  }

  // Turns a tile into the derivatives of the loss by its products, and these into gradients.
  void push(const PackedRows<T>& block, int64_t first, int64_t tile, int64_t column, T* partial) {
    const int64_t rows = rows_of(tile);
    const int64_t begin = column * kTile;
    const int64_t anchors = std::min(kTile, block.size() - begin);
    const double slope = static_cast<double>(scale_) / static_cast<double>(anchors_.rows);
    T none[kTile] = {};
    T factors[kTile] = {};
    for (int64_t i = 0; i < anchors; ++i) {
      const double shift = shifts(tile, column)[i];
      factors[i] =
          static_cast<T>(slope * std::exp(shift - totals_[static_cast<size_t>(begin + i)]));
    }
    T* const values = weights(tile, column);
    softmax_.multiply(values, rows, anchors, none, factors);
    each_own(first, anchors, tile, column, [&](int64_t row, int64_t anchor) {
      values[row * kTile + anchor] =
          static_cast<T>(-slope * pulls_[static_cast<size_t>(begin + anchor)]);
    });
    kernels_.accumulate(values, kTile, 1, rows, block.row(begin), anchors, width_,
                        candidates_gradient_.row(tile * kTile));
    kernels_.accumulate(values, 1, kTile, anchors, candidates_.row(tile * kTile), rows, width_,
                        partial + begin * width_);
  }

  // The parts' gradients of a block in their order, back to the anchors as they were given.
  void finish(const PackedRows<T>& block, int64_t first) {
    T* const sums = partial_.get();
    const int64_t elements = block.size() * width_;
    for (int64_t part = 1; part < kParts; ++part) {
      const T* const added = sums + part * elements;
      for (int64_t e = 0; e < elements; ++e) sums[e] += added[e];
    }
    for (int64_t i = 0; i < block.size(); ++i) {
      T* const row = sums + i * width_;
      block.backward(i, T{0}, row);
      store_row(row, anchors_gradient_, anchors_.type, first + i, anchors_.columns);
    }
  }

  const FloatMatrix& anchors_;
  const PackedRows<T>& candidates_;
  const Metric packing_;
  const T scale_;
  const Parallel& parallel_;
  void* const anchors_gradient_;
  RowSums<T>& candidates_gradient_;
  const FloatTileKernels<T>& kernels_ = any_float_tile_kernels<T>();
  const SoftmaxTileKernels<T>& softmax_ = softmax_tile_kernels<T>();
  const int64_t width_;
  const int64_t tiles_;    // of candidates
  const int64_t columns_;  // of tiles, for a block of anchors
  const int64_t block_;
  AlignedArray<T> weights_;  // of the block with all candidates; first their exponentials
  std::vector<T> shifts_;    // of each tile's anchors
  std::vector<T> sums_;
  AlignedArray<T> packed_;
  AlignedArray<T> partial_;  // the block's gradient by each part of the candidates
  // Of each anchor of the block:
  std::vector<T> own_;          // the similarity of its own candidate
  std::vector<double> pulls_;   // how much of its probability is not there
  std::vector<double> totals_;  // the logarithm of the sum over all candidates
};

template <typename T>
bool all_finite(const FloatMatrix& matrix, const Parallel& parallel) {
  std::atomic<bool> finite{true};
  run(parallel, matrix.rows * matrix.columns, parts_of(matrix.rows, kRowsOfTask),
      [&](int64_t begin, int64_t end) {
        std::vector<T> row(static_cast<size_t>(matrix.columns));
        for (int64_t i = begin * kRowsOfTask; i < std::min(end * kRowsOfTask, matrix.rows); ++i) {
          load_row(matrix, i, row.data());
          if (!is_finite(row.data(), matrix.columns)) {
            finite.store(false, std::memory_order_relaxed);
          }
        }
      });
  return finite.load();
}

template <typename T>
void fill_with_nan(const FloatMatrix& like, void* result) {
  const std::vector<T> row(static_cast<size_t>(like.columns), std::numeric_limits<T>::quiet_NaN());
  for (int64_t i = 0; i < like.rows; ++i) store_row(row.data(), result, like.type, i, like.columns);
}

template <typename T>
double multiple_negatives_in(const FloatMatrix& anchors, const FloatMatrix& candidates,
                             const MultipleNegatives& wanted, const Parallel& parallel,
                             const MultipleNegativesGradients& gradients) {
  const std::vector<int64_t> order = range(0, candidates.rows);
  const PackedRows<T> rows(candidates, order, packing_of(wanted.similarity), parallel);
  if (!rows.finite() || !all_finite<T>(anchors, parallel) || anchors.rows == 0) {
    fill_with_nan<T>(anchors, gradients.anchors);
    fill_with_nan<T>(candidates, gradients.candidates);
    return std::numeric_limits<double>::quiet_NaN();
  }
  RowSums<T> sums(gradients.candidates, candidates.type, rows.size(), rows.columns(), rows.width());
  const double loss =
      Ranking<T>(anchors, rows, wanted, parallel, gradients.anchors, sums).run_all();
  run(parallel, rows.size() * rows.width(), parts_of(rows.size(), kRowsOfTask),
      [&](int64_t begin, int64_t end) {
        for (int64_t j = begin * kRowsOfTask; j < std::min(end * kRowsOfTask, rows.size()); ++j) {
          rows.backward(j, T{0}, sums.row(j));
        }
      });
  sums.store(order, parallel);
  return loss / static_cast<double>(anchors.rows);
}

}  // namespace

double multiple_negatives(const FloatMatrix& anchors, const FloatMatrix& candidates,
                          const MultipleNegatives& wanted, const Parallel& parallel,
                          const MultipleNegativesGradients& gradients) {
  return anchors.type == FloatType::kFloat64
             ? multiple_negatives_in<double>(anchors, candidates, wanted, parallel, gradients)
             : multiple_negatives_in<float>(anchors, candidates, wanted, parallel, gradients);
}

}  // namespace tripoint::cpu
