#include "kernels/cpu/loss/pair_blocks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

#include "kernels/cpu/rows/centre.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kLeastPairs = 192 * 192;
constexpr int64_t kRowsOfTask = 64;
constexpr int64_t kParts = 8;

// Another way is the faster one where more than one pair in so many is given to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 8;

// Products are made over so many entries of the rows at a time, and these are added: so the bound
// on what they round grows with this and the number of such pieces, not with the rows' length.
constexpr int64_t kDepth = 32;

// Up to so many near pairs of a row of a tile are given one by one.
constexpr int kFewNear = 8;

}  // namespace

template <typename T>
struct PairBlocks<T>::Scratch {
  explicit Scratch(int64_t width)
      : rows(aligned_array<T>(static_cast<size_t>(kFloatTile * width))),
        packed(aligned_array<T>(static_cast<size_t>(kFloatTile * width))),
        tile(aligned_array<T>(kFloatTile * kFloatTile)) {}

  AlignedArray<T> rows;    // of a tile's columns, less the centre
  AlignedArray<T> packed;  // the same
  AlignedArray<T> tile;    // products of a piece, or weights of near pairs by column and anchor
  T near[kFloatTile];
};

template <typename T>
PairBlocks<T>::PairBlocks(const PackedRows<T>& rows, const Relation& relation, int64_t first_column,
                          Nearness nearness, const Parallel& parallel)
    : rows_(rows),
      own_(rows, nearness),
      nearness_(nearness),
      pair_values_(nearness, {}, {}),
      parallel_(parallel),
      products_(float_tile_kernels<T>()),
      anchors_(relation.anchors()),
      columns_(relation.columns()),
      first_column_(first_column),
      width_(rows.width()),
      tiles_((columns_ + kFloatTile - 1) / kFloatTile),
      parts_(std::min(kParts, tiles_)),
      values_(scratch_array<T>(static_cast<size_t>(tiles_ * kFloatTile * kFloatTile))),
      marks_(static_cast<size_t>(tiles_ * kFloatTile)),
      block_rows_(aligned_array<T>(static_cast<size_t>(kFloatTile * width_))),
      block_segments_(aligned_array<T>(static_cast<size_t>(kFloatTile * width_))),
      anchor_sums_(aligned_array<T>(static_cast<size_t>(parts_ * kFloatTile * width_))) {}

template <typename T>
bool PairBlocks<T>::products_serve(T margin) {
  if (products_ == nullptr || anchors_ * columns_ < kLeastPairs || width_ == 0 ||
      rows_.has_deficits()) {
    return false;
  }
  centre_ = is_product() ? std::vector<T>(static_cast<size_t>(width_), T{0}) : centre_of(rows_);
  squares_.assign(static_cast<size_t>(rows_.size() + kFloatTile), T{0});
  run(parallel_, rows_.size() * width_, (rows_.size() + kRowsOfTask - 1) / kRowsOfTask,
      [&](int64_t begin, int64_t end) {
        for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, rows_.size()); ++p) {
          squares_[static_cast<size_t>(p)] =
              static_cast<T>(squared_length(rows_.row(p), centre_.data(), width_));
        }
      });
  const T greatest = *std::max_element(squares_.begin(), squares_.end());
  return greatest < kFar<T> / 1000 && std::abs(margin) < kFar<T> / 1000;
}

template <typename T>
bool PairBlocks<T>::run_all(bool by_products, T magnitude,
                            FunctionRef<void(int64_t, int64_t)> weigh, RowSums<T>* sums) {
  by_products_ = by_products;
  // With u half an epsilon: a piece's products are off by kDepth u |x| |y|, their sum by one u |x|
  // |y| for each piece; the pair kernel by (D / kLanes + 7) u of a distance that is at most 2 (x² +
  // y²); squares, their sum and taking the centre away by a few u.
  const auto terms = static_cast<T>(kDepth + width_ / kDepth + width_ / 8 + width_ / 64 + 32);
  bound_ = {by_products ? terms * std::numeric_limits<T>::epsilon() / 2 : T{0}, magnitude};
  weight_sums_.assign(static_cast<size_t>(rows_.size()), 0.0);
  evaluated_ = 0;
  const int64_t most_evaluated = anchors_ * columns_ / kPairsOfEvaluation;
  for (first_ = 0; first_ < anchors_; first_ += kFloatTile) {
    count_ = std::min(kFloatTile, anchors_ - first_);
    const int64_t work = count_ * columns_ * std::max<int64_t>(width_, 1);
    std::fill(marks_.begin(), marks_.end(), Marks{});
    if (by_products) centre_anchors();
    by_products ? fill_by_products(work) : fill_by_pairs(work);
    run(parallel_, work, count_,
        [&](int64_t begin, int64_t end) { weigh(first_ + begin, first_ + end); });
    if (by_products && evaluated_.load() > most_evaluated) return false;
    if (sums != nullptr) by_products ? give_by_products(*sums) : give_by_pairs(*sums);
  }
  return true;
}

