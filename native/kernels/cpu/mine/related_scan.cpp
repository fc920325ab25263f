#include "kernels/cpu/mine/related_scan.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

namespace tripoint::cpu {
namespace {

constexpr int64_t kMostAnchors = kFloatTile;
constexpr int64_t kLeastAnchors = 8;
constexpr int64_t kLeastBlocks = 8;
constexpr int64_t kColumnsAtOnce = 256;

// Enough blocks for many threads, of as many anchors as that leaves.
int64_t block_of(int64_t anchors) {
  return std::clamp((anchors + kLeastBlocks - 1) / kLeastBlocks, kLeastAnchors, kMostAnchors);
}

template <typename T>
constexpr T kLowest = -std::numeric_limits<T>::infinity();

// Adds all that are marked, so many.
template <typename T>
void add_marked(int64_t first, const uint8_t* marks, const T* values, int64_t count,
                ColumnValues<T>& found) {
  constexpr int64_t kFew = kFloatTile / 6;
  if (count <= kFew) {
    each_mark(marks, [&](int64_t j) { found.add(first + j, values[j]); });
    return;
  }
  int32_t columns[kFloatTile];
  T taken[kFloatTile];
  int64_t next = 0;
  for (int64_t j = 0; j < kFloatTile; ++j) {
    columns[next] = static_cast<int32_t>(first + j);
    taken[next] = values[j];
    next += marks[j] != 0 ? 1 : 0;
  }
  found.columns.insert(found.columns.end(), columns, columns + next);
  found.values.insert(found.values.end(), taken, taken + next);
}

// Columns whose values may be the least of an anchor, by what they are at least.
template <typename T>
class Contenders {
 public:
  T limit() const { return limit_; }  // the least value is not above
  void lower_limit(T most) { limit_ = std::min(limit_, most); }

  void add(int64_t column, T least) {
    if (least <= limit_) all_.add(column, least);
  }

  template <typename Value>
  T least(Value&& value) const {
    T least = std::numeric_limits<T>::infinity();
    for (size_t i = 0; i < all_.values.size(); ++i) {
      if (all_.values[i] <= limit_) least = std::min(least, value(all_.columns[i]));
    }
    return least;
  }

