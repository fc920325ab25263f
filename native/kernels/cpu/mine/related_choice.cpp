#include "kernels/cpu/mine/related_choice.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_keys.h"

namespace tripoint::cpu {
namespace {

// Fewer are scanned faster than they are screened.
constexpr int64_t kLeastAnchors = 24;
constexpr int64_t kLeastColumns = 192;

// Screening of a block ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 32;

// Where a tile has at most one pair of a side in so many, they are evaluated without their keys.
constexpr int64_t kPairsOfFew = 256;

constexpr int64_t kTile = kIntegerTile;

// The sides of so many columns of an anchor are read at once: short pieces of the long rows of a
// mask would come slowly.
constexpr int64_t kColumnsAtOnce = 6 * kTile;

// Enough blocks of anchors for many threads, of as many whole groups as that leaves.
constexpr int64_t kLeastBlocks = 16;

int64_t block_of(int64_t anchors) {
  const int64_t groups = anchors / (kLeastBlocks * kIntegerGroup) + 1;
  return std::min(groups * kIntegerGroup, kTile);
}

struct LeastKeys {
  uint32_t above_from;
  uint32_t above_certain;
};

struct RowKernels {
  uint8_t (*add_sides)(const uint8_t* sides, uint8_t* positives, uint8_t* negatives);
  LeastKeys (*keys_of_side)(const int32_t* keys, const uint8_t* sides, uint8_t side, int32_t turn,
                            int32_t from, int32_t certain, int32_t* target);
};

#define TRIPOINT_BODY "kernels/cpu/mine/related_choice_body.inc"
#include "kernels/cpu/base/each_set.inc"

const RowKernels& row_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

// Calls place(j) for each column of a side, of a row of a tile that is kNeither to its end.
template <typename Place>
void each_of_side(const uint8_t* sides, PairSide side, Place&& place) {
  constexpr int64_t kWord = sizeof(uint64_t);
  static_assert(kTile % kWord == 0 && std::endian::native == std::endian::little);
  const uint64_t bits = side * uint64_t{0x0101010101010101};
  for (int64_t begin = 0; begin < kTile; begin += kWord) {
    uint64_t word;
    std::memcpy(&word, sides + begin, sizeof word);
    for (word &= bits; word != 0; word &= word - 1) place(begin + std::countr_zero(word) / 8);
  }
}

// Keys of the anchors of a block with the columns of a tile, by distances of a batch's own rows.
template <typename T>
class DistanceTiles {
 public:
  using Bound = DistanceBound<T>;

  DistanceTiles(const Screen<T>& screen, Nearness nearness, const Block& anchors,
                int64_t first_column)
      : screen_(screen), bound_(screen, nearness), anchors_(anchors), first_column_(first_column) {}

  // Where the first tile begins, as a position: a screen's tiles are those of its rows.
  int64_t origin() const { return first_column_ / kTile * kTile; }

  void keys(int64_t tile, int64_t count, int32_t* keys) const {
    screen_.tile(anchors_.begin, anchors_.size(), tile, count, keys);
  }
  Bound bound(int64_t) const { return bound_; }

  // An anchor and columns of which keys tell nothing.
  bool is_apart(int64_t) const { return false; }
  const std::vector<int64_t>& apart() const { return none_; }

 private:
  const Screen<T>& screen_;
  const Bound bound_;
  const Block anchors_;
  const int64_t first_column_;
  const std::vector<int64_t> none_;
};

// The same by products.
template <typename T>
class ProductTiles {
 public:
  using Bound = ProductBound<T>;

  ProductTiles(const ProductScreen<T>& screen, const Block& anchors, int64_t first_column)
      : screen_(screen),
        anchors_(screen, anchors.begin, anchors.size()),
        first_column_(first_column) {}

  int64_t origin() const { return first_column_; }

  void keys(int64_t tile, int64_t count, int32_t* keys) const {
    anchors_.tile(tile - first_column_, count, keys);
  }
  Bound bound(int64_t number) const {
    return {anchors_.bound(), is_apart(number) ? 1 : anchors_.unit_square(number)};
  }
  bool is_apart(int64_t number) const { return anchors_.is_apart(number); }
  const std::vector<int64_t>& apart() const { return screen_.apart(); }

 private:
  const ProductScreen<T>& screen_;
  const typename ProductScreen<T>::Anchors anchors_;
  const int64_t first_column_;
};

// What keys tell of a choice of one anchor so far.
template <typename Bound>
struct Limit {
  ChoiceKeys<Bound> keys;
  int32_t from = 0;
  int32_t certain = 0;
  int32_t most;

