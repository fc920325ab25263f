#include "kernels/cpu/mine/hardest.h"

#include <algorithm>
#include <atomic>
#include <optional>

#include "kernels/cpu/base/triangle.h"

namespace tripoint::cpu {
namespace {

// Fewer rows are scanned faster than they are screened.
constexpr int64_t kLeastScreened = 192;

// Screening ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 64;

// Where more places of a tile are wanted, its least keys are looked for before they are nominated.
constexpr int64_t kManyPlaces = 2 * kIntegerTile;

template <typename T>
class Scan {
 public:
  Scan(const PackedRows<T>& rows, const ClassOrder& order)
      : rows_(rows),
        order_(order),
        blocks_((rows.size() + kTile - 1) / kTile),
        locks_(blocks_),
        hardest_(rows.size()) {}

  Hardest<T> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * std::max<int64_t>(rows_.width(), 1) / 2, parallel,
                 [&](int64_t upper, int64_t lower) { scan(upper, lower); });
    hardest_.evaluated = size * (size - 1) / 2;
    return std::move(hardest_);
  }

 private:
  static constexpr int64_t kTile = 64;

  void scan(int64_t upper, int64_t lower) {
    const PairKernels<T>& kernels = pair_kernels<T>();
    const Block above(upper, kTile, rows_.size());
    const Block below(lower, kTile, rows_.size());
    Least<T> row_positive[kTile], row_negative[kTile];
    Least<T> column_positive[kTile], column_negative[kTile];
    T values[kTile];
    for (int64_t i = above.begin; i < above.end; ++i) {
      const int64_t first = std::max(below.begin, i + 1);
      if (first >= below.end) continue;
      kernels.squared_distances(rows_.row(i), rows_.row(first), rows_.width(), below.end - first,
                                values);
      rows_.finish(i, first, below.end - first, values);
      const int64_t own = order_.row[static_cast<size_t>(i)];
      const int64_t class_end = std::clamp(order_.end[static_cast<size_t>(i)], first, below.end);
      for (int64_t j = first; j < class_end; ++j) {
        const T value = -values[j - first];
        row_positive[i - above.begin].take(value, order_.row[static_cast<size_t>(j)]);
        column_positive[j - below.begin].take(value, own);
      }
      Least<T>& nearest = row_negative[i - above.begin];
      for (int64_t j = class_end; j < below.end; ++j) {
        const T value = values[j - first];
        if (value <= nearest.value) nearest.take(value, order_.row[static_cast<size_t>(j)]);
        column_negative[j - below.begin].take(value, own);
      }
    }
    merge(upper, above, row_positive, row_negative);
    merge(lower, below, column_positive, column_negative);
  }

  void merge(int64_t number, const Block& block, const Least<T>* positive,
             const Least<T>* negative) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      hardest_.positive[static_cast<size_t>(p)].take(positive[p - block.begin]);
      hardest_.negative[static_cast<size_t>(p)].take(negative[p - block.begin]);
    }
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  int64_t blocks_;
  BlockLocks locks_;
  Hardest<T> hardest_;
};

// In each tile of the screen's distances the least key of each row and column says up to which key
// a pair may still be the least by the pair kernel. Such pairs are nominated, for either row of
// theirs. When all tiles of a block are done, few are left below its rows' limits, and those are
// given to the pair kernel. A key is a distance for negatives and a negated one for positives.
template <typename T>
class ScreenedScan {
 public:
  ScreenedScan(const PackedRows<T>& rows, const ClassOrder& order, const Screen<T>& screen)
      : rows_(rows),
        order_(order),
        screen_(screen),
        blocks_((rows.size() + kIntegerTile - 1) / kIntegerTile),
        locks_(blocks_),
        most_evaluated_(rows.size() * rows.size() / kPairsOfEvaluation),
        hardest_(rows.size()),
        tiles_left_(static_cast<size_t>(blocks_), blocks_),
        positives_(Sign::kPositive, rows.size(), blocks_, hardest_.positive),
        negatives_(Sign::kNegative, rows.size(), blocks_, hardest_.negative) {}

