#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/scratch.h"
#include "kernels/cpu/loss/contrast_anchor.h"
#include "kernels/cpu/loss/contrastive_softmax.h"
#include "kernels/cpu/loss/row_sums.h"
#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/tile/float_tile_portable.h"
#include "kernels/cpu/tile/softmax_tile.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kFloatTile;
constexpr int64_t kTileElements = kTile * kTile;
constexpr int64_t kRowsOfTask = 64;

// Ranges of tiles whose sums for the anchors are made apart.
constexpr int64_t kParts = 8;

// An anchor's positives are evaluated by the pair kernel, and move it by their differences, where
// there are no more than these. Of many, each takes several times as long as in a tile: then its
// products serve as they do for the negatives.
constexpr int64_t kFewPositives = 32;

// A batch with no more than one pair of either side has no loss, nor has one without a side.
bool has_losses(const SideCounts& sides) {
  return sides.positives > 0 && sides.negatives > 0 && sides.positives + sides.negatives > 2;
}

SideCounts count_sides(const Relation& relation) {
  SideCounts sides;
  for (int64_t a = 0; a < relation.anchors(); ++a) {
    const SideCounts own = relation.count(a);
    sides.positives += own.positives;
    sides.negatives += own.negatives;
  }
  return sides;
}

// A block of anchors at a time, with all columns: their products stay until they are weights.
template <typename T>
class RelatedSoftmax {
 public:
  RelatedSoftmax(const PackedRows<T>& rows, const RelatedBatch& batch,
                 const ContrastiveSoftmax& wanted, const Parallel& parallel, RowSums<T>& gradient)
      : rows_(rows),
        relation_(batch.relation),
        first_column_(batch.first_column()),
        rule_(wanted.contrast, wanted.mean),
        parallel_(parallel),
        gradient_(gradient),
        anchors_(relation_.anchors()),
        columns_(relation_.columns()),
        width_(rows.width()),
        scale_(static_cast<T>(1 / wanted.temperature)),
        tiles_((columns_ + kTile - 1) / kTile),
        parts_(std::min(kParts, tiles_)),
        products_(scratch_array<T>(static_cast<size_t>(tiles_ * kTileElements))),
        shifts_(static_cast<size_t>(tiles_ * kTile)),
        sums_(static_cast<size_t>(tiles_ * kTile)),
        counts_(static_cast<size_t>(tiles_ * kTile)),
        anchor_sums_(aligned_array<T>(static_cast<size_t>(parts_ * kTile * width_))),
        own_weights_(static_cast<size_t>(rows.size())) {}

  ContrastiveSoftmaxResult run_all() {
    gradient_.clear(parallel_);
    ContrastiveSoftmaxResult result{0, 0, 0};
    SideCounts sides;
    for (first_ = 0; first_ < anchors_; first_ += kTile) {
      count_ = std::min(kTile, anchors_ - first_);
      each(tiles_, [this](int64_t tile, Scratch& scratch) { compare(tile, scratch); });
      each(count_, [this](int64_t slot, Scratch& scratch) { lose(slot, scratch); });
      each(parts_, [this](int64_t part, Scratch& scratch) { give(part, scratch); });
      for (int64_t slot = 0; slot < count_; ++slot) {
        add(result, anchor_[slot].losses);
        sides.positives += anchor_[slot].sides.positives;
        sides.negatives += anchor_[slot].sides.negatives;
      }
      add_parts();
    }
    if (!has_losses(sides)) {
      gradient_.clear(parallel_);
      result = {0, 0, 0};
    } else {
      complete(rule_.reduce(result));
    }
    gradient_.store(parallel_);
    return result;
  }

 private:
  struct Scratch {
    explicit Scratch(int64_t width)
        : packed(aligned_array<T>(static_cast<size_t>(kTile * width))),
          tile(aligned_array<T>(static_cast<size_t>(kTileElements))),
          sides(aligned_array<uint8_t>(static_cast<size_t>(kTileElements))) {}
    AlignedArray<T> packed;
    AlignedArray<T> tile;
    AlignedArray<uint8_t> sides;  // of a tile, and 0 beyond its columns
    T of_columns[kTile];
  };