template <typename T>
void PairBlocks<T>::centre_anchors() {
  const RankKernels<T>& kernels = rank_kernels<T>();
  const T* const rows = rows_.row(first_);
  kernels.centre(rows, width_, count_, width_, centre_.data(), block_rows_.get());
  for (int64_t k = 0; k < width_; k += kDepth) {
    kernels.centre(rows + k, width_, count_, std::min(kDepth, width_ - k), centre_.data() + k,
                   block_segments_.get() + k * kFloatTile);
  }
}

template <typename T>
void PairBlocks<T>::fill_by_products(int64_t work) {
  run(parallel_, work, tiles_, [&](int64_t begin, int64_t end) {
    Scratch scratch(width_);
    for (int64_t tile = begin; tile < end; ++tile) multiply(tile, scratch);
  });
}

// Few rows have few tiles, so here an anchor is a task.
template <typename T>
void PairBlocks<T>::fill_by_pairs(int64_t work) {
  if (both_ways()) return fill_both_ways(work);
  run(parallel_, work, count_, [&](int64_t begin, int64_t end) {
    for (int64_t tile = 0; tile < tiles_; ++tile) {
      const int64_t position = position_of(tile);
      const int64_t columns = columns_of(tile);
      for (int64_t a = first_ + begin; a < first_ + end; ++a) {
        T* const values = weights(a, tile);
        pair_values_.of(rows_, a, rows_, position, columns, values);
        std::fill(values + columns, values + kFloatTile, T{0});
      }
    }
  });
}

// A pair has the same value as (a, c) and as (c, a).
template <typename T>
void PairBlocks<T>::fill_both_ways(int64_t work) {
  run(parallel_, work / 2, count_, [&](int64_t begin, int64_t end) {
    for (int64_t task = begin; task < end; ++task) {
      // Anchors with many and with few pairs left take turns, so that threads have as many.
      const int64_t a = task % 2 == 0 ? task / 2 : count_ - 1 - task / 2;
      T* const values = weights(a, 0);
      pair_values_.of(rows_, a, rows_, a + 1, columns_ - a - 1, values + a + 1);
      for (int64_t j = a + 1; j < columns_; ++j) weights(j, 0)[a] = values[j];
      values[a] = 0;
      std::fill(values + columns_, values + kFloatTile, T{0});
    }
  });
}

template <typename T>
void PairBlocks<T>::multiply(int64_t tile, Scratch& scratch) {
  const RankKernels<T>& kernels = rank_kernels<T>();
  const T* const rows = rows_.row(position_of(tile));
  const int64_t columns = columns_of(tile);
  T* const values = weights(first_, tile);
  for (int64_t k = 0; k < width_; k += kDepth) {
    const int64_t depth = std::min(kDepth, width_ - k);
    T* const target = k == 0 ? values : scratch.tile.get();
    kernels.centre(rows + k, width_, columns, depth, centre_.data() + k, scratch.rows.get());
    products_->pack(scratch.rows.get(), columns, depth, scratch.packed.get());
    products_->products(block_segments_.get() + k * kFloatTile, count_, scratch.packed.get(),
                        columns, depth, target);
    if (k > 0) kernels.add(target, count_ * kFloatTile, values);
  }
}

template <typename T>
void PairBlocks<T>::measure(int64_t anchor, int64_t tile, const uint8_t* sides, uint8_t counted,
                            PairRow<T>& row) const {
  const T* const values = values_.get() + (tile * kFloatTile + (anchor - first_)) * kFloatTile;
  const RowSource<T> source{values, sides, counted};
  if (by_products_) {
    rank_kernels<T>().measure(nearness_, source, squares_[static_cast<size_t>(anchor)],
                              squares_.data() + position_of(tile), bound_, row);
  } else {
    rank_kernels<T>().complete(nearness_, source, bound_.magnitude, row);
  }
}

template <typename T>
T PairBlocks<T>::distance(int64_t anchor, int64_t column) const {
  T distance;
  distances(anchor, column, 1, &distance);
  return distance;
}

template <typename T>
void PairBlocks<T>::distances(int64_t anchor, int64_t first, int64_t count, T* target) const {
  pair_values_.of(rows_, anchor, rows_, first_column_ + first, count, target);
  if (nearness_ != Nearness::kEuclidean) return;
  for (int64_t j = 0; j < count; ++j) target[j] = std::sqrt(target[j]);
}

template <typename T>
void PairBlocks<T>::mark_near(int64_t anchor, int64_t column) {
  Marks& of_row = marks(anchor, column / kFloatTile);
  const auto lane = static_cast<uint32_t>(column % kFloatTile);
  of_row.near[lane / 32] |= uint32_t{1} << lane % 32;
}