  // Nothing where the screen leaves too many pairs.
  std::optional<Hardest<T>> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * rows_.width() / 4, parallel,
                 [&](int64_t upper, int64_t lower) {
                   if (evaluated_.load(std::memory_order_relaxed) <= most_evaluated_) {
                     scan(upper, lower);
                   }
                 });
    hardest_.evaluated = evaluated_.load();
    if (hardest_.evaluated > most_evaluated_) return std::nullopt;
    return std::move(hardest_);
  }

 private:
  static constexpr int32_t kNever = std::numeric_limits<int32_t>::max();  // a key of no pair
  static constexpr int32_t kNoLimit = kNever - 1;

  // So many nominees of a block are held, then those beyond their limits let go.
  static constexpr size_t kMostNominees = 8 * kIntegerTile;

  enum class Sign { kPositive, kNegative };

  // A pair that may be the hardest of a position.
  struct Nominee {
    int32_t key;
    int32_t position;
    int32_t other;
  };

  // What is known of all positions for one sign of keys; a block's part belongs to who holds its
  // lock.
  struct Search {
    Search(Sign sign_of_keys, int64_t size, int64_t blocks, std::vector<Least<T>>& least)
        : sign(sign_of_keys),
          limits(static_cast<size_t>(size), kNoLimit),
          fresh(static_cast<size_t>(blocks), 1),
          nominees(static_cast<size_t>(blocks)),
          found(least) {}

    const Sign sign;
    std::vector<int32_t> limits;                 // by position
    std::vector<char> fresh;                     // by block
    std::vector<std::vector<Nominee>> nominees;  // by block
    std::vector<Least<T>>& found;
  };

  // A place of a tile.
  struct Place {
    uint8_t row;
    uint8_t column;
  };

  void scan(int64_t upper, int64_t lower) {
    const Block above(upper, kIntegerTile, rows_.size());
    const Block below(lower, kIntegerTile, rows_.size());
    alignas(64) int32_t keys[kIntegerTile * kIntegerTile];
    screen_.tile(above.begin, above.size(), below.begin, below.size(), keys);

    // Classes are contiguous, so the positives of a row are the first of its pairs in the tile.
    const bool has_positives =
        order_.end[static_cast<size_t>(above.end - 1)] > below.begin || upper == lower;
    const bool has_negatives = order_.end[static_cast<size_t>(above.begin)] < below.end;
    if (has_positives) {
      alignas(64) int32_t positive_keys[kIntegerTile * kIntegerTile];
      for (int64_t i = above.begin; i < above.end; ++i) {
        int32_t* const from = keys + (i - above.begin) * kIntegerTile;
        int32_t* const to = positive_keys + (i - above.begin) * kIntegerTile;
        const int64_t first = std::clamp(i + 1 - below.begin, int64_t{0}, below.size());
        const int64_t class_end =
            std::clamp(order_.end[static_cast<size_t>(i)] - below.begin, first, below.size());
        std::fill(to, to + kIntegerTile, kNever);
        for (int64_t j = first; j < class_end; ++j) to[j] = -from[j];
        std::fill(from, from + class_end, kNever);
      }
      nominate(positives_, above, below, upper, lower, positive_keys);
    }
    if (has_negatives) nominate(negatives_, above, below, upper, lower, keys);
    finish(upper);
    if (upper != lower) finish(lower);
  }

  void nominate(Search& search, const Block& above, const Block& below, int64_t upper,
                int64_t lower, const int32_t* keys) {
    const IntegerKernels& kernels = integer_kernels();
    if (is_fresh(search, upper) || is_fresh(search, lower)) {
      lower_limits(search, above, below, upper, lower, keys);
    }
    int32_t row_limits[kIntegerTile];
    int32_t column_limits[kIntegerTile];
    read(search, upper, above, row_limits);
    read(search, lower, below, column_limits);

    Place places[kIntegerTile * kIntegerTile];
    int64_t count = 0;
    int32_t columns[kIntegerTile];
    for (int64_t i = 0; i < above.size(); ++i) {
      const int64_t found = kernels.collect_either(keys + i * kIntegerTile, below.size(),
                                                   row_limits[i], column_limits, columns);
      for (int64_t k = 0; k < found; ++k) {
        places[count++] = {static_cast<uint8_t>(i), static_cast<uint8_t>(columns[k])};
      }
    }
    if (count > kManyPlaces) lower_limits(search, above, below, upper, lower, keys);
    const auto key_of = [&](Place place) { return keys[place.row * kIntegerTile + place.column]; };
    const auto row_of = [&](Place place) { return static_cast<int32_t>(above.begin) + place.row; };
    const auto column_of = [&](Place place) {
      return static_cast<int32_t>(below.begin) + place.column;
    };
    write(search, upper, count, [&](int64_t k) {
      return Nominee{key_of(places[k]), row_of(places[k]), column_of(places[k])};
    });
    write(search, lower, count, [&](int64_t k) {
      return Nominee{key_of(places[k]), column_of(places[k]), row_of(places[k])};
    });
  }

  // Whether no tile has yet set limits to a block's rows.
  bool is_fresh(const Search& search, int64_t number) {
    const auto lock = locks_.hold(number);
    return search.fresh[static_cast<size_t>(number)] != 0;
  }

  // Lowers the limits by the least keys of a tile, so that few of many are nominated.
  void lower_limits(Search& search, const Block& above, const Block& below, int64_t upper,
                    int64_t lower, const int32_t* keys) {
    int32_t row_least[kIntegerTile];
    int32_t column_least[kIntegerTile];
    std::fill(std::begin(column_least), std::end(column_least), kNever);
    for (int64_t i = 0; i < above.size(); ++i) {
      row_least[i] = integer_kernels().least(keys + i * kIntegerTile, below.size(), column_least);
    }
    lower_limits(search, upper, above, row_least);
    lower_limits(search, lower, below, column_least);
  }

  void lower_limits(Search& search, int64_t number, const Block& block, const int32_t* least) {
    const auto lock = locks_.hold(number);
    search.fresh[static_cast<size_t>(number)] = 0;
    for (int64_t p = block.begin; p < block.end; ++p) {
      lower_limit(search.sign, least[p - block.begin], search.limits[static_cast<size_t>(p)]);
    }
  }

  void lower_limit(Sign sign, int32_t key, int32_t& limit) const {
    if (key >= limit) return;  // also where there is no pair; a limit is never below its key
    limit = std::min(limit, sign == Sign::kNegative ? screen_.farther(key) : -screen_.nearer(-key));
  }

  void read(const Search& search, int64_t number, const Block& block, int32_t* limits) {
    const auto lock = locks_.hold(number);
    const auto from = search.limits.begin() + block.begin;
    std::fill(std::copy(from, from + block.size(), limits), limits + kIntegerTile, 0);
  }

  // Adds what a tile found to what is known of one of its blocks. `nominee` gives one of `count`
  // that either of its two rows wants.
  template <typename Nominated>
  void write(Search& search, int64_t number, int64_t count, Nominated&& nominee) {
    const auto lock = locks_.hold(number);
    std::vector<Nominee>& nominees = search.nominees[static_cast<size_t>(number)];
    for (int64_t k = 0; k < count; ++k) {
      const Nominee one = nominee(k);
      if (!wants(search, one)) continue;
      nominees.push_back(one);
      lower_limit(search.sign, one.key, search.limits[static_cast<size_t>(one.position)]);
    }
    if (nominees.size() < kMostNominees) return;
    std::erase_if(nominees, [&](const Nominee& one) { return !wants(search, one); });
    if (nominees.size() > kMostNominees / 2) evaluate(search, nominees);
  }

  static bool wants(const Search& search, const Nominee& one) {
    return one.key <= search.limits[static_cast<size_t>(one.position)];
  }

  // A tile of a block is done; with the last one, the block is.
  void finish(int64_t number) {
    const auto lock = locks_.hold(number);
    if (--tiles_left_[static_cast<size_t>(number)] > 0) return;
    for (Search* search : {&positives_, &negatives_}) {
      evaluate(*search, search->nominees[static_cast<size_t>(number)]);
    }
  }

  void evaluate(Search& search, std::vector<Nominee>& nominees) {
    int64_t evaluated = 0;
    for (const Nominee& one : nominees) {
      if (!wants(search, one)) continue;
      T value;
      pair_kernels<T>().squared_distances(rows_.row(one.position), rows_.row(one.other),
                                          rows_.width(), 1, &value);
      rows_.finish(one.position, one.other, 1, &value);
      search.found[static_cast<size_t>(one.position)].take(
          search.sign == Sign::kPositive ? -value : value,
          order_.row[static_cast<size_t>(one.other)]);
      ++evaluated;
    }
    nominees.clear();
    evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Screen<T>& screen_;
  int64_t blocks_;
  BlockLocks locks_;
  int64_t most_evaluated_;
  std::atomic<int64_t> evaluated_{0};
  Hardest<T> hardest_;
  std::vector<int64_t> tiles_left_;  // of each block
  Search positives_;
  Search negatives_;
};

}  // namespace

template <typename T>
Hardest<T> find_hardest(const PackedRows<T>& rows, const ClassOrder& order, Screening screening,
                        const Parallel& parallel) {
  if (screening == Screening::kOn && rows.size() >= kLeastScreened) {
    const Screen<T> screen(rows, parallel);
    if (screen.usable()) {
      if (std::optional<Hardest<T>> hardest =
              ScreenedScan<T>(rows, order, screen).run_all(parallel)) {
        return std::move(*hardest);
      }
    }
  }
  return Scan<T>(rows, order).run_all(parallel);
}

template Hardest<float> find_hardest(const PackedRows<float>&, const ClassOrder&, Screening,
                                     const Parallel&);
template Hardest<double> find_hardest(const PackedRows<double>&, const ClassOrder&, Screening,
                                      const Parallel&);

}  // namespace tripoint::cpu
