#include "kernels/cpu/batch_all_tiles.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <vector>

#include "kernels/cpu/aligned.h"
#include "kernels/cpu/batch_all_row.h"
#include "kernels/cpu/float_tile.h"
#include "kernels/cpu/pair.h"
#include "kernels/cpu/tournament.h"
#include "kernels/cpu/whole_rows.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kLeastRows = 192;
constexpr int64_t kMostPositives = 32;
constexpr int64_t kRowsOfTask = 64;

// Blocks of two tiles need each row half as often from far memory. They are taken where there are
// enough for all threads, and where two fit into the near one.
constexpr int64_t kManyRows = 2048;
constexpr int64_t kFewColumns = 1024;
constexpr int64_t kSampled = 64;

// The scan is the faster way where more than one pair in so many is given to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 8;

template <typename T>
class Tiles {
 public:
  Tiles(const BatchAllInput<T>& input, const FloatTileKernels<T>& products,
        const BatchAllGradient& gradient)
      : input_(input),
        rows_(input.rows),
        order_(input.order),
        products_(products),
        target_(gradient),
        size_(rows_.size()),
        width_(rows_.width()),
        block_(size_ >= kManyRows && width_ <= kFewColumns ? 2 * kFloatTile : kFloatTile),
        blocks_((size_ + block_ - 1) / block_),
        stride_(blocks_ * block_),
        most_evaluated_(size_ * size_ / kPairsOfEvaluation) {
    for (int64_t p = 0; p < size_; ++p) count_ = std::max(count_, positives_of(p));
  }

  // Whether a tile's rounding is bounded, and its positives fit into little memory.
  bool usable() {
    if (size_ < kLeastRows || width_ == 0 || count_ > kMostPositives || rows_.has_deficits()) {
      return false;
    }
    find_centre();
    double greatest = 0;
    squares_ = aligned_array<T>(static_cast<size_t>(stride_));
    std::fill(squares_.get(), squares_.get() + stride_, T{0});
    for (int64_t p = 0; p < size_; ++p) {
      const double square = squared_length(rows_.row(p), centre_.data(), width_);
      greatest = std::max(greatest, square);
      squares_[static_cast<size_t>(p)] = static_cast<T>(square);
    }
    // In double the far distance could be as far as in float; it is the same to keep one rule.
    return greatest < kFar<T> / 1000 && std::abs(input_.margin) < kFar<T> / 1000;
  }

  // Nothing where too many pairs went to the pair kernel.
  std::optional<BatchAllSums> run_all() {
    in_place_ = rows_.columns() == width_ &&
                target_.type == (sizeof(T) == 4 ? FloatType::kFloat32 : FloatType::kFloat64);
    if (!in_place_) own_ = aligned_array<T>(static_cast<size_t>(size_ * width_));
    gradient_ = in_place_ ? static_cast<T*>(target_.data) : own_.get();
    weight_sums_.assign(static_cast<size_t>(stride_), 0);
    losses_.assign(static_cast<size_t>(blocks_), 0);
    active_.assign(static_cast<size_t>(blocks_), 0);
    find_thresholds();
    run_tournament(blocks_, 3 * size_ * size_ * width_ / 2, input_.parallel,
                   [&](int64_t upper, int64_t lower, const auto& turn) {
                     if (evaluated_.load(std::memory_order_relaxed) > most_evaluated_) return;
                     Match match(*this, upper, lower);
                     match.weigh();
                     turn();
                     match.give();
                   });
    if (evaluated_.load() > most_evaluated_) return std::nullopt;
    return finish();
  }

 private:
  // Two blocks of positions, each position of the one with each of the other, in tiles.
  class Match {
   public:
    Match(Tiles& all, int64_t upper, int64_t lower)
        : all_(all),
          upper_(upper),
          above_(upper * all.block_),
          below_(lower * all.block_),
          above_count_(std::min(all.block_, all.size_ - above_)),
          below_count_(std::min(all.block_, all.size_ - below_)),
          above_rows_(all.block_of_rows()),
          below_rows_(all.block_of_rows()),
          above_sums_(static_cast<size_t>(all.block_)),
          below_sums_(static_cast<size_t>(all.block_)),
          above_hits_(static_cast<size_t>(all.block_ * all.count_)),
          below_hits_(static_cast<size_t>(all.block_ * all.count_)) {}

