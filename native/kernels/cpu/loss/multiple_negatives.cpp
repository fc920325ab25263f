#include "kernels/cpu/loss/multiple_negatives.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>
#include <mutex>
#include <numeric>
#include <utility>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/loss/log_sum.h"
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

// How far blocks have come that do the same steps one after the other, each step of a block after
// that of the block before it. Blocks must begin in order.
class Queue {
 public:
  Queue(int64_t blocks, int64_t steps) : steps_(steps), done_(static_cast<size_t>(blocks)) {}

  // A block's way through its steps; when it ends, all of them are done.
  class Way {
   public:
    Way(Queue& queue, int64_t block) : queue_(queue), block_(block) {}
    Way(const Way&) = delete;
    Way& operator=(const Way&) = delete;
    ~Way() {
      wait(queue_.steps_ - 1);
      finish(queue_.steps_ - 1);
    }

    // Returns when the block before has done the step.
    void wait(int64_t step) const {
      if (block_ == 0) return;
      const std::atomic<int64_t>& done = queue_.done_[static_cast<size_t>(block_ - 1)];
      for (int64_t now = done.load(std::memory_order_acquire); now <= step;
           now = done.load(std::memory_order_acquire)) {
        done.wait(now, std::memory_order_acquire);
      }
    }

    void finish(int64_t step) {
      std::atomic<int64_t>& done = queue_.done_[static_cast<size_t>(block_)];
      done.store(step + 1, std::memory_order_release);
      done.notify_all();
    }

   private:
    Queue& queue_;
    const int64_t block_;
  };

