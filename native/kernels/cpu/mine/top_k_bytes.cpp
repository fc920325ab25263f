#include "kernels/cpu/mine/top_k_bytes.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <mutex>

namespace tripoint::cpu {
namespace {

// Queries of a tile: they and a panel stay in the first cache.
constexpr int64_t kQueryTile = 8 * kByteRows;
static_assert(kQueryTile <= 64);

constexpr int64_t kMostQueries = 4096;
constexpr int64_t kBytesOfNearest = int64_t{5} << 20;

// Pairs that wait in a thread before it evaluates them and hands them over.
constexpr size_t kWaiting = 512;

// Rows of a sample: one of so many of the corpus, and of the sample one in so many that need not
// fit into bytes; the others have a little to spare.
constexpr int64_t kLeastSampled = 512;
constexpr int64_t kMostSampled = 4096;
constexpr int64_t kRowsOfSampled = 32;
constexpr int64_t kOutliers = 1024;
constexpr double kSpare = 1.03;

// Groups of a sample's rows for each row that is wanted: then the k-th nearest of the groups'
// nearest is little farther than the k-th nearest row.
constexpr int64_t kGroupsOfWanted = 4;

// Rows that are fetched before they are put into bytes.
constexpr int64_t kRowsAhead = 8;

// Of a row to which the bound leaves nothing.
constexpr int32_t kGaveUp = std::numeric_limits<int32_t>::max();

// Beyond this many pairs of one query, wider numbers or the plain scan are faster.
int64_t most_evaluated(int64_t rows, int64_t k) {
  const double turns = 1 + std::log(static_cast<double>(rows) / static_cast<double>(k));
  return rows / 16 + static_cast<int64_t>(4 * static_cast<double>(k) * turns);
}

// The greatest but for one in kOutliers.
double usual_most(std::vector<double>& values) {
  const auto last = values.end() - 1 - static_cast<int64_t>(values.size()) / kOutliers;
  std::nth_element(values.begin(), last, values.end());
  return *last;
}

}  // namespace

bool fits_into_bytes(const FloatMatrix& corpus) { return corpus.columns <= kMostByteColumns; }

// Some queries in bytes, and what is found for each.
template <typename T>
struct TopKBytes<T>::Batch {
  int64_t padded;  // to whole groups
  int64_t quads;
  AlignedArray<int8_t> bytes;
  std::vector<ByteBound> bounds;
  std::vector<int32_t> least;  // of the sums that are looked at
  std::vector<int64_t> evaluated;
  std::vector<Nearest<T>> nearest;
  std::vector<std::mutex> locks;  // of the queries of a tile

  Batch(int64_t size, int64_t columns)
      : padded(parts_of(size, kByteRows) * kByteRows),
        quads((columns + 3) / 4),
        bytes(aligned_array<int8_t>(static_cast<size_t>(padded * 4 * quads))),
        bounds(static_cast<size_t>(size)),
        least(static_cast<size_t>(padded), kGaveUp),
        evaluated(static_cast<size_t>(size)),
        nearest(static_cast<size_t>(size)),
        locks(static_cast<size_t>(parts_of(size, kQueryTile))) {
    std::memset(bytes.get(), 0, static_cast<size_t>(padded * 4 * quads));
  }

