#include "kernels/cpu/mine/top_k_screen.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <mutex>
#include <optional>
#include <random>

#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {
namespace {

// Fewer queries or rows are scanned faster than they are screened, and so are they where more than
// one row in so many is wanted.
constexpr int64_t kLeastQueries = 8;
constexpr int64_t kLeastRows = 1024;
// Of many queries and by bytes, or where there is a guess.
constexpr int64_t kManyQueries = 64;
constexpr int64_t kLeastRowsOfMany = 384;
constexpr int64_t kRowsOfWanted = 3;

// Queries of a tile: their whole numbers and those of a few columns stay in the first cache.
constexpr int64_t kQueryTile = 48;

constexpr int64_t kMostQueries = 4096;
constexpr int64_t kBytesOfNominees = int64_t{5} << 20;

// Nominees that wait in a thread before it hands them over.
constexpr size_t kWaiting = 1024;

// The unit is a little greater than a sample of the corpus asks for, so that nearly all rows fit.
constexpr int64_t kLeastSampled = 1024;
constexpr int64_t kRowsOfSampled = 32;
constexpr double kSpare = 1.125;

// Rows whose keys tell how far the k-th nearest may be; of fewer among them they tell nothing. So
// many deviations of their count are left to chance.
constexpr int64_t kLeastGuessed = 288;
static_assert(kLeastGuessed <= kLeastRowsOfMany);
constexpr int64_t kMostGuessed = 960;
constexpr int64_t kRowsOfGuessed = 8;
constexpr int64_t kLeastNearer = 8;
constexpr double kDeviations = 3;

// Shorter rows are not normalised to a length of 1 (PackedRows), or their squares are lost.
constexpr double kLeastSquare = 1e-23;
constexpr double kGreatestSquare = 1e200;

int64_t most_nominees(int64_t k) { return 2 * k + 256; }

int64_t guessed_from(int64_t rows) {
  const int64_t wanted = std::clamp(rows / kRowsOfGuessed, kLeastGuessed, kMostGuessed);
  return wanted / kIntegerTile * kIntegerTile;
}

template <typename T>
bool can_be_scaled(T per_unit) {
  return std::isnormal(per_unit) && std::isnormal(1 / per_unit);
}

}  // namespace

bool can_guess(const FloatMatrix& corpus, int64_t k) {
  return k >= parts_of(kLeastNearer * corpus.rows, guessed_from(corpus.rows));
}

bool worth_screening(int64_t queries, const FloatMatrix& corpus, int64_t k, TopKScreens screens) {
  const bool many = queries >= kManyQueries && (screens.bytes || can_guess(corpus, k));
  const int64_t least = many ? kLeastRowsOfMany : kLeastRows;
  return queries >= kLeastQueries && corpus.rows >= least &&
         corpus.rows <= std::numeric_limits<uint32_t>::max() && k <= corpus.rows / kRowsOfWanted &&
         corpus.columns > 0 && corpus.columns <= kMostWholeColumns;
}

// Some queries in whole numbers, and what is nominated for each.
template <typename T>
struct TopKScreen<T>::Batch {
  WholeRows<T> wholes;
  WholeScale<T> scale;
  KeyBound bound;
  std::vector<Nominees> nominees;
  std::vector<std::mutex> locks;  // of the nominees of a tile

  Batch(int64_t size, int64_t columns, KeyKind kind)
      : wholes(size, columns, kind),
        nominees(static_cast<size_t>(size)),
        locks(static_cast<size_t>(parts_of(size, kQueryTile))) {}
};

template <typename T>
TopKScreen<T>::TopKScreen(const FloatMatrix& corpus, const TopK& wanted, const Parallel& parallel)
    : corpus_(corpus),
      wanted_(wanted),
      parallel_(parallel),
      metric_(packing_of(wanted.nearness)),
      kind_(wanted.nearness == Nearness::kDot ? KeyKind::kProduct : KeyKind::kSquaredDistance),
      width_(padded_width<T>(corpus.columns)),
      most_nominees_(most_nominees(wanted.k)),
      centre_(static_cast<size_t>(width_), 0) {
  const int64_t size = std::min(corpus.rows, std::max(kLeastSampled, corpus.rows / kRowsOfSampled));
  const PackedRows<T> sample = sample_of<T>(corpus, size, metric_, parallel);
  if (kind_ == KeyKind::kSquaredDistance) centre_ = centre_of(sample, kRowsOfCentre);
  sampled_ = longest(sample);
}