  Limit(const Bound& bound, const Choice& choice) : keys(bound, choice), most(keys.last()) {}
};

// The choices of a block of anchors. Columns are looked at by their positions, in tiles.
template <typename T>
class AnchorScan {
 public:
  AnchorScan(const PackedRows<T>& rows, const RelatedBatch& batch,
             const std::vector<Wanted<T>>& wanted, Nearness nearness, const Block& anchors)
      : rows_(rows),
        relation_(batch.relation),
        first_column_(batch.first_column()),
        end_column_(first_column_ + relation_.columns()),
        wanted_(wanted),
        values_(nearness, std::nullopt, std::nullopt),
        anchors_(anchors),
        found_(wanted.size() * kTile),
        sides_(aligned_array<uint8_t>(kTile * kColumnsAtOnce)) {}

  // By all values.
  void plain() {
    std::fill(found_.begin(), found_.end(), Least<T>());
    T values[kTile];
    for (int64_t tile = first_column_; tile < end_column_; tile += kTile) {
      const int64_t count = std::min(kTile, end_column_ - tile);
      const SideCounts counts = read(tile, first_column_);
      for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
        if (wanted_pairs(counts) * kPairsOfSingle <= anchors_.size() * count) {
          offer_all(a, tile);
          continue;
        }
        values_.of(rows_, a, rows_, tile, count, values);
        evaluated_ += count;
        const uint8_t* const sides = sides_of(a);
        for (size_t w = 0; w < wanted_.size(); ++w) {
          const PairSide side = side_of(wanted_[w]);
          for (int64_t j = 0; j < count; ++j) {
            if (sides[j] == side) take(w, a, wanted_[w].turned(values[j]), tile + j);
          }
        }
      }
    }
  }

  // By keys. False where they leave too many pairs.
  template <typename Tiles>
  bool screened(const Tiles& tiles) {
    const int64_t most = anchors_.size() * relation_.columns() / kPairsOfEvaluation;
    std::vector<Limit<typename Tiles::Bound>> limits;
    limits.reserve(wanted_.size() * kTile);
    for (const Wanted<T>& wanted : wanted_) {
      for (int64_t i = 0; i < anchors_.size(); ++i) {
        auto& limit = limits.emplace_back(tiles.bound(i), wanted.choice());
        limit.keys.set(wanted.beyond(anchors_.begin + i), limit.from, limit.certain);
      }
    }
    const AlignedArray<int32_t> keys = aligned_array<int32_t>(kTile * kTile);
    for (int64_t tile = tiles.origin(); tile < end_column_; tile += kTile) {
      SideCounts counts = read(tile, tiles.origin());
      if (offer_apart(tiles, tile)) counts = count_sides();
      bool has_keys = false;
      for (size_t w = 0; w < wanted_.size(); ++w) {
        if (of(counts, wanted_[w]) * kPairsOfFew <= anchors_.size() * kTile) {
          for (int64_t a = anchors_.begin; a < anchors_.end; ++a) offer_all(w, a, tile);
          continue;
        }
        if (!has_keys) {
          tiles.keys(tile, std::min(kTile, end_column_ - tile), keys.get());
          has_keys = true;
        }
        search(w, tile, keys.get(), limits.data() + static_cast<int64_t>(w) * anchors_.size());
        if (nominated_ > most) return false;
      }
    }
    evaluated_ += nominated_;
    return true;
  }

  int64_t evaluated() const { return evaluated_; }

  // What was chosen for an anchor, as a column.
  const Least<T>& found(size_t choice, int64_t anchor) const {
    return found_[choice * kTile + static_cast<size_t>(anchor - anchors_.begin)];
  }

 private:
  // Where fewer pairs of a tile are wanted than one in so many, they are evaluated one by one.
  static constexpr int64_t kPairsOfSingle = 4;

  static PairSide side_of(const Wanted<T>& wanted) {
    return wanted.choice().side == Side::kPositives ? kPositive : kNegative;
  }
  static int64_t of(const SideCounts& counts, const Wanted<T>& wanted) {
    return wanted.choice().side == Side::kPositives ? counts.positives : counts.negatives;
  }
  int64_t wanted_pairs(const SideCounts& counts) const {
    int64_t pairs = 0;
    for (const Wanted<T>& wanted : wanted_) pairs += of(counts, wanted);
    return pairs;
  }