    void weigh() {
      const int64_t width = all_.width_;
      const T* const centre = all_.centre_.data();
      const BatchAllKernels<T>& kernels = batch_all_kernels<T>();
      kernels.centre(all_.rows_.row(above_), above_count_, width, centre, above_rows_.get());
      kernels.centre(all_.rows_.row(below_), below_count_, width, centre, below_rows_.get());
      const auto packed = aligned_array<T>(static_cast<size_t>(kFloatTile * width));
      for (int64_t column = 0; column < below_count_; column += kFloatTile) {
        const int64_t columns = std::min(kFloatTile, below_count_ - column);
        all_.products_.pack(below_rows_.get() + column * width, columns, width, packed.get());
        // Of a block with itself, only what is on or above the diagonal.
        const int64_t rows = above_ == below_ ? column + columns : above_count_;
        for (int64_t row = 0; row < rows; row += kFloatTile) {
          Tile& tile = tiles_.emplace_back(row, std::min(kFloatTile, rows - row), column, columns);
          all_.products_.products(above_rows_.get() + row * width, tile.row_count, packed.get(),
                                  columns, width, tile.weights.get());
          weigh(tile);
        }
      }
    }

    // Adds to what the blocks have, in their turn.
    void give() {
      const int64_t width = all_.width_;
      T* const above = all_.gradient_ + above_ * width;
      T* const below = all_.gradient_ + below_ * width;
      for (const Tile& tile : tiles_) {
        all_.products_.accumulate(tile.weights.get(), kFloatTile, 1, tile.row_count,
                                  below_rows_.get() + tile.column * width, tile.column_count, width,
                                  above + tile.row * width);
        all_.products_.accumulate(tile.weights.get(), 1, kFloatTile, tile.column_count,
                                  above_rows_.get() + tile.row * width, tile.row_count, width,
                                  below + tile.column * width);
      }
      const PairKernels<T>& pairs = pair_kernels<T>();
      for (const Near& near : near_) {
        const T* const x = all_.rows_.row(above_ + near.above);
        const T* const y = all_.rows_.row(below_ + near.below);
        pairs.add_differences(x, y, width, 1, &near.weight, above + near.above * width);
        pairs.add_differences(y, x, width, 1, &near.weight, below + near.below * width);
      }
      add_counts(above_, above_count_, above_sums_, above_hits_, 1, all_.count_);
      add_counts(below_, below_count_, below_sums_, below_hits_, all_.block_, 1);
      all_.losses_[static_cast<size_t>(upper_)] += loss_;
      all_.active_[static_cast<size_t>(upper_)] += inactive_hits_;
    }

   private:
    struct Tile {
      Tile(int64_t first_row, int64_t rows, int64_t first_column, int64_t columns)
          : row(first_row), row_count(rows), column(first_column), column_count(columns) {}

      int64_t row;  // of the block, as `column`
      int64_t row_count;
      int64_t column;
      int64_t column_count;
      AlignedArray<T> weights = aligned_array<T>(kFloatTile * kFloatTile);  // first products
    };

    struct Near {
      int64_t above;
      int64_t below;
      T weight;
    };