// From the centre. Rows that are not finite count for nothing.
template <typename T>
double TopKScreen<T>::longest(const PackedRows<T>& rows) const {
  double most = 0;
  for (int64_t p = 0; p < rows.size(); ++p) {
    const double square = squared_length(rows.row(p), centre_.data(), width_);
    if (square > most && std::isfinite(square)) most = square;
  }
  return std::sqrt(most);
}

template <typename T>
int64_t TopKScreen<T>::most_queries(int64_t k) {
  const int64_t bytes = most_nominees(k) * static_cast<int64_t>(sizeof(Nominee));
  const int64_t most = kBytesOfNominees / bytes;
  return std::clamp(most, kQueryTile, kMostQueries) / kQueryTile * kQueryTile;
}

template <typename T>
KeyWindow TopKScreen<T>::window_of(const KeyBound& bound, double unit_square) const {
  // In squares of the unit, as keys.
  const auto of_value = [&](double value) {
    switch (wanted_.nearness) {
      case Nearness::kDot:
        return -2 * value / unit_square;
      case Nearness::kCosine:
        return 2 * value / unit_square;
      case Nearness::kSquaredEuclidean:
        return value / unit_square;
      case Nearness::kEuclidean:
        break;
    }
    return value < 0 ? value : value * value / unit_square;
  };
  const bool turned = wanted_.nearness == Nearness::kDot;
  const std::optional<double>& near = turned ? wanted_.greatest : wanted_.least;
  const std::optional<double>& far = turned ? wanted_.least : wanted_.greatest;
  KeyWindow window;
  if (near) {
    window.least = bound.before(of_value(*near));
    window.least_certain = bound.beyond(of_value(*near));
  }
  if (far) {
    window.greatest = bound.beyond(of_value(*far));
    window.greatest_certain = bound.before(of_value(*far));
  }
  return window;
}

template <typename T>
bool TopKScreen<T>::set_scale(const QueryRows<T>& queries, const std::vector<uint8_t>& left,
                              Batch& batch) const {
  constexpr double kEpsilon = std::numeric_limits<T>::epsilon();
  const bool products = kind_ == KeyKind::kProduct;
  const double longest_query = longest(queries.rows);
  const double extent = kSpare * (products ? sampled_ : std::max(sampled_, longest_query));
  const double product = extent * std::max(extent, longest_query);
  if (!(16 * product < std::numeric_limits<T>::max())) return false;
  const auto per_unit = static_cast<T>(kLongestInUnits / extent);
  if (!can_be_scaled(per_unit)) return false;
  batch.scale = {centre_, per_unit};

  double rounding = 4 * kLongestInUnits * kEpsilon + 1e-6;
  if (metric_ == Metric::kCosine) {  // that of the normalisation, which leaves rows of length 1
    rounding += (2 * kEpsilon + (static_cast<double>(corpus_.columns) + 8) * 0x1p-52) *
                static_cast<double>(per_unit);
  }
  // Products order the same whatever the length of the query, so each has a unit of its own.
  std::vector<double> units(static_cast<size_t>(queries.size()), 0.0);
  double least = std::numeric_limits<double>::infinity();
  for (int64_t q = 0; q < queries.size(); ++q) {
    const auto at = static_cast<size_t>(q);
    const T* const row = queries.rows.row(q);
    T own = per_unit;
    if (products) {
      own = static_cast<T>(0.999 * kLongestInUnits /
                           std::sqrt(squared_length(row, centre_.data(), width_)));
    }
    if (left[at] != 0 && !queries.rows.has_deficit(q) && can_be_scaled(own) &&
        batch.wholes.put(q, row, 1, batch.scale, own)) {
      units[at] = 1 / (static_cast<double>(per_unit) * static_cast<double>(own));
      least = std::min(least, units[at]);
    } else {
      batch.wholes.put_never(q);
      batch.nominees[at].give_up();
    }
  }
  batch.bound = KeyBound::of<T>(kind_, corpus_.columns, width_, rounding, least);
  if (!batch.bound.usable()) return false;
  for (size_t q = 0; q < units.size(); ++q) {
    if (!batch.nominees[q].gave_up()) batch.nominees[q].set(window_of(batch.bound, units[q]));
  }
  return true;
}