  struct Anchor {
    ContrastAnchor losses;
    SideCounts sides;
    bool few;  // whether its positives are
  };

  int64_t position_of(int64_t tile) const { return first_column_ + tile * kTile; }
  int64_t columns_of(int64_t tile) const { return std::min(kTile, columns_ - tile * kTile); }
  T* products(int64_t tile, int64_t slot) {
    return products_.get() + (tile * kTile + slot) * kTile;
  }

  // Calls task(number, scratch) for each of some tasks of a block.
  template <typename Task>
  void each(int64_t tasks, Task&& task) {
    run(parallel_, count_ * columns_ * std::max<int64_t>(width_, 1), tasks,
        [&](int64_t begin, int64_t end) {
          Scratch scratch(width_);
          for (int64_t number = begin; number < end; ++number) task(number, scratch);
        });
  }

  void read_sides(int64_t tile, int64_t slot, uint8_t* sides) const {
    const int64_t columns = columns_of(tile);
    relation_.read(first_ + slot, tile * kTile, columns, sides);
    std::fill(sides + columns, sides + kTile, uint8_t{kNeither});
  }

  // First the products of a tile, and the sums over its negatives.
  void compare(int64_t tile, Scratch& scratch) {
    const int64_t columns = columns_of(tile);
    kernels_.pack(rows_.row(position_of(tile)), columns, width_, scratch.packed.get());
    kernels_.products(rows_.row(first_), count_, scratch.packed.get(), columns, width_,
                      products(tile, 0));
    for (int64_t slot = 0; slot < count_; ++slot) {
      uint8_t* const sides = scratch.sides.get() + slot * kTile;
      read_sides(tile, slot, sides);
      counts_[static_cast<size_t>(tile * kTile + slot)] = count(sides);
    }
    T* const values = scratch.tile.get();
    softmax_.select(products(tile, 0), scratch.sides.get(), kNegative, count_, columns, values);
    sum_exponentials(values, count_, columns, shifts_.data() + tile * kTile,
                     sums_.data() + tile * kTile, scratch);
  }