    void weigh(Tile& tile) {
      const BatchAllKernels<T>& kernels = batch_all_kernels<T>();
      const PairBound<T> bound = all_.bound();
      const int64_t below = below_ + tile.column;
      const T* const others = all_.thresholds_.get() + below;
      const T* const squares = all_.squares_.get();
      PairRow<T> row;
      T own[kMostPositives];
      for (int64_t i = 0; i < tile.row_count; ++i) {
        const int64_t at = tile.row + i;
        const int64_t p = above_ + at;
        // Classes are contiguous, so the negatives of a row are the last of its pairs.
        const int64_t from = std::clamp(all_.order_.end[static_cast<size_t>(p)] - below, int64_t{0},
                                        tile.column_count);
        for (int64_t t = 0; t < all_.count_; ++t) own[t] = all_.threshold(t, p);
        T* const weights = tile.weights.get() + i * kFloatTile;
        kernels.measure(all_.input_.metric, squares[p], squares + below, weights, bound, from,
                        tile.column_count, row);
        const bool any = kernels.doubt(own, others, all_.stride_, all_.count_, row);
        kernels.count(own, others, all_.stride_, all_.count_, row,
                      above_hits_.data() + at * all_.count_, below_hits_.data() + tile.column,
                      all_.block_);
        double loss;
        above_sums_[static_cast<size_t>(at)] +=
            kernels.weigh(row, weights, below_sums_.data() + tile.column, loss);
        loss_ -= loss;
        if (any) evaluate(tile, i, row);
      }
    }

    // Gives the pairs of a row that are in doubt to the pair kernel.
    void evaluate(Tile& tile, int64_t i, const PairRow<T>& row) {
      int64_t evaluated = 0;
      const int64_t above = tile.row + i;
      const int64_t p = above_ + above;
      for (int64_t j = 0; j < tile.column_count; ++j) {
        if (row.doubtful[j] == 0) continue;
        ++evaluated;
        const int64_t below = tile.column + j;
        const int64_t q = below_ + below;
        T value;
        pair_kernels<T>().squared_distances(all_.rows_.row(p), all_.rows_.row(q), all_.width_, 1,
                                            &value);
        all_.rows_.finish(p, q, 1, &value);
        const T distance = all_.input_.complete(value);
        int32_t hits = 0;
        const auto look = [&](int64_t position, int64_t t, int32_t& hits_of_threshold) {
          const T loss = all_.input_.loss(all_.positive(t, position), distance);
          if (!(loss > 0)) return;
          ++hits;
          ++hits_of_threshold;
          if (!(loss > static_cast<T>(kInactive))) --inactive_hits_;
        };
        for (int64_t t = 0; t < all_.positives_of(p); ++t) {
          look(p, t, above_hits_[static_cast<size_t>(above * all_.count_ + t)]);
        }
        for (int64_t t = 0; t < all_.positives_of(q); ++t) {
          look(q, t, below_hits_[static_cast<size_t>(t * all_.block_ + below)]);
        }
        if (hits == 0) continue;
        loss_ -= static_cast<double>(hits) * distance;
        const T weight = static_cast<T>(hits) * all_.rows_.slope(distance);
        if (row.near[j] != 0) {
          // As a difference, nothing of it cancels. What is nearer than it shall be moves apart.
          near_.push_back({above, below, -weight});
        } else {
          tile.weights[static_cast<size_t>(i * kFloatTile + j)] = weight;
          above_sums_[static_cast<size_t>(above)] += weight;
          below_sums_[static_cast<size_t>(below)] += weight;
        }
      }
      all_.evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
    }

    // Hits lie by threshold and position, at the given strides.
    void add_counts(int64_t first, int64_t count, const std::vector<T>& sums,
                    const std::vector<int32_t>& hits, int64_t threshold_stride,
                    int64_t position_stride) {
      for (int64_t i = 0; i < count; ++i) {
        all_.weight_sums_[static_cast<size_t>(first + i)] += sums[static_cast<size_t>(i)];
        for (int64_t t = 0; t < all_.count_; ++t) {
          all_.below(t, first + i) +=
              hits[static_cast<size_t>(t * threshold_stride + i * position_stride)];
        }
      }
    }