template <typename T>
template <typename RowOf>
void TopKScreen<T>::put_rows(int64_t count, RowOf&& row_of, const WholeScale<T>& scale,
                             WholeRows<T>& wholes) const {
  const Admission admission(wanted_);
  std::vector<T> row(static_cast<size_t>(width_), 0);
  for (int64_t p = 0; p < count; ++p) {
    const int64_t c = row_of(p);
    if (admission.skips(c)) {
      wholes.put_never(p);
      continue;
    }
    load_row(corpus_, c, row.data());
    T factor = 1;
    bool is_whole = true;
    if (metric_ == Metric::kCosine) {
      const double square = squared_length(row.data(), width_);
      is_whole = square > kLeastSquare && square < kGreatestSquare;
      if (is_whole) factor = static_cast<T>(1 / std::sqrt(square));
    }
    if (is_whole && wholes.put(p, row.data(), factor, scale, scale.per_unit)) continue;
    if (is_finite(row.data(), corpus_.columns)) {
      wholes.put_apart(p);
    } else {
      wholes.put_never(p);
    }
  }
}

// Where more than a few of a sample are among the k nearest, their keys tell beforehand which keys
// are of use, nearly always: much less is nominated. What is left out is noticed at the end.
template <typename T>
void TopKScreen<T>::guess(const QueryRows<T>& queries, Batch& batch) const {
  const int64_t size = guessed_from(corpus_.rows);
  const double share = static_cast<double>(size) / static_cast<double>(corpus_.rows);
  // One of each stretch, in no order that the corpus may have too.
  std::minstd_rand random;
  std::vector<int64_t> rows;
  for (int64_t p = 0; p < size; ++p) {
    const int64_t begin = p * corpus_.rows / size;
    const int64_t end = (p + 1) * corpus_.rows / size;
    rows.push_back(begin + static_cast<int64_t>(random()) % (end - begin));
  }
  WholeRows<T> wholes(size, corpus_.columns, kind_);
  put_rows(
      size, [&](int64_t p) { return rows[static_cast<size_t>(p)]; }, batch.scale, wholes);

  const IntegerKernels& kernels = integer_kernels();
  const Admission admission(wanted_);
  run(parallel_, queries.size() * size * width_ / 2, parts_of(queries.size(), kQueryTile),
      [&](int64_t begin, int64_t end) {
        alignas(64) int32_t keys[kQueryTile * kIntegerTile];
        std::vector<int32_t> all(static_cast<size_t>(kQueryTile * size));
        for (int64_t above = begin * kQueryTile; above < std::min(end * kQueryTile, queries.size());
             above += kQueryTile) {
          const int64_t count = std::min(kQueryTile, queries.size() - above);
          for (int64_t column = 0; column < size; column += kIntegerTile) {
            kernels.squared_distances(batch.wholes.rows(), above, count, wholes.rows(), column,
                                      kIntegerTile, keys);
            for (int64_t i = 0; i < count; ++i) {
              std::copy_n(keys + i * kIntegerTile, kIntegerTile, all.data() + i * size + column);
            }
          }
          for (int64_t i = 0; i < count; ++i) {
            Nominees& nominees = batch.nominees[static_cast<size_t>(above + i)];
            if (nominees.gave_up()) continue;
            const double nearer =
                share *
                static_cast<double>(wanted_.k + admission.excluded_of(queries.begin + above + i));
            const double deviation = std::sqrt(nearer * (1 - nearer / static_cast<double>(size)));
            const double place = nearer + kDeviations * deviation;
            if (!(place < static_cast<double>(size))) continue;
            const int32_t key =
                little_above(all.data() + i * size, size, static_cast<int64_t>(place) + 1);
            if (key <= kGreatestKey) nominees.guess(batch.bound.farther(key), most_nominees_);
          }
        }
      });
}

