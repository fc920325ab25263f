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
  SideCounts (*count_sides)(const uint8_t* sides, int64_t count);
  LeastKeys (*keys_of_side)(const int32_t* keys, const uint8_t* sides, int64_t count, uint8_t side,
                            int32_t turn, int32_t from, int32_t certain, int32_t* target);
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

// The choices of a block of anchors. Columns are looked at by their positions, in tiles that begin
// where those of a screen do.
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
        sides_(aligned_array<uint8_t>(kTile * kTile)) {}

  // By all values.
  void plain() {
    std::fill(found_.begin(), found_.end(), Least<T>());
    T values[kTile];
    for (int64_t tile = first_tile(); tile < end_column_; tile += kTile) {
      const int64_t first = std::max(tile, first_column_);
      const int64_t count = std::min(tile + kTile, end_column_) - first;
      for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
        const SideCounts counts = read(a, tile);
        int64_t pairs = 0;
        for (const Wanted<T>& wanted : wanted_) pairs += of(counts, wanted);
        if (pairs * kPairsOfSingle <= count) {
          for (size_t w = 0; w < wanted_.size(); ++w) offer_all(w, a, tile);
          continue;
        }
        values_.of(rows_, a, rows_, first, count, values);
        evaluated_ += count;
        const uint8_t* const sides = sides_of(a) + (first - tile);
        for (size_t w = 0; w < wanted_.size(); ++w) {
          const PairSide side = side_of(wanted_[w]);
          for (int64_t j = 0; j < count; ++j) {
            if (sides[j] == side) take(w, a, wanted_[w].turned(values[j]), first + j);
          }
        }
      }
    }
  }

  // By the keys of a screen. False where it leaves too many pairs.
  bool screened(const Screen<T>& screen, Nearness nearness) {
    const int64_t most = anchors_.size() * relation_.columns() / kPairsOfEvaluation;
    std::vector<Limits> limits;
    for (const Wanted<T>& wanted : wanted_) {
      limits.emplace_back(DistanceBound<T>(screen, nearness), wanted, anchors_);
    }
    const AlignedArray<int32_t> keys = aligned_array<int32_t>(kTile * kTile);
    for (int64_t tile = first_tile(); tile < end_column_; tile += kTile) {
      SideCounts counts;
      for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
        const SideCounts some = read(a, tile);
        counts.positives += some.positives;
        counts.negatives += some.negatives;
      }
      bool has_keys = false;
      for (size_t w = 0; w < wanted_.size(); ++w) {
        if (of(counts, wanted_[w]) * kPairsOfFew <= anchors_.size() * kTile) {
          for (int64_t a = anchors_.begin; a < anchors_.end; ++a) offer_all(w, a, tile);
          continue;
        }
        if (!has_keys) {
          screen.tile(anchors_.begin, anchors_.size(), tile, std::min(kTile, end_column_ - tile),
                      keys.get());
          has_keys = true;
        }
        search(w, tile, keys.get(), limits[w]);
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
  // Where fewer pairs of a row are wanted than one in so many, they are evaluated one by one.
  static constexpr int64_t kPairsOfSingle = 4;

  // What keys tell of a choice so far.
  struct Limits {
    ChoiceKeys<DistanceBound<T>> keys;
    int32_t from[kTile];
    int32_t certain[kTile];
    int32_t limit[kTile];

    Limits(const DistanceBound<T>& bound, const Wanted<T>& wanted, const Block& anchors)
        : keys(bound, wanted.choice()) {
      for (int64_t i = 0; i < anchors.size(); ++i) {
        keys.set(wanted.beyond(anchors.begin + i), from[i], certain[i]);
        limit[i] = keys.last();
      }
    }
  };

  static PairSide side_of(const Wanted<T>& wanted) {
    return wanted.choice().side == Side::kPositives ? kPositive : kNegative;
  }
  static int64_t of(const SideCounts& counts, const Wanted<T>& wanted) {
    return wanted.choice().side == Side::kPositives ? counts.positives : counts.negatives;
  }

  int64_t first_tile() const { return first_column_ / kTile * kTile; }

  uint8_t* sides_of(int64_t anchor) { return sides_.get() + (anchor - anchors_.begin) * kTile; }

  // Reads what the positions of a tile are to an anchor.
  SideCounts read(int64_t anchor, int64_t tile) {
    uint8_t* const sides = sides_of(anchor);
    const int64_t begin = std::max(first_column_ - tile, int64_t{0});
    const int64_t end = std::min(kTile, end_column_ - tile);
    std::fill(sides, sides + begin, uint8_t{kNeither});
    relation_.read(anchor, tile + begin - first_column_, end - begin, sides + begin);
    std::fill(sides + end, sides + kTile, uint8_t{kNeither});
    return row_kernels().count_sides(sides, kTile);
  }

  // The least key of each row that is admitted for certain says up to which key a pair may still
  // be the least by the pair kernel; those pairs that may be admitted are given to it.
  void search(size_t w, int64_t tile, const int32_t* keys, Limits& limits) {
    const PairSide side = side_of(wanted_[w]);
    const int32_t turn = wanted_[w].farthest() ? -1 : 0;
    alignas(64) int32_t own[kTile];
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      const int64_t anchor = anchors_.begin + i;
      const int32_t from = limits.from[i];
      int32_t& limit = limits.limit[i];
      const LeastKeys least = row_kernels().keys_of_side(keys + i * kTile, sides_of(anchor), kTile,
                                                         side, turn, from, limits.certain[i], own);
      limits.keys.lower_limit(limits.certain[i], least.above_certain, limit);
      const bool any = limit >= from && least.above_from <= static_cast<uint32_t>(limit) -
                                                                static_cast<uint32_t>(from);
      if (!any) continue;
      for (int64_t j = 0; j < kTile; ++j) {
        if (own[j] < from || own[j] > limit) continue;
        ++nominated_;
        const T value = wanted_[w].value(anchor, tile + j);
        if (take(w, anchor, value, tile + j)) limits.keys.lower_limit(value, limit);
      }
    }
  }

  void offer_all(size_t w, int64_t anchor, int64_t tile) {
    each_of_side(sides_of(anchor), side_of(wanted_[w]), [&](int64_t j) {
      ++evaluated_;
      take(w, anchor, wanted_[w].value(anchor, tile + j), tile + j);
    });
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
  AlignedArray<uint8_t> sides_;
  int64_t evaluated_ = 0;
  int64_t nominated_ = 0;
};

}  // namespace

template <typename T>
RelatedChooser<T>::RelatedChooser(const PackedRows<T>& rows, const RelatedBatch& batch,
                                  Nearness nearness, Screening screening, const Parallel& parallel)
    : rows_(rows), batch_(batch), nearness_(nearness), parallel_(parallel) {
  if (screening == Screening::kOff || batch.relation.anchors() < kLeastAnchors ||
      batch.relation.columns() < kLeastColumns || !rows.finite() || nearness == Nearness::kDot) {
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
  run(parallel_, screen_ ? work / 2 : work, (anchors + width - 1) / width,
      [&](int64_t begin, int64_t end) {
        for (int64_t number = begin; number < end; ++number) {
          const Block block(number, width, anchors);
          AnchorScan<T> scan(rows_, batch_, wanted, nearness_, block);
          if (!screen_ || !scan.screened(*screen_, nearness_)) scan.plain();
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