  // Of the columns of the tile that was read last.
  uint8_t* sides_of(int64_t anchor) {
    return sides_.get() + (anchor - anchors_.begin) * kColumnsAtOnce + at_once_;
  }

  // Reads what the positions of a tile are to the anchors. Tiles are read one after the other.
  SideCounts read(int64_t tile, int64_t origin) {
    at_once_ = (tile - origin) % kColumnsAtOnce;
    if (at_once_ == 0) {
      const int64_t begin = std::max(first_column_ - tile, int64_t{0});
      const int64_t end = std::min(kColumnsAtOnce, end_column_ - tile);
      for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
        uint8_t* const sides = sides_of(a);
        std::fill(sides, sides + begin, uint8_t{kNeither});
        relation_.read(a, tile + begin - first_column_, end - begin, sides + begin);
        std::fill(sides + end, sides + kColumnsAtOnce, uint8_t{kNeither});
      }
    }
    return count_sides();
  }

  SideCounts count_sides() {
    alignas(64) uint8_t positives[kTile] = {};
    alignas(64) uint8_t negatives[kTile] = {};
    static_assert(kTile <= std::numeric_limits<uint8_t>::max());
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      every_[i] = row_kernels().add_sides(sides_of(anchors_.begin + i), positives, negatives);
    }
    SideCounts counts;
    for (int64_t j = 0; j < kTile; ++j) {
      counts.positives += positives[j];
      counts.negatives += negatives[j];
    }
    return counts;
  }

  // Evaluates those pairs of a tile of which keys tell nothing, and takes them out of it. Whether
  // there may have been some.
  template <typename Tiles>
  bool offer_apart(const Tiles& tiles, int64_t tile) {
    bool any = false;
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      if (!tiles.is_apart(i)) continue;
      any = true;
      offer_all(anchors_.begin + i, tile);
      std::fill_n(sides_of(anchors_.begin + i), kTile, uint8_t{kNeither});
    }
    const std::vector<int64_t>& apart = tiles.apart();
    auto next = std::lower_bound(apart.begin(), apart.end(), tile - first_column_);
    for (; next != apart.end() && *next < tile - first_column_ + kTile; ++next) {
      any = true;
      const int64_t j = *next + first_column_ - tile;
      for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
        for (size_t w = 0; w < wanted_.size(); ++w) {
          if (sides_of(a)[j] == side_of(wanted_[w])) offer(w, a, tile + j);
        }
        sides_of(a)[j] = kNeither;
      }
    }
    return any;
  }

  // The least key of each row that is admitted for certain says up to which key a pair may still
  // be the least by the pair kernel; those pairs that may be admitted are given to it.
  template <typename Bound>
  void search(size_t w, int64_t tile, const int32_t* keys, Limit<Bound>* limits) {
    const RowKernels& kernels = row_kernels();
    const PairSide side = side_of(wanted_[w]);
    const int32_t turn = wanted_[w].farthest() ? -1 : 0;
    alignas(64) int32_t own[kTile];
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      if ((every_[i] & side) == 0) continue;
      Limit<Bound>& limit = limits[i];
      const int32_t from = limit.from;
      const int64_t anchor = anchors_.begin + i;
      const LeastKeys least = kernels.keys_of_side(keys + i * kTile, sides_of(anchor), side, turn,
                                                   from, limit.certain, own);
      limit.keys.lower_limit(limit.certain, least.above_certain, limit.most);
      const bool any = limit.most >= from && least.above_from <= static_cast<uint32_t>(limit.most) -
                                                                     static_cast<uint32_t>(from);
      if (!any) continue;
      for (int64_t j = 0; j < kTile; ++j) {
        if (own[j] < from || own[j] > limit.most) continue;
        ++nominated_;
        const T value = wanted_[w].value(anchor, tile + j);
        if (take(w, anchor, value, tile + j)) limit.keys.lower_limit(value, limit.most);
      }
    }
  }

  // All pairs that an anchor has in a tile, for one choice or for all.
  void offer_all(size_t w, int64_t anchor, int64_t tile) {
    if ((every_[anchor - anchors_.begin] & side_of(wanted_[w])) == 0) return;
    each_of_side(sides_of(anchor), side_of(wanted_[w]),
                 [&](int64_t j) { offer(w, anchor, tile + j); });
  }
  void offer_all(int64_t anchor, int64_t tile) {
    for (size_t w = 0; w < wanted_.size(); ++w) offer_all(w, anchor, tile);
  }

  void offer(size_t w, int64_t anchor, int64_t position) {
    ++evaluated_;
    take(w, anchor, wanted_[w].value(anchor, position), position);
  }

  // Whether the value is less than all of the anchor so far.
  bool take(size_t w, int64_t anchor, T value, int64_t position) {
    Least<T>& found = found_[w * kTile + static_cast<size_t>(anchor - anchors_.begin)];
    if (!(value <= found.value) || !wanted_[w].admits(anchor, value)) return false;
    const bool is_less = value < found.value;
    found.take(value, position - first_column_);
    return is_less;
  }

  const PackedRows<T>& rows_;
  const Relation& relation_;
  const int64_t first_column_;
  const int64_t end_column_;
  const std::vector<Wanted<T>>& wanted_;
  const PairValues<T> values_;
  const Block anchors_;
  std::vector<Least<T>> found_;
  AlignedArray<uint8_t> sides_;  // of each anchor, kColumnsAtOnce
  int64_t at_once_ = 0;          // where those of the tile begin among them
  uint8_t every_[kTile] = {};    // all sides that an anchor has in the tile
  int64_t evaluated_ = 0;
  int64_t nominated_ = 0;
};

}  // namespace