template <typename T>
T PairBlocks<T>::put(int64_t anchor, int64_t column, T distance, T weight) {
  const int64_t tile = column / kFloatTile;
  weights(anchor, tile)[column % kFloatTile] = weight;
  if (weight == 0) return 0;
  if (by_products_ && !is_product()) {
    const T square = nearness_ == Nearness::kEuclidean ? distance * distance
                     : nearness_ == Nearness::kCosine  ? 2 * distance
                                                       : distance;
    const T both = squares_[static_cast<size_t>(anchor)] +
                   squares_[static_cast<size_t>(first_column_ + column)];
    if (square < kNearest<T> * both) {
      mark_near(anchor, column);
      return 0;
    }
  }
  mark(anchor, tile);
  return weight;
}

// First each anchor what its columns give it, then each column what the anchors give it, since an
// anchor may be a column too.
template <typename T>
void PairBlocks<T>::give_by_pairs(RowSums<T>& sums) {
  if (both_ways()) return give_both_ways(sums);
  const PairKernels<T>& kernels = pair_kernels<T>();
  const int64_t work = count_ * columns_ * width_;
  run(parallel_, work, count_, [&](int64_t begin, int64_t end) {
    T turned[kFloatTile];
    for (int64_t a = first_ + begin; a < first_ + end; ++a) {
      for (int64_t tile = 0; tile < tiles_; ++tile) {
        const T* const row = weights(a, tile);
        for (int64_t j = 0; j < columns_of(tile); ++j) turned[j] = -row[j];
        kernels.add_differences(own_.row(a), rows_.row(position_of(tile)), width_, columns_of(tile),
                                turned, sums.row(a));
      }
    }
  });
  run(parallel_, work, columns_, [&](int64_t begin, int64_t end) {
    T turned[kFloatTile];
    for (int64_t column = begin; column < end; ++column) {
      const int64_t position = first_column_ + column;
      const T* const first = weights(first_, column / kFloatTile) + column % kFloatTile;
      double sum = 0;
      for (int64_t slot = 0; slot < count_; ++slot) {
        const T weight = first[slot * kFloatTile];
        turned[slot] = -weight;
        sum += static_cast<double>(weight);
      }
      kernels.add_differences(own_.row(position), rows_.row(first_), width_, count_, turned,
                              sums.row(position));
      weight_sums_[static_cast<size_t>(position)] += sum;
    }
  });
}

// What a pair gives as (a, c) and as (c, a) goes together.
template <typename T>
void PairBlocks<T>::give_both_ways(RowSums<T>& sums) {
  run(parallel_, count_ * columns_ * width_, count_, [&](int64_t begin, int64_t end) {
    T turned[kFloatTile];
    for (int64_t a = begin; a < end; ++a) {
      const T* const as_anchor = weights(a, 0);
      const T* const as_column = weights(0, 0) + a;
      double sum = 0;
      for (int64_t j = 0; j < columns_; ++j) {
        const T back = as_column[j * kFloatTile];
        turned[j] = -(as_anchor[j] + back);
        sum += static_cast<double>(back);
      }
      pair_kernels<T>().add_differences(own_.row(a), rows_.row(0), width_, columns_, turned,
                                        sums.row(a));
      weight_sums_[static_cast<size_t>(a)] += sum;
    }
  });
}

template <typename T>
void PairBlocks<T>::give_by_products(RowSums<T>& sums) {
  const int64_t work = 2 * count_ * columns_ * width_;
  const int64_t size = kFloatTile * width_;
  run(parallel_, work, parts_, [&](int64_t begin, int64_t end) {
    Scratch scratch(width_);
    for (int64_t part = begin; part < end; ++part) {
      T* const anchor_sums = anchor_sums_.get() + part * size;
      std::fill(anchor_sums, anchor_sums + size, T{0});
      for (int64_t tile = part * tiles_ / parts_; tile < (part + 1) * tiles_ / parts_; ++tile) {
        give_tile(tile, anchor_sums, sums, scratch);
      }
    }
  });
  for (int64_t part = 0; part < parts_; ++part) {
    rank_kernels<T>().add(anchor_sums_.get() + part * size, count_ * width_, sums.row(first_));
  }
}

