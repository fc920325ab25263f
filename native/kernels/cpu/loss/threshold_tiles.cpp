#include "kernels/cpu/loss/threshold_tiles.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "kernels/cpu/base/tournament.h"
#include "kernels/cpu/loss/threshold_row.h"
#include "kernels/cpu/rows/centre.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kLeastRows = 192;

// Blocks of two tiles need each row half as often from far memory. They are taken where there are
// enough for all threads, and where two fit into the near one.
constexpr int64_t kManyRows = 2048;
constexpr int64_t kFewColumns = 1024;

// Another way is the faster one where more than one pair in so many is given to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 8;

int64_t block_of(int64_t size, int64_t width) {
  return size >= kManyRows && width <= kFewColumns ? 2 * kFloatTile : kFloatTile;
}

}  // namespace

template <typename T>
Thresholds<T>::Thresholds(int64_t size, int64_t thresholds, T margin_of_all, T least_active)
    : count(thresholds),
      stride((size + 2 * kFloatTile - 1) / (2 * kFloatTile) * (2 * kFloatTile)),
      margin(margin_of_all),
      magnitude(std::abs(margin_of_all)),
      inactive(least_active),
      bases_(static_cast<size_t>(thresholds * stride), -kFar<T>) {}

// Two blocks of positions, each position of the one with each of the other, in tiles.
template <typename T>
class ThresholdTiles<T>::Match {
 public:
  Match(ThresholdTiles& all, int64_t upper, int64_t lower)
      : all_(all),
        upper_(upper),
        above_(upper * all.block_),
        below_(lower * all.block_),
        above_count_(std::min(all.block_, all.size_ - above_)),
        below_count_(std::min(all.block_, all.size_ - below_)),
        above_rows_(block_of_rows(all)),
        below_rows_(block_of_rows(all)),
        above_sums_(static_cast<size_t>(all.block_)),
        below_sums_(static_cast<size_t>(all.block_)),
        above_hits_(static_cast<size_t>(all.block_ * all.thresholds_->count)),
        below_hits_(static_cast<size_t>(all.block_ * all.thresholds_->count)),
        above_all_(static_cast<size_t>(all.block_)),
        below_all_(static_cast<size_t>(all.block_)) {}

  void weigh() {
    const int64_t width = all_.width_;
    const T* const centre = all_.centre_.data();
    const ThresholdKernels<T>& kernels = threshold_kernels<T>();
    kernels.centre(all_.rows_.row(above_), above_count_, width, centre, above_rows_.get());
    kernels.centre(all_.rows_.row(below_), below_count_, width, centre, below_rows_.get());
    const auto packed = aligned_array<T>(static_cast<size_t>(kFloatTile * width));
    for (int64_t column = 0; column < below_count_; column += kFloatTile) {
      const int64_t columns = std::min(kFloatTile, below_count_ - column);
      all_.products_->pack(below_rows_.get() + column * width, columns, width, packed.get());
      // Of a block with itself, only what is on or above the diagonal.
      const int64_t rows = above_ == below_ ? column + columns : above_count_;
      for (int64_t row = 0; row < rows; row += kFloatTile) {
        Tile& tile = tiles_.emplace_back(row, std::min(kFloatTile, rows - row), column, columns);
        all_.products_->products(above_rows_.get() + row * width, tile.row_count, packed.get(),
                                 columns, width, tile.weights.get());
        weigh(tile);
      }
    }
  }