 private:
  const int64_t steps_;
  std::vector<std::atomic<int64_t>> done_;
};

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
        slope_(static_cast<double>(scale_) / static_cast<double>(anchors.rows)),
        parallel_(parallel),
        anchors_gradient_(anchors_gradient),
        candidates_gradient_(candidates_gradient),
        width_(candidates.width()),
        tiles_(parts_of(candidates.size(), kTile)),
        losses_(static_cast<size_t>(anchors.rows)) {}

  // The sum of the losses.
  double run_all() {
    const int64_t blocks = parts_of(anchors_.rows, kTile);
    Queue queue(blocks, tiles_);
    std::atomic<int64_t> next{0};
    run(parallel_, anchors_.rows * candidates_.size() * std::max<int64_t>(width_, 1), blocks,
        [&](int64_t begin, int64_t end) {
          std::unique_ptr<Block> block = borrow();
          for (int64_t played = begin; played < end; ++played) {
            const int64_t number = next.fetch_add(1, std::memory_order_relaxed);
            Queue::Way way(queue, number);
            rank(*block, number * kTile, way);
          }
          give_back(std::move(block));
        });
    return std::accumulate(losses_.begin(), losses_.end(), 0.0);
  }

 private:
  // Some anchors and what is known of them.
  struct Block {
    Block(int64_t tiles, int64_t width)
        : weights(aligned_array<T>(static_cast<size_t>(tiles * kTileElements))),
          shifts(static_cast<size_t>(tiles * kTile)),
          sums(static_cast<size_t>(tiles * kTile)),
          packed(aligned_array<T>(static_cast<size_t>(kTile * width))),
          gradient(aligned_array<T>(static_cast<size_t>(kTile * width))) {}

    AlignedArray<T> weights;  // of all candidates; first their exponentials
    std::vector<T> shifts;    // of each tile's anchors
    std::vector<T> sums;
    AlignedArray<T> packed;
    AlignedArray<T> gradient;
    T own[kTile];          // the similarity of its own candidate
    double pulls[kTile];   // how much of its probability is not there
    double totals[kTile];  // the logarithm of the sum over all candidates
  };

  std::unique_ptr<Block> borrow() {
    {
      const std::lock_guard<std::mutex> guard(lock_);
      if (!free_.empty()) {
        std::unique_ptr<Block> block = std::move(free_.back());
        free_.pop_back();
        return block;
      }
    }
    return std::make_unique<Block>(tiles_, width_);
  }

  void give_back(std::unique_ptr<Block> block) {
    const std::lock_guard<std::mutex> guard(lock_);
    free_.push_back(std::move(block));
  }

  int64_t rows_of(int64_t tile) const { return std::min(kTile, candidates_.size() - tile * kTile); }

  // The losses of the anchors from `first` on, and what they give to the gradients.
  void rank(Block& block, int64_t first, Queue::Way& way) {
    static constexpr auto kOnThisThread = [](int64_t count, Tasks tasks) { tasks(0, count); };
    const int64_t last = std::min(first + kTile, anchors_.rows);
    const PackedRows<T> rows(anchors_, range(first, last), packing_, kOnThisThread);
    kernels_.pack(rows.row(0), rows.size(), width_, block.packed.get());
    for (int64_t tile = 0; tile < tiles_; ++tile) compare(block, first, rows.size(), tile);
    for (int64_t i = 0; i < rows.size(); ++i) {
      losses_[static_cast<size_t>(first + i)] = lose(block, i);
    }
    std::fill(block.gradient.get(), block.gradient.get() + kTile * width_, T{0});
    for (int64_t tile = 0; tile < tiles_; ++tile) {
      weigh(block, first, rows.size(), tile);
      const T* const weights = block.weights.get() + tile * kTileElements;
      kernels_.accumulate(weights, 1, kTile, rows.size(), candidates_.row(tile * kTile),
                          rows_of(tile), width_, block.gradient.get());
      way.wait(tile);
      kernels_.accumulate(weights, kTile, 1, rows_of(tile), rows.row(0), rows.size(), width_,
                          candidates_gradient_.row(tile * kTile));
      way.finish(tile);
    }
    for (int64_t i = 0; i < rows.size(); ++i) {
      T* const row = block.gradient.get() + i * width_;
      rows.backward(i, T{0}, row);
      store_row(row, anchors_gradient_, anchors_.type, first + i, anchors_.columns);
    }
  }

  // The exponentials of a tile, each anchor's shifted by its greatest, without its own candidate.
  void compare(Block& block, int64_t first, int64_t anchors, int64_t tile) const {
    const int64_t rows = rows_of(tile);
    T* const values = block.weights.get() + tile * kTileElements;
    T* const greatest = block.shifts.data() + tile * kTile;
    kernels_.products(candidates_.row(tile * kTile), rows, block.packed.get(), anchors, width_,
                      values);
    each_own(first, anchors, tile, [&](int64_t row, int64_t anchor) {
      T& product = values[row * kTile + anchor];
      block.own[anchor] = product * scale_;
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
    softmax_.sums(values, rows, anchors, of_rows, block.sums.data() + tile * kTile);
  }

  // Calls a function for the anchors whose own candidates a tile has, by their places in it.
  template <typename Own>
  void each_own(int64_t first, int64_t anchors, int64_t tile, Own&& own) const {
    const int64_t offset = first - tile * kTile;
    const int64_t begin = std::max<int64_t>(0, -offset);
    const int64_t end = std::min(anchors, rows_of(tile) - offset);
    for (int64_t anchor = begin; anchor < end; ++anchor) own(anchor + offset, anchor);
  }

  // The loss of an anchor of the block.
  double lose(Block& block, int64_t anchor) const {
    LogSum others;
    for (int64_t tile = 0; tile < tiles_; ++tile) {
      const auto at = static_cast<size_t>(tile * kTile + anchor);
      others.add(block.shifts[at], block.sums[at]);
    }
    const double own = block.own[anchor];
    const double lead = others.value() - own;
    const double small = std::exp(-std::abs(lead));
    block.pulls[anchor] = (lead > 0 ? 1 : small) / (1 + small);
    others.add(own, 1);
    block.totals[anchor] = others.value();
    return std::max(lead, 0.0) + std::log1p(small);
  }

  // Turns a tile into the derivatives of the loss by its products.
  void weigh(Block& block, int64_t first, int64_t anchors, int64_t tile) const {
    T none[kTile] = {};
    T factors[kTile] = {};
    for (int64_t i = 0; i < anchors; ++i) {
      const double shift = block.shifts[static_cast<size_t>(tile * kTile + i)];
      factors[i] = static_cast<T>(slope_ * std::exp(shift - block.totals[i]));
    }
    T* const values = block.weights.get() + tile * kTileElements;
    softmax_.multiply(values, rows_of(tile), anchors, none, factors);
    each_own(first, anchors, tile, [&](int64_t row, int64_t anchor) {
      values[row * kTile + anchor] = static_cast<T>(-slope_ * block.pulls[anchor]);
    });
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
  std::vector<double> losses_;
  std::mutex lock_;
  std::vector<std::unique_ptr<Block>> free_;
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