template <typename T>
void PairBlocks<T>::give_tile(int64_t tile, T* anchor_sums, RowSums<T>& sums, Scratch& scratch) {
  bool far = false;
  bool dense = false;
  for (int64_t slot = 0; slot < count_; ++slot) {
    const Marks& of_row = marks(first_ + slot, tile);
    far = far || of_row.any != 0;
    int near = 0;
    for (const uint32_t bits : of_row.near) near += std::popcount(bits);
    if (near == 0) continue;
    if (near > kFewNear && !dense) {
      std::fill_n(scratch.tile.get(), kFloatTile * kFloatTile, T{0});
      dense = true;
    }
    give_near(tile, slot, of_row, anchor_sums, sums, scratch);
  }
  if (dense) {
    for (int64_t j = 0; j < columns_of(tile); ++j) {
      const int64_t position = position_of(tile) + j;
      pair_kernels<T>().add_differences(rows_.row(position), rows_.row(first_), width_, count_,
                                        scratch.tile.get() + j * kFloatTile, sums.row(position));
    }
  }
  if (far) give_far(tile, anchor_sums, sums, scratch);
}

// The weights of near pairs leave the tile. What they move apart is the other way round than what
// products give, of which the own part is left.
template <typename T>
void PairBlocks<T>::give_near(int64_t tile, int64_t slot, const Marks& marks, T* anchor_sums,
                              RowSums<T>& sums, Scratch& scratch) {
  const PairKernels<T>& kernels = pair_kernels<T>();
  const int64_t columns = columns_of(tile);
  const int64_t position = position_of(tile);
  const T* const anchor = rows_.row(first_ + slot);
  T* const weights_of_row = weights(first_ + slot, tile);
  int near = 0;
  for (const uint32_t bits : marks.near) near += std::popcount(bits);
  const bool few = near <= kFewNear;
  if (!few) std::fill(scratch.near, scratch.near + kFloatTile, T{0});
  for (int64_t word = 0; word < kFloatTile / 32; ++word) {
    for (uint32_t bits = marks.near[word]; bits != 0; bits &= bits - 1) {
      const int64_t j = word * 32 + std::countr_zero(bits);
      const T weight = -weights_of_row[j];
      weights_of_row[j] = 0;
      if (few) {
        const T* const other = rows_.row(position + j);
        kernels.add_differences(anchor, other, width_, 1, &weight, anchor_sums + slot * width_);
        kernels.add_differences(other, anchor, width_, 1, &weight, sums.row(position + j));
      } else {
        scratch.near[j] = weight;
        scratch.tile[static_cast<size_t>(j * kFloatTile + slot)] = weight;
      }
    }
  }
  if (!few) {
    kernels.add_differences(anchor, rows_.row(position), width_, columns, scratch.near,
                            anchor_sums + slot * width_);
  }
}

template <typename T>
void PairBlocks<T>::give_far(int64_t tile, T* anchor_sums, RowSums<T>& sums, Scratch& scratch) {
  const RankKernels<T>& kernels = rank_kernels<T>();
  const int64_t columns = columns_of(tile);
  const int64_t position = position_of(tile);
  const T* const tile_weights = weights(first_, tile);
  kernels.centre(rows_.row(position), width_, columns, width_, centre_.data(), scratch.rows.get());
  products_->accumulate(tile_weights, kFloatTile, 1, count_, scratch.rows.get(), columns, width_,
                        anchor_sums);
  products_->accumulate(tile_weights, 1, kFloatTile, columns, block_rows_.get(), count_, width_,
                        sums.row(position));
  std::fill(scratch.near, scratch.near + kFloatTile, T{0});
  for (int64_t slot = 0; slot < count_; ++slot) {
    kernels.add(tile_weights + slot * kFloatTile, columns, scratch.near);
  }
  for (int64_t j = 0; j < columns; ++j) {
    weight_sums_[static_cast<size_t>(position + j)] += static_cast<double>(scratch.near[j]);
  }
}

template <typename T>
void PairBlocks<T>::complete(double scale, RowSums<T>& sums) const {
  run(parallel_, 4 * rows_.size() * width_, (rows_.size() + kRowsOfTask - 1) / kRowsOfTask,
      [&](int64_t begin, int64_t end) {
        for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, rows_.size()); ++p) {
          const double weight = weight_sums_[static_cast<size_t>(p)];
          T* const row = sums.row(p);
          // Taken from 0, so that what nothing moves has no sign.
          if (by_products_ && !is_product()) {
            const T* const whole = rows_.row(p);
            const T factor = static_cast<T>(weight);
            for (int64_t k = 0; k < width_; ++k) {
              row[k] = T{0} - (row[k] - factor * (whole[k] - centre_[static_cast<size_t>(k)]));
            }
          } else {
            for (int64_t k = 0; k < width_; ++k) row[k] = T{0} - row[k];
          }
          for (int64_t k = 0; k < width_; ++k) row[k] = static_cast<T>(row[k] * scale);
          // With products there are no rows of zeros, for which alone the sum of weights counts.
          rows_.backward(p, by_products_ ? T{0} : static_cast<T>(weight * scale), row);
        }
      });
}

template class PairBlocks<float>;
template class PairBlocks<double>;

}  // namespace tripoint::cpu