 private:
  T limit_ = std::numeric_limits<T>::infinity();
  ColumnValues<T> all_;
};

}  // namespace

template <typename T>
RelatedScan<T>::RelatedScan(const RelatedBatch& batch, Nearness nearness, bool normalize,
                            Screening screening, const Parallel& parallel)
    : relation_(batch.relation),
      nearness_(nearness),
      parallel_(parallel),
      rows_(batch, packing_of(nearness), parallel, normalize),
      values_(nearness, std::nullopt, std::nullopt),
      screen_(rows_, nearness, screening, parallel),
      first_column_(batch.first_column()),
      block_(block_of(relation_.anchors())) {}

template <typename T>
RelatedScan<T>::Anchors::Anchors(const RelatedScan& scan, const Block& block)
    : scan_(scan),
      block_(block),
      stride_((scan.relation_.columns() + kFloatTile - 1) / kFloatTile * kFloatTile),
      sides_(static_cast<size_t>(block.size() * stride_)) {
  const int64_t columns = scan.relation_.columns();
  for (int64_t i = 0; i < size(); ++i) {
    scan.relation_.read(anchor(i), 0, columns, sides_.data() + i * stride_);
  }
}

template <typename T>
void RelatedScan<T>::Anchors::positives(int64_t number, ColumnValues<T>& found) const {
  found.clear();
  const int64_t columns = scan_.relation_.columns();
  const uint8_t* const side = sides(number);
  for (int64_t column = 0; column < columns; ++column) {
    const void* const next =
        std::memchr(side + column, kPositive, static_cast<size_t>(columns - column));
    if (next == nullptr) return;
    column = static_cast<const uint8_t*>(next) - side;
    T value;
    scan_.values(anchor(number), column, 1, &value);
    if (std::isfinite(value)) found.add(column, value);
  }
}

template <typename T>
void RelatedScan<T>::Anchors::negatives(const std::vector<NegativesWanted<T>>& wanted,
                                        std::vector<NegativesFound<T>>& found) const {
  bool any = false;
  for (NegativesFound<T>& of_anchor : found) {
    of_anchor.inside.clear();
    of_anchor.nearest = std::numeric_limits<T>::infinity();
  }
  for (const NegativesWanted<T>& want : wanted) any = any || want.any();
  if (!any) return;
  if (scan_.screen_.usable()) {
    screen(wanted, found);
    return;
  }
  for (int64_t i = 0; i < size(); ++i) {
    evaluate(i, wanted[static_cast<size_t>(i)], found[static_cast<size_t>(i)]);
  }
}

template <typename T>
void RelatedScan<T>::Anchors::evaluate(int64_t number, const NegativesWanted<T>& wanted,
                                       NegativesFound<T>& found) const {
  if (!wanted.any()) return;
  const int64_t columns = scan_.relation_.columns();
  T values[kColumnsAtOnce];
  for (int64_t first = 0; first < columns; first += kColumnsAtOnce) {
    const int64_t count = std::min(kColumnsAtOnce, columns - first);
    scan_.values(anchor(number), first, count, values);
    for (int64_t j = 0; j < count; ++j) {
      if (sides(number)[first + j] != kNegative || !std::isfinite(values[j])) continue;
      if (wanted.nearest) found.nearest = std::min(found.nearest, values[j]);
      if (wanted.range.holds(values[j])) found.inside.add(first + j, values[j]);
    }
  }
}

template <typename T>
void RelatedScan<T>::Anchors::screen(const std::vector<NegativesWanted<T>>& wanted,
                                     std::vector<NegativesFound<T>>& found) const {
  const int64_t columns = scan_.relation_.columns();
  const auto value = [&](int64_t number, int64_t column) {
    T value;
    scan_.values(anchor(number), column, 1, &value);
    return value;
  };
  std::vector<Contenders<T>> contenders(static_cast<size_t>(size()));
  typename FloatScreen<T>::Tiles tiles(scan_.screen_, anchor(0), size());
  for (int64_t first = 0; first < columns; first += kFloatTile) {
    const int64_t count = std::min(kFloatTile, columns - first);
    tiles.take(scan_.first_column_ + first, count);
    for (int64_t i = 0; i < size(); ++i) {
      const NegativesWanted<T>& want = wanted[static_cast<size_t>(i)];
      if (!want.any()) continue;
      const uint8_t* const side = sides(i) + first;
      alignas(64) uint8_t marks[kFloatTile];
      if (want.nearest) {
        Contenders<T>& nearest = contenders[static_cast<size_t>(i)];
        if (tiles.nominate(i, side, kLowest<T>, nearest.limit(), marks) > 0) {
          each_mark(marks,
                    [&](int64_t j) { nearest.lower_limit(tiles.value(i, j) + tiles.doubt(i, j)); });
          each_mark(marks, [&](int64_t j) {
            nearest.add(first + j, tiles.value(i, j) - tiles.doubt(i, j));
          });
        }
      }
      const int64_t nominees = tiles.nominate(i, side, want.range.above, want.range.upto, marks);
      if (nominees == 0) continue;
      ColumnValues<T>& inside = found[static_cast<size_t>(i)].inside;
      if (!tiles.doubt(i, want.cuts, nominees, marks)) {
        add_marked(first, marks, tiles.values(i), nominees, inside);
        continue;
      }
      each_mark(marks, [&](int64_t j) {
        const T known = marks[j] == kDoubtful ? value(i, first + j) : tiles.value(i, j);
        if (want.range.holds(known)) inside.add(first + j, known);
      });
    }
  }
  for (int64_t i = 0; i < size(); ++i) {
    if (!wanted[static_cast<size_t>(i)].nearest) continue;
    found[static_cast<size_t>(i)].nearest =
        contenders[static_cast<size_t>(i)].least([&](int64_t column) { return value(i, column); });
  }
}

template class RelatedScan<float>;
template class RelatedScan<double>;

}  // namespace tripoint::cpu