  static SideCounts count(const uint8_t* sides) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    uint64_t positives = 0;
    uint64_t negatives = 0;
    for (int64_t j = 0; j < kTile; j += 8) {
      uint64_t eight;
      std::memcpy(&eight, sides + j, sizeof eight);
      positives += eight & kOnes * kPositive;
      negatives += (eight & kOnes * kNegative) >> 1;
    }
    return {static_cast<int64_t>(positives * kOnes >> 56),
            static_cast<int64_t>(negatives * kOnes >> 56)};
  }

  // Turns rows of products into exponentials, each row shifted by its greatest, and sums them up.
  void sum_exponentials(T* values, int64_t rows, int64_t columns, T* shifts, T* sums,
                        Scratch& scratch) const {
    softmax_.maxima(values, rows, columns, shifts, scratch.of_columns);
    for (int64_t i = 0; i < rows; ++i) {
      shifts[i] = shifts[i] == -std::numeric_limits<T>::infinity() ? T{0} : shifts[i] * scale_;
    }
    std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
    softmax_.exponentials(values, rows, columns, scale_, shifts, scratch.of_columns);
    softmax_.sums(values, rows, columns, sums, scratch.of_columns);
  }

  // Then the losses of an anchor. The products of its positives become the derivatives by them.
  void lose(int64_t slot, Scratch& scratch) {
    Anchor& it = anchor_[slot];
    it = {};
    for (int64_t tile = 0; tile < tiles_; ++tile) {
      const auto at = static_cast<size_t>(tile * kTile + slot);
      it.losses.negatives.add(shifts_[at], sums_[at]);
      it.sides.positives += counts_[at].positives;
      it.sides.negatives += counts_[at].negatives;
    }
    it.few = it.sides.positives <= kFewPositives;
    if (it.few) {
      lose_few(slot, scratch);
    } else if (rule_.contrast() == Contrast::kEachPositive) {
      lose_each(slot, scratch);
    } else {
      lose_mean(slot, scratch);
    }
    const ContrastAnchor& losses = it.losses;
    const bool counts = losses.weight != 0;
    const T shift = static_cast<T>(losses.denominator);
    denominators_[slot] = counts ? shift : std::numeric_limits<T>::infinity();
    factors_[slot] = counts ? static_cast<T>(losses.weight * std::exp(static_cast<double>(shift) -
                                                                      losses.denominator))
                            : T{0};
  }

  // Calls a function for each tile with a positive of an anchor, whose sides it has read.
  template <typename Tile>
  void each_positive_tile(int64_t slot, Scratch& scratch, Tile&& tile) {
    for (int64_t number = 0; number < tiles_; ++number) {
      if (counts_[static_cast<size_t>(number * kTile + slot)].positives == 0) continue;
      read_sides(number, slot, scratch.sides.get());
      tile(number, products(number, slot));
    }
  }

  double similarity(T product) const {
    return static_cast<double>(product) * static_cast<double>(scale_);
  }

  void lose_few(int64_t slot, Scratch& scratch) {
    Anchor& it = anchor_[slot];
    T* targets[kFewPositives];
    T values[kFewPositives];
    int64_t found = 0;
    each_positive_tile(slot, scratch, [&](int64_t tile, T* products) {
      for (int64_t j = 0; j < columns_of(tile); ++j) {
        if (scratch.sides[static_cast<size_t>(j)] != kPositive) continue;
        pair_kernels<T>().products(rows_.row(first_ + slot), rows_.row(position_of(tile) + j),
                                   width_, 1, values + found);
        targets[found++] = products + j;
      }
    });
    rule_.lose(it.losses, found, [&](auto&& take) {
      for (int64_t p = 0; p < found; ++p) take(similarity(values[p]));
    });
    for (int64_t p = 0; p < found; ++p) {
      *targets[p] = static_cast<T>(rule_.slope(similarity(values[p]), it.losses, found));
      own_weights_[static_cast<size_t>(first_ + slot)] += static_cast<double>(*targets[p]);
    }
  }

  // Of many positives each by itself, from the exponentials of a row at a time. The logarithm of
  // their shares' product is that of all their losses.
  void lose_each(int64_t slot, Scratch& scratch) {
    Anchor& it = anchor_[slot];
    ContrastAnchor& losses = it.losses;
    losses.losses = it.sides.positives;
    losses.denominator = losses.negatives.value();
    if (it.sides.negatives == 0) return put_zeros(slot, scratch);
    const T shift = static_cast<T>(losses.denominator);
    const double factor = std::exp(static_cast<double>(shift) - losses.denominator);
    double product = 1;
    each_positive_tile(slot, scratch, [&](int64_t tile, T* products) {
      T* const values = scratch.tile.get();
      softmax_.select(products, scratch.sides.get(), kPositive, 1, columns_of(tile), values);
      std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
      softmax_.exponentials(values, 1, columns_of(tile), scale_, &shift, scratch.of_columns);
      for (int64_t j = 0; j < columns_of(tile); ++j) {
        if (scratch.sides[static_cast<size_t>(j)] != kPositive) continue;
        const double odds = static_cast<double>(values[j]) * factor;
        const double inverse = 1 / odds;
        const double share = 1 / (1 + inverse);
        const bool above_zero = static_cast<T>(share) != 1;
        losses.above_zero += above_zero ? 1 : 0;
        products[j] = 0;
        if (!rule_.counts(above_zero)) continue;
        if (share > Duel<T>::kLeastShare) {
          product *= 1 + inverse;
        } else {
          losses.loss -= std::log(share + Duel<T>::kTiny);
        }
        if (product > kGreatestProduct) {
          losses.loss += std::log(product);
          product = 1;
        }
        const double slope = share / (share + Duel<T>::kTiny) / (1 + odds);
        losses.weight += slope;
        products[j] = static_cast<T>(-slope);
      }
    });
    losses.loss += std::log(product);
  }

  // A factor is at most 1 / kLeastShare.
  static constexpr double kGreatestProduct = 1e270;

  // Of many positives the mean.
  void lose_mean(int64_t slot, Scratch& scratch) {
    Anchor& it = anchor_[slot];
    LogSum all = it.losses.negatives;
    double sum = 0;
    T* const values = scratch.tile.get();
    each_positive_tile(slot, scratch, [&](int64_t tile, const T* products) {
      for (int64_t j = 0; j < columns_of(tile); ++j) {
        sum += scratch.sides[static_cast<size_t>(j)] == kPositive ? similarity(products[j]) : 0;
      }
      softmax_.select(products, scratch.sides.get(), kPositive, 1, columns_of(tile), values);
      T shift;
      T part;
      sum_exponentials(values, 1, columns_of(tile), &shift, &part, scratch);
      all.add(shift, part);
    });
    rule_.lose_mean(it.losses, it.sides.positives, all, sum);
    if (it.losses.weight == 0) return put_zeros(slot, scratch);
    const T shift = static_cast<T>(it.losses.denominator);
    const double factor = std::exp(static_cast<double>(shift) - it.losses.denominator);
    const double share = 1 / static_cast<double>(it.sides.positives);
    each_positive_tile(slot, scratch, [&](int64_t tile, T* products) {
      softmax_.select(products, scratch.sides.get(), kPositive, 1, columns_of(tile), values);
      std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
      softmax_.exponentials(values, 1, columns_of(tile), scale_, &shift, scratch.of_columns);
      for (int64_t j = 0; j < columns_of(tile); ++j) {
        if (scratch.sides[static_cast<size_t>(j)] != kPositive) continue;
        products[j] = static_cast<T>(static_cast<double>(values[j]) * factor - share);
      }
    });
  }

  void put_zeros(int64_t slot, Scratch& scratch) {
    each_positive_tile(slot, scratch, [&](int64_t tile, T* products) {
      std::fill(products, products + columns_of(tile), T{0});
    });
  }

  // Last the weights of all pairs, and what they give their rows, tile by tile.
  void give(int64_t part, Scratch& scratch) {
    T* const anchor_sums = anchor_sums_.get() + part * kTile * width_;
    std::fill(anchor_sums, anchor_sums + kTile * width_, T{0});
    for (int64_t tile = part * tiles_ / parts_; tile < (part + 1) * tiles_ / parts_; ++tile) {
      const int64_t columns = columns_of(tile);
      const int64_t position = position_of(tile);
      weigh(tile, anchor_sums, scratch);
      const T* const weights = scratch.tile.get();
      kernels_.accumulate(weights, kTile, 1, count_, rows_.row(position), columns, width_,
                          anchor_sums);
      kernels_.accumulate(weights, 1, kTile, columns, rows_.row(first_), count_, width_,
                          gradient_.row(position));
    }
  }

  void weigh(int64_t tile, T* anchor_sums, Scratch& scratch) {
    const int64_t columns = columns_of(tile);
    for (int64_t slot = 0; slot < count_; ++slot) {
      read_sides(tile, slot, scratch.sides.get() + slot * kTile);
    }
    T* const values = scratch.tile.get();
    std::fill(scratch.of_columns, scratch.of_columns + kTile, T{0});
    softmax_.select(products(tile, 0), scratch.sides.get(), kNegative, count_, columns, values);
    softmax_.exponentials(values, count_, columns, scale_, denominators_, scratch.of_columns);
    softmax_.multiply(values, count_, columns, factors_, scratch.of_columns);
    for (int64_t slot = 0; slot < count_; ++slot) {
      if (counts_[static_cast<size_t>(tile * kTile + slot)].positives == 0) continue;
      const uint8_t* const sides = scratch.sides.get() + slot * kTile;
      const T* const slopes = products(tile, slot);
      T* const row = values + slot * kTile;
      if (anchor_[slot].few) {
        give_few(tile, slot, sides, slopes, anchor_sums);
      } else {
        for (int64_t j = 0; j < columns; ++j) row[j] = sides[j] == kPositive ? slopes[j] : row[j];
      }
    }
  }

  // The sum of weight · y is that of weight · x less that of weight · (x − y). The first is left to
  // the end.
  void give_few(int64_t tile, int64_t slot, const uint8_t* sides, const T* slopes, T* anchor_sums) {
    const T* const anchor = rows_.row(first_ + slot);
    for (int64_t j = 0; j < columns_of(tile); ++j) {
      if (sides[j] != kPositive || slopes[j] == 0) continue;
      const int64_t position = position_of(tile) + j;
      const T* const other = rows_.row(position);
      const T weight = -slopes[j];
      const auto add = pair_kernels<T>().add_differences;
      add(anchor, other, width_, 1, &weight, anchor_sums + slot * width_);
      add(other, anchor, width_, 1, &weight, gradient_.row(position));
      own_weights_[static_cast<size_t>(position)] += static_cast<double>(slopes[j]);
    }
  }

  void add_parts() {
    for (int64_t part = 0; part < parts_; ++part) {
      const T* const sums = anchor_sums_.get() + part * kTile * width_;
      T* const rows = gradient_.row(first_);
      for (int64_t k = 0; k < count_ * width_; ++k) rows[k] += sums[k];
    }
  }

  // Brings sums to their gradients, with the share that a loss has in the result.
  void complete(double share) {
    const double slope = share * static_cast<double>(scale_);
    run(parallel_, 4 * rows_.size() * width_, (rows_.size() + kRowsOfTask - 1) / kRowsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, rows_.size());
               ++p) {
            const T* const own = rows_.row(p);
            const T weight = static_cast<T>(own_weights_[static_cast<size_t>(p)]);
            T* const row = gradient_.row(p);
            for (int64_t k = 0; k < width_; ++k) {
              row[k] = static_cast<T>((row[k] + weight * own[k]) * slope);
            }
            rows_.backward(p, T{0}, row);
          }
        });
  }

  const PackedRows<T>& rows_;
  const Relation& relation_;
  const int64_t first_column_;
  const ContrastRule<T> rule_;
  const Parallel& parallel_;
  RowSums<T>& gradient_;
  const FloatTileKernels<T>& kernels_ = any_float_tile_kernels<T>();
  const SoftmaxTileKernels<T>& softmax_ = softmax_tile_kernels<T>();
  const int64_t anchors_;
  const int64_t columns_;
  const int64_t width_;
  const T scale_;
  const int64_t tiles_;
  const int64_t parts_;
  int64_t first_ = 0;  // anchor of the block
  int64_t count_ = 0;
  // Of the block. By tile, anchor and column: products, and where a positive is, once its anchor's
  // losses are known, their derivative by its similarity.
  ScratchArray<T> products_;
  std::vector<T> shifts_;  // of each tile's anchors
  std::vector<T> sums_;
  std::vector<SideCounts> counts_;
  Anchor anchor_[kTile];
  T denominators_[kTile];        // what their similarities are shifted by, and
  T factors_[kTile];             // what their exponentials are then multiplied by
  AlignedArray<T> anchor_sums_;  // by part
  // Of each position the weights of pairs that give differences.
  std::vector<double> own_weights_;
};