    Tiles& all_;
    const int64_t upper_;
    const int64_t above_;
    const int64_t below_;
    const int64_t above_count_;
    const int64_t below_count_;
    AlignedArray<T> above_rows_;  // less the centre
    AlignedArray<T> below_rows_;
    std::vector<T> above_sums_;  // of weights
    std::vector<T> below_sums_;
    std::vector<int32_t> above_hits_;  // by position and threshold
    std::vector<int32_t> below_hits_;  // by threshold and position
    std::vector<Tile> tiles_;
    std::vector<Near> near_;
    double loss_ = 0;
    int64_t inactive_hits_ = 0;
  };

  AlignedArray<T> block_of_rows() const {
    return aligned_array<T>(static_cast<size_t>(block_ * width_));
  }

  int64_t positives_of(int64_t position) const {
    const auto at = static_cast<size_t>(position);
    return order_.end[at] - order_.begin[at] - 1;
  }

  // Positive number t of a position: its class without itself, in order.
  int64_t positive_position(int64_t t, int64_t position) const {
    const int64_t other = order_.begin[static_cast<size_t>(position)] + t;
    return other < position ? other : other + 1;
  }

  T threshold(int64_t t, int64_t position) const { return thresholds_[at(t, position)]; }
  T positive(int64_t t, int64_t position) const { return positives_[at(t, position)]; }
  int64_t& below(int64_t t, int64_t position) { return below_[at(t, position)]; }
  size_t at(int64_t t, int64_t position) const {
    return static_cast<size_t>(t * stride_ + position);
  }

  void find_centre() {
    std::vector<double> mean(static_cast<size_t>(width_), 0.0);
    const int64_t sampled = std::min(size_, kSampled);
    for (int64_t i = 0; i < sampled; ++i) {
      const T* const row = rows_.row(i * size_ / sampled);
      for (int64_t k = 0; k < width_; ++k) mean[static_cast<size_t>(k)] += row[k];
    }
    centre_.resize(mean.size());
    for (size_t k = 0; k < mean.size(); ++k) {
      centre_[k] = static_cast<T>(mean[k] / static_cast<double>(sampled));
    }
  }

  // A product of rows is off by D u |x| |y| for u half an epsilon, and so are the squares; taking
  // the centre away and the pair kernel's own rounding add a few u each.
  PairBound<T> bound() const {
    const auto terms = static_cast<T>(width_ + width_ / 8 + 32);
    return {terms * std::numeric_limits<T>::epsilon(), std::abs(input_.margin)};
  }

  void find_thresholds() {
    const auto elements = static_cast<size_t>(count_ * stride_);
    thresholds_ = aligned_array<T>(elements);
    std::fill(thresholds_.get(), thresholds_.get() + elements, -kFar<T>);
    positives_.assign(elements, 0);
    below_.assign(elements, 0);
    each_row(size_ * count_ * width_, [&](int64_t p) {
      for (int64_t t = 0; t < positives_of(p); ++t) {
        const int64_t q = positive_position(t, p);
        T value;
        pair_kernels<T>().squared_distances(rows_.row(p), rows_.row(q), width_, 1, &value);
        rows_.finish(p, q, 1, &value);
        positives_[at(t, p)] = input_.complete(value);
        thresholds_[at(t, p)] = positives_[at(t, p)] + input_.margin;
      }
      std::fill(gradient_ + p * width_, gradient_ + (p + 1) * width_, T{0});
    });
  }