template <typename T>
RelatedChooser<T>::RelatedChooser(const PackedRows<T>& rows, const RelatedBatch& batch,
                                  Nearness nearness, Screening screening, const Parallel& parallel)
    : rows_(rows), batch_(batch), nearness_(nearness), parallel_(parallel) {
  if (screening == Screening::kOff || batch.relation.anchors() < kLeastAnchors ||
      batch.relation.columns() < kLeastColumns || !rows.finite()) {
    return;
  }
  if (nearness == Nearness::kDot) {
    products_.emplace(rows, batch.first_column(), batch.relation.columns(), parallel);
    if (!products_->usable()) products_.reset();
    return;
  }
  screen_.emplace(rows, parallel);
  if (!screen_->usable()) screen_.reset();
}

template <typename T>
std::vector<Chosen<T>> RelatedChooser<T>::choose(const std::vector<Choice>& choices) const {
  std::vector<Wanted<T>> wanted;
  for (const Choice& choice : choices) wanted.emplace_back(rows_, nearness_, choice, nullptr);
  return choose(wanted);
}

template <typename T>
Chosen<T> RelatedChooser<T>::choose(const Choice& choice, const std::vector<T>& beyond) const {
  return std::move(
      choose(std::vector<Wanted<T>>{Wanted<T>(rows_, nearness_, choice, &beyond)}).front());
}

template <typename T>
std::vector<Chosen<T>> RelatedChooser<T>::choose(const std::vector<Wanted<T>>& wanted) const {
  const int64_t anchors = batch_.relation.anchors();
  std::vector<Chosen<T>> chosen(wanted.size());
  for (Chosen<T>& one : chosen) one.found.resize(static_cast<size_t>(anchors));
  const int64_t work = anchors * batch_.relation.columns() * std::max<int64_t>(rows_.width(), 1);
  std::atomic<int64_t> evaluated{0};
  const int64_t width = block_of(anchors);
  const bool has_screen = screen_ || products_;
  run(parallel_, has_screen ? work / 2 : work, (anchors + width - 1) / width,
      [&](int64_t begin, int64_t end) {
        for (int64_t number = begin; number < end; ++number) {
          const Block block(number, width, anchors);
          AnchorScan<T> scan(rows_, batch_, wanted, nearness_, block);
          const int64_t first = batch_.first_column();
          const bool done =
              (screen_ && scan.screened(DistanceTiles<T>(*screen_, nearness_, block, first))) ||
              (products_ && scan.screened(ProductTiles<T>(*products_, block, first)));
          if (!done) scan.plain();
          for (size_t w = 0; w < wanted.size(); ++w) {
            for (int64_t a = block.begin; a < block.end; ++a) {
              chosen[w].found[static_cast<size_t>(a)] = scan.found(w, a);
            }
          }
          evaluated.fetch_add(scan.evaluated(), std::memory_order_relaxed);
        }
      });
  if (!chosen.empty()) chosen.front().evaluated = evaluated.load();
  return chosen;
}

template class RelatedChooser<float>;
template class RelatedChooser<double>;

}  // namespace tripoint::cpu