  // Adds to what the blocks have, in their turn.
  void give() {
    const int64_t width = all_.width_;
    T* const above = all_.gradient_->row(above_);
    T* const below = all_.gradient_->row(below_);
    for (const Tile& tile : tiles_) {
      if (!tile.any) continue;
      all_.products_->accumulate(tile.weights.get(), kFloatTile, 1, tile.row_count,
                                 below_rows_.get() + tile.column * width, tile.column_count, width,
                                 above + tile.row * width);
      all_.products_->accumulate(tile.weights.get(), 1, kFloatTile, tile.column_count,
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
    add_counts(above_, above_count_, above_sums_, above_hits_, above_all_, 1,
               all_.thresholds_->count);
    add_counts(below_, below_count_, below_sums_, below_hits_, below_all_, all_.block_, 1);
    all_.distances_[static_cast<size_t>(upper_)] += distances_;
    all_.inactive_[static_cast<size_t>(upper_)] += inactive_;
  }

 private:
  struct Tile {
    Tile(int64_t first_row, int64_t rows, int64_t first_column, int64_t columns)
        : row(first_row), row_count(rows), column(first_column), column_count(columns) {}

    int64_t row;  // of the block, as `column`
    int64_t row_count;
    int64_t column;
    int64_t column_count;
    bool any = false;  // whether some weight is not 0
    AlignedArray<T> weights = aligned_array<T>(kFloatTile * kFloatTile);  // first products
  };

  struct Near {
    int64_t above;
    int64_t below;
    T weight;
  };

  void weigh(Tile& tile) {
    const ThresholdKernels<T>& kernels = threshold_kernels<T>();
    const PairBound<T> bound = rounding();
    const int64_t below = below_ + tile.column;
    const T* const others = all_.beyond_.get() + below;
    const T* const squares = all_.squares_.get();
    const ThresholdRanges<T> ranges{all_.least_.data() + below, all_.greatest_.data() + below,
                                    all_.counts_.data() + below};
    PairRow<T> row;
    T own[kMostThresholds];
    for (int64_t i = 0; i < tile.row_count; ++i) {
      const int64_t at = tile.row + i;
      const int64_t p = above_ + at;
      // Classes are contiguous, so the negatives of a row are the last of its pairs.
      const int64_t from = std::clamp(all_.order_.end[static_cast<size_t>(p)] - below, int64_t{0},
                                      tile.column_count);
      T* const weights = tile.weights.get() + i * kFloatTile;
      kernels.measure(all_.metric_, squares[p], squares + below, weights, bound, from,
                      tile.column_count, row);
      bool doubtful = false;
      const auto place = static_cast<size_t>(p);
      const ThresholdRange<T> range{all_.least_[place], all_.greatest_[place], all_.counts_[place]};
      if (kernels.agree(range, ranges, from, tile.column_count, row,
                        below_all_.data() + tile.column)) {
        // Where the position has thresholds, the last negative is hit with all others or none is.
        if (row.hits[tile.column_count - 1] != 0) {
          above_all_[static_cast<size_t>(at)] += static_cast<int32_t>(tile.column_count - from);
        }
      } else {
        for (int64_t t = 0; t < all_.thresholds_->count; ++t) {
          own[t] = all_.beyond_[all_.thresholds_->at(t, p)];
        }
        doubtful =
            kernels.doubt(own, others, all_.thresholds_->stride, all_.thresholds_->count, row);
        kernels.count(own, others, all_.thresholds_->stride, all_.thresholds_->count, row,
                      above_hits_.data() + at * all_.thresholds_->count,
                      below_hits_.data() + tile.column, all_.block_);
      }
      double loss;
      const T sum = kernels.weigh(row, weights, below_sums_.data() + tile.column, loss);
      above_sums_[static_cast<size_t>(at)] += sum;
      tile.any = tile.any || sum != 0;
      distances_ += loss;
      if (doubtful) evaluate(tile, i, row);
    }
  }

  static AlignedArray<T> block_of_rows(const ThresholdTiles& all) {
    return aligned_array<T>(static_cast<size_t>(all.block_ * all.width_));
  }

  // A product of rows is off by D u |x| |y| for u half an epsilon, and so are the squares; taking
  // the centre away and the pair kernel's own rounding add a few u each.
  PairBound<T> rounding() const {
    const auto terms = static_cast<T>(all_.width_ + all_.width_ / 8 + 32);
    return {terms * std::numeric_limits<T>::epsilon(), all_.thresholds_->magnitude};
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
      const T distance = all_.complete(value);
      int32_t hits = 0;
      for (int64_t t = 0; t < all_.thresholds_->count; ++t) {
        const auto look = [&](int64_t position, int32_t& hits_of_threshold) {
          const T excess = all_.thresholds_->excess(t, position, distance);
          if (!(excess > 0)) return;
          ++hits;
          ++hits_of_threshold;
          if (!(excess > all_.thresholds_->inactive)) ++inactive_;
        };
        look(p, above_hits_[static_cast<size_t>(above * all_.thresholds_->count + t)]);
        look(q, below_hits_[static_cast<size_t>(t * all_.block_ + below)]);
      }
      if (hits == 0) continue;
      distances_ += static_cast<double>(hits) * distance;
      const T weight = static_cast<T>(hits) * all_.rows_.slope(distance);
      if (row.near[j] != 0) {
        // As a difference, nothing of it cancels. What is nearer than it shall be moves apart.
        near_.push_back({above, below, -weight});
      } else {
        tile.any = true;
        tile.weights[static_cast<size_t>(i * kFloatTile + j)] = weight;
        above_sums_[static_cast<size_t>(above)] += weight;
        below_sums_[static_cast<size_t>(below)] += weight;
      }
    }
    all_.evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
  }

  // Hits lie by threshold and position, at the given strides; to them come those of all thresholds
  // of a position.
  void add_counts(int64_t first, int64_t count, const std::vector<T>& sums,
                  const std::vector<int32_t>& hits, const std::vector<int32_t>& of_all,
                  int64_t threshold_stride, int64_t position_stride) {
    for (int64_t i = 0; i < count; ++i) {
      const auto position = static_cast<size_t>(first + i);
      all_.weight_sums_[position] += sums[static_cast<size_t>(i)];
      for (int64_t t = 0; t < all_.counts_[position]; ++t) {
        all_.below_[all_.thresholds_->at(t, first + i)] +=
            hits[static_cast<size_t>(t * threshold_stride + i * position_stride)] +
            of_all[static_cast<size_t>(i)];
      }
    }
  }

  ThresholdTiles& all_;
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
  std::vector<int32_t> above_all_;   // negatives below all thresholds of a position
  std::vector<int32_t> below_all_;
  std::vector<Tile> tiles_;
  std::vector<Near> near_;
  double distances_ = 0;
  int64_t inactive_ = 0;
};

template <typename T>
ThresholdTiles<T>::ThresholdTiles(const PackedRows<T>& rows, const ClassOrder& order, Metric metric,
                                  const Parallel& parallel)
    : rows_(rows),
      order_(order),
      metric_(metric),
      parallel_(parallel),
      products_(float_tile_kernels<T>()),
      size_(rows.size()),
      width_(rows.width()),
      block_(block_of(size_, width_)),
      blocks_((size_ + block_ - 1) / block_),
      most_evaluated_(size_ * size_ / kPairsOfEvaluation) {}

template <typename T>
bool ThresholdTiles<T>::usable(T margin) {
  if (products_ == nullptr || size_ < kLeastRows || width_ == 0 || rows_.has_deficits()) {
    return false;
  }
  centre_ = centre_of(rows_);
  double greatest = 0;
  const int64_t padded = blocks_ * block_;
  squares_ = aligned_array<T>(static_cast<size_t>(padded));
  std::fill(squares_.get(), squares_.get() + padded, T{0});
  for (int64_t p = 0; p < size_; ++p) {
    const double square = squared_length(rows_.row(p), centre_.data(), width_);
    greatest = std::max(greatest, square);
    squares_[static_cast<size_t>(p)] = static_cast<T>(square);
  }
  return greatest < kFar<T> / 1000 && std::abs(margin) < kFar<T> / 1000;
}

template <typename T>
bool ThresholdTiles<T>::run_all(const Thresholds<T>& thresholds, RowSums<T>& gradient) {
  thresholds_ = &thresholds;
  gradient_ = &gradient;
  const auto elements = static_cast<size_t>(thresholds.count * thresholds.stride);
  beyond_ = aligned_array<T>(elements);
  below_.assign(elements, 0);
  least_.assign(static_cast<size_t>(thresholds.stride), kFar<T>);
  greatest_.assign(static_cast<size_t>(thresholds.stride), -kFar<T>);
  counts_.assign(static_cast<size_t>(thresholds.stride), 0);
  weight_sums_.assign(static_cast<size_t>(blocks_ * block_), 0);
  distances_.assign(static_cast<size_t>(blocks_), 0);
  inactive_.assign(static_cast<size_t>(blocks_), 0);
  gradient.clear(parallel_);
  for (int64_t t = 0; t < thresholds.count; ++t) {
    for (int64_t p = 0; p < thresholds.stride; ++p) {
      const T base = p < size_ ? thresholds.base(t, p) : -kFar<T>;
      const T beyond = base + thresholds.margin;
      beyond_[thresholds.at(t, p)] = beyond;
      if (base == -kFar<T>) continue;
      const auto place = static_cast<size_t>(p);
      least_[place] = std::min(least_[place], beyond);
      greatest_[place] = std::max(greatest_[place], beyond);
      ++counts_[place];
    }
  }
  run_tournament(blocks_, 3 * size_ * size_ * width_ / 2, parallel_,
                 [&](int64_t upper, int64_t lower, const auto& turn) {
                   if (evaluated_.load(std::memory_order_relaxed) > most_evaluated_) return;
                   Match match(*this, upper, lower);
                   match.weigh();
                   turn();
                   match.give();
                 });
  return evaluated_.load() <= most_evaluated_;
}

template <typename T>
void ThresholdTiles<T>::add_own_part(int64_t position, T* row) const {
  const T* const own = rows_.row(position);
  const T sum = static_cast<T>(weight_sums_[static_cast<size_t>(position)]);
  for (int64_t k = 0; k < width_; ++k) row[k] -= sum * (own[k] - centre_[static_cast<size_t>(k)]);
}

template <typename T>
double ThresholdTiles<T>::distances() const {
  double sum = 0;
  for (const double of_block : distances_) sum += of_block;
  return sum;
}

template <typename T>
int64_t ThresholdTiles<T>::inactive() const {
  int64_t sum = 0;
  for (const int64_t of_block : inactive_) sum += of_block;
  return sum;
}

template <typename T>
T ThresholdTiles<T>::complete(T value) const {
  return metric_ == Metric::kEuclidean ? std::sqrt(value) : value;
}

template class Thresholds<float>;
template class Thresholds<double>;
template class ThresholdTiles<float>;
template class ThresholdTiles<double>;

}  // namespace tripoint::cpu