template <typename T>
ContrastiveSoftmaxResult related_softmax_in(const RelatedBatch& batch,
                                            const ContrastiveSoftmax& wanted,
                                            const Parallel& parallel, void* gradient) {
  const PackedRows<T> rows(batch, packing_of(wanted.similarity), parallel);
  if (!rows.finite()) {
    constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
    fill_rows(kNaN, gradient, batch.embeddings.type, rows.size(), rows.columns());
    const SideCounts sides = count_sides(batch.relation);
    const int64_t losses =
        wanted.contrast == Contrast::kEachAnchor ? batch.relation.anchors() : sides.positives;
    return {kNaN, has_losses(sides) ? losses : 0, 0};
  }
  RowSums<T> sums(rows, {gradient, batch.embeddings.type});
  return RelatedSoftmax<T>(rows, batch, wanted, parallel, sums).run_all();
}

}  // namespace

ContrastiveSoftmaxResult contrastive_softmax(const RelatedBatch& batch,
                                             const ContrastiveSoftmax& wanted,
                                             const Parallel& parallel, void* gradient) {
  return batch.embeddings.type == FloatType::kFloat64
             ? related_softmax_in<double>(batch, wanted, parallel, gradient)
             : related_softmax_in<float>(batch, wanted, parallel, gradient);
}

}  // namespace tripoint::cpu
