#include "kernels/cpu/loss/multiple_negatives.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/float_tile_portable.h"
#include "kernels/cpu/tile/softmax_tile.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kFloatTile;
constexpr int64_t kTileElements = kTile * kTile;
constexpr int64_t kRowsOfTask = 64;

constexpr int64_t parts_of(int64_t size, int64_t part) { return (size + part - 1) / part; }

std::vector<int64_t> range(int64_t begin, int64_t end) {
  std::vector<int64_t> rows(static_cast<size_t>(end - begin));
  std::iota(rows.begin(), rows.end(), begin);
  return rows;
}

// Blocks of some tiles of anchors are ranked one after the other, each by all threads, which share
// the memory of its weights. Tiles have a row for each candidate and a column for each anchor: so
// only anchors are packed, once for a block of them.
constexpr int64_t kMostTilesOfBlock = 4;
constexpr int64_t kMostWeights = 2'400'000;

// A tile of anchors is compared with some groups of candidates at the same time, so many that this
// many pieces of work are there.
constexpr int64_t kPieces = 8;

// Up to this spread of similarities one shift does for all: exponentials of the least are far from
// the end of floats, and so is what takes them back.
constexpr double kSpread = 60;

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
        slope_(static_cast<double>(scale_) / static_cast<double>(anchors.rows)),
        parallel_(parallel),
        anchors_gradient_(anchors_gradient),
        candidates_gradient_(candidates_gradient),
        width_(candidates.width()),
        tiles_(parts_of(candidates.size(), kTile)),
        // In one tile the shift by the greatest costs nothing.
        one_shift_(wanted.similarity == Similarity::kCosine && 2 * wanted.scale <= kSpread &&
                   tiles_ > 1) {}

  // The sum of the losses.
  double run_all() {
    const int64_t span = std::clamp(kMostWeights / (tiles_ * kTileElements), int64_t{1},
                                    std::min(kMostTilesOfBlock, parts_of(anchors_.rows, kTile)));
    Block block(span, tiles_, width_);
    double loss = 0;
    for (int64_t first = 0; first < anchors_.rows; first += span * kTile) {
      rank(block, first, std::min(first + span * kTile, anchors_.rows));
      loss = std::accumulate(block.losses.begin(), block.losses.begin() + block.anchors, loss);
    }
    return loss;
  }

 private:
  static int64_t groups_of(int64_t span) {
    int64_t groups = 1;
    while (groups * span < kPieces) groups *= 2;
    return groups;
  }

  // Some anchors and what is known of them.
  struct Block {
    Block(int64_t span, int64_t tiles, int64_t width)
        : groups(groups_of(span)),
          memory(scratch_array<T>(
              static_cast<size_t>(span * (tiles * kTileElements + (2 + groups) * kTile * width)))),
          weights(memory.get()),
          packed(weights + span * tiles * kTileElements),
          scaled(packed + span * kTile * width),
          gradients(scaled + span * kTile * width),
          greatest(static_cast<size_t>(span * tiles * kTile)),
          sums(static_cast<size_t>(span * tiles * kTile)),
          shifts(static_cast<size_t>(span * kTile)),
          own(static_cast<size_t>(span * kTile)),
          totals(static_cast<size_t>(span * kTile)),
          factors(static_cast<size_t>(span * kTile)),
          losses(static_cast<size_t>(span * kTile)) {}

    int64_t first = 0;
    int64_t anchors = 0;
    int64_t tiles = 0;     // of anchors
    const int64_t groups;  // of candidates

    // In one piece, which goes back to the system when the call ends.
    ScratchArray<T> memory;

    // By tile of anchors and tile of candidates: products, then their exponentials, each anchor's
    // shifted by one number.
    T* const weights;
    T* const packed;
    T* const scaled;          // rows by their factors
    T* const gradients;       // by tile of anchors and group, before they are scaled
    std::vector<T> greatest;  // of an anchor in a tile of candidates
    std::vector<T> sums;
    std::vector<T> shifts;        // from here on of each anchor
    std::vector<T> own;           // the similarity of its own candidate
    std::vector<double> totals;   // the sum of the exponentials of all others
    std::vector<double> factors;  // from weights to derivatives of the loss
    std::vector<double> losses;
  };

  int64_t rows_of(int64_t tile) const { return std::min(kTile, candidates_.size() - tile * kTile); }

  static int64_t anchors_of(const Block& block, int64_t tile) {
    return std::min(kTile, block.anchors - tile * kTile);
  }
  T* weights_of(Block& block, int64_t of_anchors, int64_t tile) const {
    return block.weights + (of_anchors * tiles_ + tile) * kTileElements;
  }
  T* gradient_of(Block& block, int64_t of_anchors, int64_t group) const {
    return block.gradients + (of_anchors * block.groups + group) * kTile * width_;
  }

  // The losses of the anchors from `first` to `last`, and what they give to the gradients.
  void rank(Block& block, int64_t first, int64_t last) {
    const PackedRows<T> rows(anchors_, range(first, last), packing_, parallel_);
    block.first = first;
    block.anchors = last - first;
    block.tiles = parts_of(block.anchors, kTile);
    const int64_t work = block.anchors * candidates_.size() * std::max<int64_t>(width_, 1);
    each(block.anchors * width_, block.tiles, [&](int64_t tile) {
      kernels_.pack(rows.row(tile * kTile), anchors_of(block, tile), width_,
                    block.packed + tile * kTile * width_);
    });
    std::fill(block.shifts.begin(), block.shifts.end(), scale_);
    if (!one_shift_) {
      each_piece(block, work, [&](int64_t of_anchors, int64_t, int64_t begin, int64_t end) {
        for (int64_t tile = begin; tile < end; ++tile) {
          compare(block, of_anchors, tile);
          find_greatest(block, of_anchors, tile);
        }
      });
      shift(block);
    }
    each_piece(block, work, [&](int64_t of_anchors, int64_t group, int64_t begin, int64_t end) {
      T* const gradient = gradient_of(block, of_anchors, group);
      std::fill(gradient, gradient + kTile * width_, T{0});
      for (int64_t tile = begin; tile < end; ++tile) {
        if (one_shift_) compare(block, of_anchors, tile);
        weigh(block, of_anchors, tile, gradient);
      }
    });
    each_anchor(block, work, [&](int64_t i) {
      lose(block, i);
      const auto factor = static_cast<T>(block.factors[static_cast<size_t>(i)]);
      T* const scaled = block.scaled + i * width_;
      for (int64_t k = 0; k < width_; ++k) scaled[k] = rows.row(i)[k] * factor;
      finish(block, rows, i);
    });
    each(work, tiles_, [&](int64_t tile) { push(block, tile); });
  }

  template <typename Task>
  void each(int64_t work, int64_t count, Task&& task) const {
    run(parallel_, work, count, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) task(i);
    });
  }

  // Calls a function for each tile of anchors with each group of tiles of candidates.
  template <typename Piece>
  void each_piece(const Block& block, int64_t work, Piece&& piece) const {
    each(work, block.tiles * block.groups, [&](int64_t number) {
      const int64_t group = number % block.groups;
      piece(number / block.groups, group, group * tiles_ / block.groups,
            (group + 1) * tiles_ / block.groups);
    });
  }

  template <typename Anchor>
  void each_anchor(const Block& block, int64_t work, Anchor&& anchor) const {
    constexpr int64_t kAnchorsOfTask = 16;
    each(work, parts_of(block.anchors, kAnchorsOfTask), [&](int64_t task) {
      const int64_t end = std::min((task + 1) * kAnchorsOfTask, block.anchors);
      for (int64_t i = task * kAnchorsOfTask; i < end; ++i) anchor(i);
    });
  }

  // Calls a function for the anchors of a tile whose own candidates a tile has, by their places.
  template <typename Own>
  void each_own(const Block& block, int64_t of_anchors, int64_t tile, Own&& own) const {
    const int64_t offset = block.first + of_anchors * kTile - tile * kTile;
    const int64_t begin = std::max<int64_t>(0, -offset);
    const int64_t end = std::min(anchors_of(block, of_anchors), rows_of(tile) - offset);
    for (int64_t anchor = begin; anchor < end; ++anchor) own(anchor + offset, anchor);
  }

  // The products of a tile but for those with own candidates, which make none of the sums.
  void compare(Block& block, int64_t of_anchors, int64_t tile) const {
    T* const values = weights_of(block, of_anchors, tile);
    kernels_.products(candidates_.row(tile * kTile), rows_of(tile),
                      block.packed + of_anchors * kTile * width_, anchors_of(block, of_anchors),
                      width_, values);
    each_own(block, of_anchors, tile, [&](int64_t row, int64_t anchor) {
      T& product = values[row * kTile + anchor];
      block.own[static_cast<size_t>(of_anchors * kTile + anchor)] = product * scale_;
      product = -std::numeric_limits<T>::infinity();
    });
  }

  void find_greatest(Block& block, int64_t of_anchors, int64_t tile) const {
    T of_rows[kTile];
    softmax_.maxima(weights_of(block, of_anchors, tile), rows_of(tile),
                    anchors_of(block, of_anchors), of_rows,
                    block.greatest.data() + (of_anchors * tiles_ + tile) * kTile);
  }

  // Each anchor's shift is by its greatest similarity.
  void shift(Block& block) const {
    for (int64_t i = 0; i < block.anchors; ++i) {
      T greatest = -std::numeric_limits<T>::infinity();
      for (int64_t tile = 0; tile < tiles_; ++tile) {
        greatest = std::max(greatest, block.greatest[at(i, tile)]);
      }
      const bool any = greatest != -std::numeric_limits<T>::infinity();
      block.shifts[static_cast<size_t>(i)] = any ? greatest * scale_ : T{0};
    }
  }

  // Where a vector for each tile of anchors and each of candidates has an anchor.
  size_t at(int64_t anchor, int64_t tile) const {
    return static_cast<size_t>((anchor / kTile * tiles_ + tile) * kTile + anchor % kTile);
  }

  // Turns the products of a tile into exponentials, and adds what they give to the anchors.
  void weigh(Block& block, int64_t of_anchors, int64_t tile, T* gradient) const {
    const int64_t rows = rows_of(tile);
    const int64_t anchors = anchors_of(block, of_anchors);
    T* const values = weights_of(block, of_anchors, tile);
    constexpr T kNone[kTile] = {};
    T of_rows[kTile];
    softmax_.exponentials(values, rows, anchors, scale_, kNone,
                          block.shifts.data() + of_anchors * kTile);
    softmax_.sums(values, rows, anchors, of_rows,
                  block.sums.data() + (of_anchors * tiles_ + tile) * kTile);
    kernels_.accumulate(values, 1, kTile, anchors, candidates_.row(tile * kTile), rows, width_,
                        gradient);
  }

  void lose(Block& block, int64_t i) const {
    const auto anchor = static_cast<size_t>(i);
    double others = 0;
    for (int64_t tile = 0; tile < tiles_; ++tile) others += block.sums[at(i, tile)];
    const double shift = block.shifts[anchor];
    const double lead = shift + std::log(others) - block.own[anchor];
    const double loss = std::max(lead, 0.0) + std::log1p(std::exp(-std::abs(lead)));
    block.losses[anchor] = loss;
    block.totals[anchor] = others;
    block.factors[anchor] = others == 0 ? 0 : slope_ * std::exp(shift - (loss + block.own[anchor]));
  }

  // The gradient of an anchor. Its own candidate has the weights of all others, below 0.
  void finish(Block& block, const PackedRows<T>& rows, int64_t i) const {
    const auto anchor = static_cast<size_t>(i);
    const T* const own = candidates_.row(block.first + i);
    const auto total = static_cast<T>(block.totals[anchor]);
    const auto factor = static_cast<T>(block.factors[anchor]);
    T* const sum = gradient_of(block, i / kTile, 0) + i % kTile * width_;
    for (int64_t group = 1; group < block.groups; ++group) {
      const T* const part = gradient_of(block, i / kTile, group) + i % kTile * width_;
      for (int64_t k = 0; k < width_; ++k) sum[k] += part[k];
    }
    for (int64_t k = 0; k < width_; ++k) sum[k] = (sum[k] - total * own[k]) * factor;
    rows.backward(i, T{0}, sum);
    store_row(sum, anchors_gradient_, anchors_.type, block.first + i, anchors_.columns);
  }

  // What all anchors of the block give to the candidates of a tile.
  void push(Block& block, int64_t tile) const {
    for (int64_t of_anchors = 0; of_anchors < block.tiles; ++of_anchors) {
      T* const values = weights_of(block, of_anchors, tile);
      each_own(block, of_anchors, tile, [&](int64_t row, int64_t anchor) {
        const double total = block.totals[static_cast<size_t>(of_anchors * kTile + anchor)];
        values[row * kTile + anchor] = static_cast<T>(-total);
      });
      kernels_.accumulate(values, kTile, 1, rows_of(tile),
                          block.scaled + of_anchors * kTile * width_, anchors_of(block, of_anchors),
                          width_, candidates_gradient_.row(tile * kTile));
    }
  }

  const FloatMatrix& anchors_;
  const PackedRows<T>& candidates_;
  const Metric packing_;
  const T scale_;
  const double slope_;  // of the mean of the losses by a product
  const Parallel& parallel_;
  void* const anchors_gradient_;
  RowSums<T>& candidates_gradient_;
  const FloatTileKernels<T>& kernels_ = any_float_tile_kernels<T>();
  const SoftmaxTileKernels<T>& softmax_ = softmax_tile_kernels<T>();
  const int64_t width_;
  const int64_t tiles_;  // of candidates
  const bool one_shift_;
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
double multiple_negatives_in(const FloatMatrix& anchors, const FloatMatrix& candidates,
                             const MultipleNegatives& wanted, const Parallel& parallel,
                             const MultipleNegativesGradients& gradients) {
  const std::vector<int64_t> order = range(0, candidates.rows);
  const PackedRows<T> rows(candidates, order, packing_of(wanted.similarity), parallel);
  if (!rows.finite() || !all_finite<T>(anchors, parallel) || anchors.rows == 0) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    fill_rows(kNaN, gradients.anchors, anchors.type, anchors.rows, anchors.columns);
    fill_rows(kNaN, gradients.candidates, candidates.type, candidates.rows, candidates.columns);
    return kNaN;
  }
  RowSums<T> sums(rows, {gradients.candidates, candidates.type});
  sums.clear(parallel);
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
