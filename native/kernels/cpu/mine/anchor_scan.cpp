#include "kernels/cpu/mine/anchor_scan.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kIntegerTile;

// Screening of a block ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 32;

// Where a tile has at most one pair of a side in so many, they are evaluated without their keys.
constexpr int64_t kPairsOfFew = 256;

// Where no more pairs of a tile are wanted than one in so many, they are evaluated one by one.
constexpr int64_t kPairsOfSingle = 4;

struct LeastKeys {
  uint32_t above_from;
  uint32_t above_certain;
};

struct RowKernels {
  LeastKeys (*keys_of_side)(const int32_t* keys, const uint8_t* sides, uint8_t side, int32_t turn,
                            int32_t from, int32_t certain, int32_t* target);
};

#define TRIPOINT_BODY "kernels/cpu/mine/anchor_scan_body.inc"
#include "kernels/cpu/base/each_set.inc"

const RowKernels& row_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

PairSide side_of(Side side) { return side == Side::kPositives ? kPositive : kNegative; }

}  // namespace

// What keys tell of a choice of one anchor so far.
template <typename T>
template <typename Bound>
struct AnchorScan<T>::Limit {
  ChoiceKeys<Bound> keys;
  int32_t from = 0;
  int32_t certain = 0;
  int32_t most;

  Limit(const Bound& bound, const Choice& choice) : keys(bound, choice), most(keys.last()) {}
};

template <typename T>
void AnchorScan<T>::plain() {
  std::fill(found_.begin(), found_.end(), Least<T>());
  T values[kTile];
  for (int64_t tile = first_column_; tile < end_column_; tile += kTile) {
    const int64_t count = std::min(kTile, end_column_ - tile);
    sides_.read(tile, first_column_);
    int64_t pairs = 0;
    for (const Wanted<T>& wanted : wanted_) pairs += pairs_of(wanted);
    const bool few = pairs * kPairsOfSingle <= anchors_.size() * count;
    for (int64_t a = anchors_.begin; a < anchors_.end; ++a) {
      if (few) {
        offer_all(a, tile);
        continue;
      }
      values_.of(rows_, a, rows_, tile, count, values);
      evaluated_ += count;
      const uint8_t* const sides = sides_.of(a - anchors_.begin);
      for (size_t w = 0; w < wanted_.size(); ++w) {
        const PairSide side = side_of(wanted_[w].choice().side);
        for (int64_t j = 0; j < count; ++j) {
          if (sides[j] == side) take(w, a, wanted_[w].turned(values[j]), tile + j);
        }
      }
    }
  }
}

template <typename T>
template <typename Tiles>
bool AnchorScan<T>::screened_by(const Tiles& tiles) {
  const int64_t most = anchors_.size() * relation_.columns() / kPairsOfEvaluation;
  std::vector<Limit<typename Tiles::Bound>> limits;
  limits.reserve(wanted_.size() * static_cast<size_t>(anchors_.size()));
  for (const Wanted<T>& wanted : wanted_) {
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      auto& limit = limits.emplace_back(tiles.bound(i), wanted.choice());
      limit.keys.set(wanted.beyond(anchors_.begin + i), limit.from, limit.certain);
    }
  }
  const AlignedArray<int32_t> keys = aligned_array<int32_t>(kTile * kTile);
  for (int64_t tile = tiles.origin(); tile < end_column_; tile += kTile) {
    sides_.read(tile, tiles.origin());
    offer_apart(tiles, tile);
    bool has_keys = false;
    for (size_t w = 0; w < wanted_.size(); ++w) {
      if (pairs_of(wanted_[w]) * kPairsOfFew <= anchors_.size() * kTile) {
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

template <typename T>
template <typename Tiles>
void AnchorScan<T>::offer_apart(const Tiles& tiles, int64_t tile) {
  bool any = false;
  for (int64_t i = 0; i < anchors_.size(); ++i) {
    if (!tiles.is_apart(i)) continue;
    any = true;
    offer_all(anchors_.begin + i, tile);
    std::fill_n(sides_.of(i), kTile, uint8_t{kNeither});
  }
  const std::vector<int64_t>& apart = tiles.apart();
  const int64_t first = tile - first_column_;
  for (auto next = std::lower_bound(apart.begin(), apart.end(), first);
       next != apart.end() && *next < first + kTile; ++next) {
    any = true;
    const int64_t j = *next - first;
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      uint8_t& side = sides_.of(i)[j];
      for (size_t w = 0; w < wanted_.size(); ++w) {
        if (side == side_of(wanted_[w].choice().side)) offer(w, anchors_.begin + i, tile + j);
      }
      side = kNeither;
    }
  }
  if (any) sides_.count();
}

template <typename T>
template <typename Bound>
void AnchorScan<T>::search(size_t choice, int64_t tile, const int32_t* keys, Limit<Bound>* limits) {
  const RowKernels& kernels = row_kernels();
  const Wanted<T>& wanted = wanted_[choice];
  const PairSide side = side_of(wanted.choice().side);
  const int32_t turn = wanted.farthest() ? -1 : 0;
  alignas(64) int32_t own[kTile];
  for (int64_t i = 0; i < anchors_.size(); ++i) {
    if (!sides_.any(i, side)) continue;
    Limit<Bound>& limit = limits[i];
    const int32_t from = limit.from;
    const LeastKeys least =
        kernels.keys_of_side(keys + i * kTile, sides_.of(i), side, turn, from, limit.certain, own);
    limit.keys.lower_limit(limit.certain, least.above_certain, limit.most);
    const bool any = limit.most >= from && least.above_from <= static_cast<uint32_t>(limit.most) -
                                                                   static_cast<uint32_t>(from);
    if (!any) continue;
    const int64_t anchor = anchors_.begin + i;
    for (int64_t j = 0; j < kTile; ++j) {
      if (own[j] < from || own[j] > limit.most) continue;
      ++nominated_;
      const T value = wanted.value(anchor, tile + j);
      if (take(choice, anchor, value, tile + j)) limit.keys.lower_limit(value, limit.most);
    }
  }
}

template <typename T>
void AnchorScan<T>::offer_all(size_t choice, int64_t anchor, int64_t tile) {
  const int64_t number = anchor - anchors_.begin;
  const PairSide side = side_of(wanted_[choice].choice().side);
  if (!sides_.any(number, side)) return;
  sides_.each(number, side, [&](int64_t j) { offer(choice, anchor, tile + j); });
}

template <typename T>
void AnchorScan<T>::offer_all(int64_t anchor, int64_t tile) {
  for (size_t w = 0; w < wanted_.size(); ++w) offer_all(w, anchor, tile);
}

template <typename T>
void AnchorScan<T>::offer(size_t choice, int64_t anchor, int64_t position) {
  ++evaluated_;
  take(choice, anchor, wanted_[choice].value(anchor, position), position);
}

template <typename T>
bool AnchorScan<T>::take(size_t choice, int64_t anchor, T value, int64_t position) {
  Least<T>& found = found_[place_of(choice, anchor)];
  if (!(value <= found.value) || !wanted_[choice].admits(anchor, value)) return false;
  const bool is_less = value < found.value;
  found.take(value, position - first_column_);
  return is_less;
}

template class AnchorScan<float>;
template class AnchorScan<double>;
template bool AnchorScan<float>::screened_by(const DistanceTiles<float>&);
template bool AnchorScan<float>::screened_by(const ProductTiles<float>&);
template bool AnchorScan<double>::screened_by(const DistanceTiles<double>&);
template bool AnchorScan<double>::screened_by(const ProductTiles<double>&);

}  // namespace tripoint::cpu