template <typename T>
void TopKScreen<T>::nominate(int64_t begin, int64_t end, const QueryRows<T>& queries,
                             Batch& batch) const {
  struct Of {
    int64_t query;
    size_t end;  // of its nominees among those that wait
  };
  const IntegerKernels& kernels = integer_kernels();
  const Admission admission(wanted_);
  WholeRows<T> wholes(end - begin, corpus_.columns, kind_);
  put_rows(
      end - begin, [&](int64_t p) { return begin + p; }, batch.scale, wholes);

  alignas(64) int32_t keys[kQueryTile * kIntegerTile];
  int32_t limits[kQueryTile];
  int32_t places[kIntegerTile];
  std::vector<Nominee> waiting;
  std::vector<Of> of;
  const int64_t tiles = parts_of(queries.size(), kQueryTile);
  // Threads begin at different tiles, so that they seldom wait for each other.
  const int64_t first = begin / (end - begin) % tiles;
  for (int64_t turn = 0; turn < tiles; ++turn) {
    const int64_t tile = (first + turn) % tiles;
    const int64_t above = tile * kQueryTile;
    const int64_t count = std::min(kQueryTile, queries.size() - above);
    std::mutex& lock = batch.locks[static_cast<size_t>(tile)];
    const auto hand_over = [&] {
      const std::lock_guard<std::mutex> guard(lock);
      size_t next = 0;
      for (const auto& [query, end] : of) {
        Nominees& nominees = batch.nominees[static_cast<size_t>(query)];
        if (!nominees.has_near_end() && admission.excluded_of(queries.begin + query) == 0) {
          nominees.add(waiting.data() + next, waiting.data() + end, wanted_.k, most_nominees_,
                       batch.bound);
          next = end;
        }
        for (; next < end; ++next) {
          const Nominee one = waiting[next];
          if (nominees.wants(one.key()) && !admission.excludes(queries.begin + query, one.row())) {
            nominees.add(one, wanted_.k, most_nominees_, batch.bound);
          }
        }
      }
      waiting.clear();
      of.clear();
      bool any = false;
      for (int64_t i = 0; i < count; ++i) {
        limits[i] = batch.nominees[static_cast<size_t>(above + i)].limit();
        any = any || limits[i] != std::numeric_limits<int32_t>::min();
      }
      return any;
    };
    if (!hand_over()) continue;
    for (int64_t column = 0; column < end - begin; column += kIntegerTile) {
      const int64_t columns = std::min(kIntegerTile, end - begin - column);
      kernels.squared_distances(batch.wholes.rows(), above, count, wholes.rows(), column, columns,
                                keys);
      for (int64_t i = 0; i < count; ++i) {
        const int32_t* const row = keys + i * kIntegerTile;
        const int64_t found = kernels.collect(row, columns, limits[i], places);
        if (found == 0) continue;
        for (int64_t f = 0; f < found; ++f) {
          waiting.emplace_back(row[places[f]], begin + column + places[f]);
        }
        of.push_back({above + i, waiting.size()});
      }
      if (waiting.size() >= kWaiting) hand_over();
    }
    hand_over();
  }
}

template <typename T>
std::optional<int64_t> TopKScreen<T>::decide(int64_t query, const QueryRows<T>& queries,
                                             Batch& batch, const TopKResult& result) const {
  const auto order = batch.nominees[static_cast<size_t>(query)].take_rows(wanted_.k, batch.bound);
  if (!order) return std::nullopt;
  const PairValues<T> pairs(wanted_.nearness, wanted_.least, wanted_.greatest);
  std::vector<T> values(order->size());
  if (lies_packed<T>(corpus_, metric_)) {
    pairs.at(queries.rows.row(query), static_cast<const T*>(corpus_.data), width_, *order,
             values.data());
  } else {
    const PackedRows<T> rows(corpus_, *order, metric_, kOnThisThread);
    pairs.of(queries.rows, query, rows, 0, rows.size(), values.data());
  }
  std::vector<Near<T>> found;
  found.reserve(order->size());
  for (size_t j = 0; j < values.size(); ++j) {
    if (pairs.admits(values[j])) found.emplace_back(values[j], (*order)[j]);
  }
  settle(found.begin(), found.end());
  const int64_t at = (queries.begin + query) * wanted_.k;
  write(found, pairs, wanted_.k, static_cast<T*>(result.values) + at, result.rows + at);
  return static_cast<int64_t>(order->size());
}

template <typename T>
int64_t TopKScreen<T>::search(const QueryRows<T>& queries, const TopKResult& result,
                              std::vector<uint8_t>& left) const {
  Batch batch(queries.size(), corpus_.columns, kind_);
  if (!set_scale(queries, left, batch)) return 0;
  if (can_guess(corpus_, wanted_.k)) guess(queries, batch);
  const int64_t block = corpus_block<T>(corpus_);
  run(parallel_, queries.size() * corpus_.rows * width_ / 2, parts_of(corpus_.rows, block),
      [&](int64_t begin, int64_t end) {
        for (int64_t number = begin; number < end; ++number) {
          nominate(number * block, std::min((number + 1) * block, corpus_.rows), queries, batch);
        }
      });
  std::atomic<int64_t> evaluated{0};
  run(parallel_, queries.size() * most_nominees_ * width_, queries.size(),
      [&](int64_t begin, int64_t end) {
        for (int64_t q = begin; q < end; ++q) {
          const auto at = static_cast<size_t>(q);
          if (batch.nominees[at].gave_up()) continue;
          const std::optional<int64_t> pairs = decide(q, queries, batch, result);
          if (!pairs) continue;
          evaluated.fetch_add(*pairs, std::memory_order_relaxed);
          left[at] = 0;
        }
      });
  return evaluated.load();
}

template class TopKScreen<float>;
template class TopKScreen<double>;

}  // namespace tripoint::cpu