  template <typename Task>
  void each_row(int64_t work, Task&& task) {
    run(input_.parallel, work, (size_ + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size_); ++p) {
            task(p);
          }
        });
  }

  BatchAllSums finish() {
    BatchAllSums sums{0, 0};
    for (double loss : losses_) sums.loss += loss;
    for (int64_t active : active_) sums.active += active;
    for (int64_t p = 0; p < size_; ++p) {
      for (int64_t t = 0; t < positives_of(p); ++t) {
        const int64_t hits = below(t, p);
        sums.loss += static_cast<double>(hits) *
                     (static_cast<double>(positive(t, p)) + static_cast<double>(input_.margin));
        sums.active += hits;
      }
    }
    // Rounding can leave a sum of terms that are all about 0 below it; none of them is.
    sums.loss = std::max(sums.loss, 0.0);
    const double scale = 1 / sums.divisor();
    each_row(size_ * width_ * (count_ + 4), [&](int64_t p) { complete_row(p, scale); });
    if (in_place_) permute();
    return sums;
  }

  // The row's own part of the products, its positives, and the way back through normalisation.
  void complete_row(int64_t p, double scale) {
    T* const row = gradient_ + p * width_;
    const T* const own = rows_.row(p);
    // The weights' sums are those of the negatives but the near ones.
    double weight = -weight_sums_[static_cast<size_t>(p)];
    const T sum = static_cast<T>(weight);
    for (int64_t k = 0; k < width_; ++k) row[k] += sum * (own[k] - centre_[static_cast<size_t>(k)]);
    for (int64_t t = 0; t < positives_of(p); ++t) {
      const int64_t q = positive_position(t, p);
      const int64_t back = p < q ? p - order_.begin[static_cast<size_t>(q)]
                                 : p - 1 - order_.begin[static_cast<size_t>(q)];
      const T each = static_cast<T>(below(t, p) + below(back, q)) * rows_.slope(positive(t, p));
      pair_kernels<T>().add_differences(own, rows_.row(q), width_, 1, &each, row);
      weight += each;
    }
    for (int64_t k = 0; k < width_; ++k) row[k] = static_cast<T>(row[k] * scale);
    rows_.backward(p, static_cast<T>(weight * scale), row);
    if (!in_place_) {
      store_row(row, target_.data, target_.type, order_.row[static_cast<size_t>(p)],
                rows_.columns());
    }
  }

  // Rows by position become rows of the matrix, cycle by cycle.
  void permute() {
    std::vector<bool> done(static_cast<size_t>(size_), false);
    std::vector<T> moved(static_cast<size_t>(width_));
    for (int64_t start = 0; start < size_; ++start) {
      if (done[static_cast<size_t>(start)]) continue;
      std::copy_n(gradient_ + start * width_, width_, moved.begin());
      int64_t place = start;
      do {
        place = order_.row[static_cast<size_t>(place)];
        done[static_cast<size_t>(place)] = true;
        std::swap_ranges(moved.begin(), moved.end(), gradient_ + place * width_);
      } while (place != start);
    }
  }

  const BatchAllInput<T>& input_;
  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const FloatTileKernels<T>& products_;
  const BatchAllGradient target_;
  const int64_t size_;
  const int64_t width_;
  const int64_t block_;  // positions of a block: one or two tiles
  const int64_t blocks_;
  const int64_t stride_;  // positions, whole blocks
  const int64_t most_evaluated_;
  int64_t count_ = 0;  // of the positives of a position, at most
  bool in_place_ = false;
  std::vector<T> centre_;
  AlignedArray<T> squares_;     // of centred rows
  AlignedArray<T> thresholds_;  // by number of the positive and position
  std::vector<T> positives_;    // distances, as thresholds
  std::vector<int64_t> below_;  // negatives nearer than a threshold
  AlignedArray<T> own_;
  T* gradient_ = nullptr;  // by position, not yet divided by the count
  std::vector<double> weight_sums_;
  std::vector<double> losses_;   // by block
  std::vector<int64_t> active_;  // by block: what hits count too much
  std::atomic<int64_t> evaluated_{0};
};

}  // namespace

template <typename T>
std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<T>& input,
                                           const BatchAllGradient& gradient) {
  const FloatTileKernels<T>* const products = float_tile_kernels<T>();
  if (products == nullptr) return std::nullopt;
  Tiles<T> tiles(input, *products, gradient);
  if (!tiles.usable()) return std::nullopt;
  return tiles.run_all();
}

template std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<float>&,
                                                    const BatchAllGradient&);
template std::optional<BatchAllSums> tile_batch_all(const BatchAllInput<double>&,
                                                    const BatchAllGradient&);

}  // namespace tripoint::cpu