  int8_t* row(int64_t query) const { return bytes.get() + query * 4 * quads; }
};

template <typename T>
TopKBytes<T>::TopKBytes(const FloatMatrix& corpus, const TopK& wanted, const Parallel& parallel)
    : corpus_(corpus),
      wanted_(wanted),
      parallel_(parallel),
      metric_(packing_of(wanted.nearness)),
      kind_(wanted.nearness == Nearness::kDot ? KeyKind::kProduct : KeyKind::kSquaredDistance),
      width_(padded_width<T>(corpus.columns)),
      most_evaluated_(most_evaluated(corpus.rows, wanted.k)),
      admission_(wanted),
      values_(wanted.nearness, wanted.least, wanted.greatest),
      centre_(static_cast<size_t>(width_), 0) {
  const int64_t size =
      std::clamp(corpus.rows / kRowsOfSampled, std::min(corpus.rows, kLeastSampled), kMostSampled);
  const PackedRows<T> rows = sample_of<T>(corpus, size, metric_, parallel);
  measure(rows);
  const bool is_near_end_open =
      wanted.nearness == Nearness::kDot ? !wanted.greatest : !wanted.least;
  if (is_near_end_open && wanted.skipped == nullptr) sample_ = panels_of(rows, Apart::kNever);
}

// Finds the unit, and what most rows have for a residue and a length.
template <typename T>
void TopKBytes<T>::measure(const PackedRows<T>& sample) {
  if (kind_ == KeyKind::kSquaredDistance) centre_ = centre_of(sample, kRowsOfCentre);
  std::vector<double> greatest;
  for (int64_t p = 0; p < sample.size(); ++p) {
    double most = 0;
    for (size_t k = 0; k < centre_.size(); ++k) {
      most = std::max(most, std::abs(static_cast<double>(sample.row(p)[k]) - centre_[k]));
    }
    greatest.push_back(std::isfinite(most) ? most : 0);
  }
  per_unit_ = static_cast<T>(127 / usual_most(greatest));
  std::vector<double> residues;
  std::vector<double> lengths;
  std::vector<int8_t> bytes(static_cast<size_t>(width_));
  for (int64_t p = 0; p < sample.size(); ++p) {
    const ByteRow row =
        put_into_bytes(sample.row(p), centre_.data(), per_unit_, width_, bytes.data());
    residues.push_back(std::isfinite(row.residue) ? row.residue : 0);
    lengths.push_back(std::sqrt(static_cast<double>(row.square)));
  }
  columns_ = {kSpare * usual_most(residues) + 0.01, kSpare * usual_most(lengths) + 1};
}

template <typename T>
int64_t TopKBytes<T>::most_queries(int64_t k) {
  const int64_t most = kBytesOfNearest / Nearest<T>::bytes(k);
  return std::clamp(most, kQueryTile, kMostQueries) / kQueryTile * kQueryTile;
}

// As ByteBound takes it.
template <typename T>
double TopKBytes<T>::as_bounded(T value) const {
  const auto wide = static_cast<double>(value);
  return wanted_.nearness == Nearness::kDot || wanted_.nearness == Nearness::kCosine ? 2 * wide
                                                                                     : wide;
}

// The far end of the window, as ByteBound takes it.
template <typename T>
std::optional<double> TopKBytes<T>::farthest() const {
  switch (wanted_.nearness) {
    case Nearness::kDot:
      if (!wanted_.least) return std::nullopt;
      return -2 * *wanted_.least;
    case Nearness::kCosine:
      if (!wanted_.greatest) return std::nullopt;
      return 2 * *wanted_.greatest;
    case Nearness::kSquaredEuclidean:
      return wanted_.greatest;
    case Nearness::kEuclidean:
      break;
  }
  if (!wanted_.greatest) return std::nullopt;
  return *wanted_.greatest < 0 ? *wanted_.greatest : *wanted_.greatest * *wanted_.greatest;
}

template <typename T>
bool TopKBytes<T>::set(const QueryRows<T>& queries, const std::vector<uint8_t>& left,
                       Batch& batch) const {
  const auto usable = [](T per_unit) {
    return std::isnormal(per_unit) && std::isnormal(1 / per_unit) &&
           std::isnormal(static_cast<double>(per_unit) * static_cast<double>(per_unit));
  };
  if (!usable(per_unit_)) return false;
  const std::optional<double> far = farthest();
  const bool products = kind_ == KeyKind::kProduct;
  std::vector<int8_t> bytes(static_cast<size_t>(width_));
  bool any = false;
  for (int64_t q = 0; q < queries.size(); ++q) {
    const auto at = static_cast<size_t>(q);
    const T* const row = queries.rows.row(q);
    if (left[at] == 0 || queries.rows.has_deficit(q)) continue;
    // Products order the same whatever the length of the query, so each has a unit of its own.
    T own = per_unit_;
    if (products) {
      T most = 0;
      for (int64_t k = 0; k < width_; ++k) most = std::max(most, std::abs(row[k]));
      own = 127 / most;
      if (!usable(own)) continue;
    }
    const ByteRow whole = put_into_bytes(row, centre_.data(), own, width_, bytes.data());
    const double unit_square = 1 / (static_cast<double>(per_unit_) * static_cast<double>(own));
    if (!std::isfinite(whole.residue)) continue;
    // What overflows on the way is no number near the one that is bounded.
    const double one = std::sqrt(static_cast<double>(whole.square)) + whole.residue;
    const double other =
        columns_.residue +
        (products ? columns_.length : 127 * std::sqrt(static_cast<double>(width_)));
    const double greatest = products ? one * other : (one + other) * (one + other);
    if (!(16 * greatest * unit_square < std::numeric_limits<T>::max())) continue;
    std::memcpy(batch.row(q), bytes.data(), static_cast<size_t>(4 * batch.quads));
    batch.bounds[at] = ByteBound::of<T>(kind_, whole, columns_, width_, unit_square);
    batch.least[at] = batch.bounds[at].least(far ? *far : std::numeric_limits<double>::infinity());
    any = true;
  }
  return any;
}

template <typename T>
template <typename Rows>
BytePanels TopKBytes<T>::panels_of(const Rows& rows, Apart apart) const {
  BytePanels panels(rows.size(), corpus_.columns, kind_);
  const bool products = kind_ == KeyKind::kProduct;
  const double most_square = columns_.length * columns_.length;
  std::vector<int8_t> bytes(static_cast<size_t>(width_));
  for (int64_t p = 0; p < rows.size(); ++p) {
    // The rows lie one after the other, but the processor does not look beyond a page.
    const T* const ahead = rows.row(std::min(p + kRowsAhead, rows.size() - 1));
    for (int64_t k = 0; k < width_; k += kLanes<T>) __builtin_prefetch(ahead + k);
    const ByteRow row =
        put_into_bytes(rows.row(p), centre_.data(), per_unit_, width_, bytes.data());
    if (row.residue <= columns_.residue && !rows.has_deficit(p) &&
        (!products || static_cast<double>(row.square) <= most_square)) {
      panels.put(p, bytes.data(), row);
    } else if (apart == Apart::kAlways && is_finite(rows.row(p), corpus_.columns)) {
      panels.put_apart(p);
    } else {
      panels.put_never(p);
    }
  }
  return panels;
}

// The k-th nearest of a sample limits what is looked at from the start.
template <typename T>
void TopKBytes<T>::limit(const QueryRows<T>& queries, Batch& batch) const {
  const ByteKernels& kernels = byte_kernels();
  const int64_t sets =
      std::min(parts_of(kGroupsOfWanted * wanted_.k, kBytePanel), sample_->count());
  const int64_t groups = sets * kBytePanel;
  run(parallel_, batch.padded * groups * width_, parts_of(queries.size(), kQueryTile),
      [&](int64_t begin, int64_t end) {
        std::vector<int32_t> greatest(static_cast<size_t>(kQueryTile * groups));
        for (int64_t tile = begin; tile < end; ++tile) {
          const int64_t above = tile * kQueryTile;
          const int64_t count = std::min(kQueryTile, batch.padded - above);
          std::fill(greatest.begin(), greatest.end(), std::numeric_limits<int32_t>::min());
          for (int64_t panel = 0; panel < sample_->count(); ++panel) {
            kernels.raise(batch.row(above), count, batch.quads, sample_->values(panel),
                          sample_->starts(panel), greatest.data() + panel % sets * kBytePanel,
                          groups);
          }
          for (int64_t i = 0; i < std::min(count, queries.size() - above); ++i) {
            const auto at = static_cast<size_t>(above + i);
            // Some of the sample's may be rows that the query may not have.
            const int64_t place = wanted_.k + admission_.excluded_of(queries.begin + above + i);
            if (batch.least[at] == kGaveUp || place > groups / 2) continue;
            const auto own = greatest.begin() + groups * i;
            std::nth_element(own, own + (place - 1), own + groups, std::greater<int32_t>());
            const int32_t sum = own[place - 1];
            if (batch.bounds[at].is_sum(sum)) {
              batch.least[at] = std::max(batch.least[at], batch.bounds[at].least_beside(sum));
            }
          }
        }
      });
}

template <typename T>
void TopKBytes<T>::visit(int64_t begin, int64_t end, const QueryRows<T>& queries,
                         Batch& batch) const {
  struct Waiting {
    int64_t query;
    int64_t row;  // of the block
    T value;
  };
  const BlockRows<T> rows(corpus_, begin, end, metric_, admission_);
  const BytePanels panels = panels_of(rows, Apart::kAlways);
  const ByteKernels& kernels = byte_kernels();

  int32_t least[kQueryTile];
  ByteHits hits[kQueryTile];
  std::vector<Waiting> waiting;
  const int64_t tiles = parts_of(queries.size(), kQueryTile);
  // Threads begin at different tiles, so that they seldom wait for each other.
  const int64_t first = begin / (end - begin) % tiles;
  for (int64_t turn = 0; turn < tiles; ++turn) {
    const int64_t tile = (first + turn) % tiles;
    const int64_t above = tile * kQueryTile;
    const int64_t count = std::min(kQueryTile, batch.padded - above);
    const auto hand_over = [&] {
      for (Waiting& one : waiting) {
        one.value = values_.of(queries.rows.row(one.query), rows.row(one.row), width_);
        rows.finish(queries.rows, one.query, one.row, &one.value);
      }
      uint64_t changed = 0;  // of the tile
      const std::lock_guard<std::mutex> guard(batch.locks[static_cast<size_t>(tile)]);
      for (const Waiting& one : waiting) {
        const auto at = static_cast<size_t>(one.query);
        if (batch.least[at] == kGaveUp) continue;
        Nearest<T>& nearest = batch.nearest[at];
        const int64_t row = rows.index(one.row);
        if (++batch.evaluated[at] > most_evaluated_) {
          batch.least[at] = kGaveUp;
          nearest = {};
        } else if (nearest.takes(one.value) && values_.admits(one.value) &&
                   !admission_.excludes(queries.begin + one.query, row) &&
                   nearest.take(one.value, row, wanted_.k)) {
          changed |= uint64_t{1} << (one.query - above);
        }
      }
      for (; changed != 0; changed &= changed - 1) {
        const auto at = static_cast<size_t>(above + std::countr_zero(changed));
        if (batch.least[at] == kGaveUp) continue;
        const double limit = as_bounded(batch.nearest[at].limit());
        batch.least[at] = std::max(batch.least[at], batch.bounds[at].least(limit));
      }
      waiting.clear();
      std::copy_n(batch.least.data() + above, count, least);
      return std::any_of(least, least + count, [](int32_t one) { return one != kGaveUp; });
    };
    if (!hand_over()) continue;
    for (int64_t panel = 0; panel < panels.count(); ++panel) {
      const int64_t found = kernels.scan(batch.row(above), count, batch.quads, panels.values(panel),
                                         panels.starts(panel), least, hits);
      for (int64_t f = 0; f < found; ++f) {
        for (uint64_t more = hits[f].columns; more != 0; more &= more - 1) {
          waiting.push_back({above + hits[f].row, panel * kBytePanel + std::countr_zero(more), 0});
        }
      }
      if (waiting.size() >= kWaiting) hand_over();
    }
    hand_over();
  }
}

template <typename T>
int64_t TopKBytes<T>::search(const QueryRows<T>& queries, const TopKResult& result,
                             std::vector<uint8_t>& left) const {
  Batch batch(queries.size(), corpus_.columns);
  if (!set(queries, left, batch)) return 0;
  if (sample_) limit(queries, batch);
  const int64_t block = parts_of(corpus_block<T>(corpus_), kBytePanel) * kBytePanel;
  run(parallel_, queries.size() * corpus_.rows * width_ / 4, parts_of(corpus_.rows, block),
      [&](int64_t begin, int64_t end) {
        for (int64_t number = begin; number < end; ++number) {
          visit(number * block, std::min((number + 1) * block, corpus_.rows), queries, batch);
        }
      });
  std::atomic<int64_t> evaluated{0};
  run(parallel_, queries.size() * wanted_.k * 64, queries.size(), [&](int64_t begin, int64_t end) {
    for (int64_t q = begin; q < end; ++q) {
      const auto at = static_cast<size_t>(q);
      evaluated.fetch_add(batch.evaluated[at], std::memory_order_relaxed);
      if (batch.least[at] == kGaveUp) continue;
      const int64_t place = (queries.begin + q) * wanted_.k;
      write(batch.nearest[at].take_all(wanted_.k), values_, wanted_.k,
            static_cast<T*>(result.values) + place, result.rows + place);
      left[at] = 0;
    }
  });
  return evaluated.load();
}

template class TopKBytes<float>;
template class TopKBytes<double>;

}  // namespace tripoint::cpu
