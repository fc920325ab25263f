#include "kernels/cpu/mine/choice.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/base/triangle.h"

namespace tripoint::cpu {
namespace {

// Fewer rows are scanned faster than they are screened.
constexpr int64_t kLeastScreened = 256;

// Screening ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 32;

constexpr int32_t kNever = std::numeric_limits<int32_t>::max();  // a key of no pair
constexpr int32_t kNoLimit = kNever - 1;

struct TileKernels {
  uint32_t (*least_above)(const int32_t* keys, int64_t count, int32_t from, const int32_t* froms,
                          uint32_t* least_of_columns);
  bool (*nominate)(const int32_t* keys, int64_t count, int32_t from, int32_t limit,
                   const int32_t* froms, const int32_t* limits, uint8_t* marks);
};

#define TRIPOINT_BODY "kernels/cpu/mine/choice_body.inc"
#include "kernels/cpu/base/each_set.inc"

const TileKernels& tile_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

// A choice among the pairs of a batch, without the scan.
template <typename T>
class Wanted {
 public:
  Wanted(const PackedRows<T>& rows, const ClassOrder& order, Nearness nearness,
         const Choice& choice, const std::vector<T>* beyond)
      : rows_(rows),
        order_(order),
        choice_(choice),
        beyond_(beyond),
        values_(nearness, choice.least, choice.greatest) {}

  bool farthest() const { return choice_.end == End::kFarthest; }
  const Choice& choice() const { return choice_; }

  // The values of a row with others, negated where the farthest is wanted.
  void values(int64_t position, int64_t first, int64_t count, T* values) const {
    values_.of(rows_, position, rows_, first, count, values);
    if (farthest()) {
      for (int64_t j = 0; j < count; ++j) values[j] = -values[j];
    }
  }

  T value(int64_t position, int64_t other) const {
    T value = values_.of(rows_.row(position), rows_.row(other), rows_.width());
    rows_.finish(position, other, 1, &value);
    return farthest() ? -value : value;
  }

  // Whether the row at a position may have a pair of this value.
  bool admits(int64_t position, T value) const {
    const T plain = farthest() ? -value : value;
    if (!values_.admits(plain)) return false;
    if (beyond_ == nullptr) return true;
    const T threshold = (*beyond_)[static_cast<size_t>(position)];
    return farthest() ? plain < threshold : plain > threshold;
  }

  // Of the positions of a block of columns those that stand above the diagonal in a row, and are on
  // the wanted side: one range, since classes are contiguous.
  Block columns_of(int64_t position, const Block& below) const {
    Block range = below;
    range.begin = std::max(range.begin, std::min(position + 1, below.end));
    const int64_t class_end =
        std::clamp(order_.end[static_cast<size_t>(position)], range.begin, below.end);
    (choice_.side == Side::kPositives ? range.end : range.begin) = class_end;
    return range;
  }

  // Whether a tile has pairs of the wanted side.
  bool is_in(const Block& above, const Block& below) const {
    if (choice_.side == Side::kPositives) {
      return order_.end[static_cast<size_t>(above.end - 1)] > below.begin;
    }
    return order_.end[static_cast<size_t>(above.begin)] < below.end;
  }

 private:
  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Choice& choice_;
  const std::vector<T>* beyond_;
  PairValues<T> values_;
};

template <typename T>
class PlainScan {
 public:
  PlainScan(const PackedRows<T>& rows, const ClassOrder& order, const Wanted<T>& wanted)
      : rows_(rows),
        order_(order),
        wanted_(wanted),
        blocks_((rows.size() + kTile - 1) / kTile),
        locks_(blocks_),
        found_(static_cast<size_t>(rows.size())) {}

  Chosen<T> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * std::max<int64_t>(rows_.width(), 1) / 2, parallel,
                 [&](int64_t upper, int64_t lower) { scan(upper, lower); });
    return {std::move(found_), evaluated_.load()};
  }

 private:
  static constexpr int64_t kTile = 64;

  void scan(int64_t upper, int64_t lower) {
    const Block above(upper, kTile, rows_.size());
    const Block below(lower, kTile, rows_.size());
    if (!wanted_.is_in(above, below)) return;
    Least<T> of_rows[kTile];
    Least<T> of_columns[kTile];
    T values[kTile];
    int64_t evaluated = 0;
    for (int64_t p = above.begin; p < above.end; ++p) {
      const Block range = wanted_.columns_of(p, below);
      if (range.size() <= 0) continue;
      wanted_.values(p, range.begin, range.size(), values);
      evaluated += range.size();
      Least<T>& of_row = of_rows[p - above.begin];
      for (int64_t q = range.begin; q < range.end; ++q) {
        const T value = values[q - range.begin];
        Least<T>& of_column = of_columns[q - below.begin];
        if (value <= of_row.value && wanted_.admits(p, value)) {
          of_row.take(value, order_.row[static_cast<size_t>(q)]);
        }
        if (value <= of_column.value && wanted_.admits(q, value)) {
          of_column.take(value, order_.row[static_cast<size_t>(p)]);
        }
      }
    }
    evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
    merge(upper, above, of_rows);
    merge(lower, below, of_columns);
  }

  void merge(int64_t number, const Block& block, const Least<T>* found) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      found_[static_cast<size_t>(p)].take(found[p - block.begin]);
    }
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Wanted<T>& wanted_;
  int64_t blocks_;
  BlockLocks locks_;
  std::atomic<int64_t> evaluated_{0};
  std::vector<Least<T>> found_;
};

// What the keys of the screen tell of the values that a row may have. A key is a distance, negated
// where the farthest is wanted, so that the least is wanted in either case.
template <typename T>
class Keys {
 public:
  Keys(const Screen<T>& screen, Nearness nearness, const Choice& choice)
      : screen_(screen), nearness_(nearness), farthest_(choice.end == End::kFarthest) {
    const std::optional<double>& inner = farthest_ ? choice.greatest : choice.least;
    const std::optional<double>& outer = farthest_ ? choice.least : choice.greatest;
    if (inner) {
      const double square = square_of_given(*inner);
      from_ = below(square * (farthest_ ? 1 + kRounding : 1 - kRounding));
      certain_ = above(square * (farthest_ ? 1 - kRounding : 1 + kRounding)) + 1;
    }
    if (outer) {
      const double square = square_of_given(*outer);
      last_certain_ = below(square * (farthest_ ? 1 + kRounding : 1 - kRounding)) - 1;
      last_ = std::min(above(square * (farthest_ ? 1 - kRounding : 1 + kRounding)), kNoLimit);
    }
  }

  // Pairs with keys below `from` are not admitted; those from `certain` on are, as far as the
  // near side goes.
  void set(const T* beyond, int32_t& from, int32_t& certain) const {
    from = from_;
    certain = certain_;
    if (beyond == nullptr) return;
    if (std::isnan(*beyond)) {
      from = certain = kNever;
      return;
    }
    const double square = square_of(*beyond);
    from = std::max(from, below(square));
    certain = std::max(certain, above(square) + 1);
  }

  // Pairs with keys above are not admitted.
  int32_t last() const { return last_; }

  // Lowers the limit by the least key that is admitted as far as the near side goes, which is so
  // much above `certain`; above kNever there is none.
  void lower_limit(int32_t certain, uint32_t above, int32_t& limit) const {
    if (above >= static_cast<uint32_t>(kNever) - static_cast<uint32_t>(certain)) return;
    const auto key = static_cast<int32_t>(static_cast<uint32_t>(certain) + above);
    if (key > last_certain_ || key >= limit) return;  // a limit is never below its key
    limit = std::min(limit, farthest_ ? -screen_.nearer(-key) : screen_.farther(key));
  }

  // The same by an admitted value.
  void lower_limit(T value, int32_t& limit) const {
    const double plain = farthest_ ? -static_cast<double>(value) : static_cast<double>(value);
    limit = std::min(limit, above(square_of(plain)));
  }

 private:
  // More than what a given value is rounded by.
  static constexpr double kRounding = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());

  double square_of(double value) const {
    return nearness_ == Nearness::kCosine ? 2 * value : value;
  }
  double square_of_given(double given) const {
    return nearness_ == Nearness::kEuclidean && given > 0 ? given * given : square_of(given);
  }

  // Pairs with keys below the one are before a squared distance in the order of keys, those with
  // keys above the other beyond it.
  int32_t below(double square) const {
    return farthest_ ? -screen_.beyond(square) : screen_.before(square);
  }
  int32_t above(double square) const {
    return farthest_ ? -screen_.before(square) : screen_.beyond(square);
  }

  const Screen<T>& screen_;
  Nearness nearness_;
  bool farthest_;
  int32_t from_ = -kNever;
  int32_t certain_ = -kNever;
  int32_t last_certain_ = kNoLimit;
  int32_t last_ = kNoLimit;
};

// In each tile of the screen's distances the least key of each row and column that is admitted for
// certain says up to which key a pair may still be the least by the pair kernel; those pairs that
// may be admitted are given to it.
template <typename T>
class ScreenedScan {
 public:
  ScreenedScan(const PackedRows<T>& rows, const ClassOrder& order, const Wanted<T>& wanted,
               const Screen<T>& screen, const Keys<T>& keys, const std::vector<T>* beyond)
      : rows_(rows),
        order_(order),
        wanted_(wanted),
        screen_(screen),
        keys_(keys),
        blocks_((rows.size() + kIntegerTile - 1) / kIntegerTile),
        locks_(blocks_),
        most_evaluated_(rows.size() * rows.size() / kPairsOfEvaluation),
        found_(static_cast<size_t>(rows.size())),
        from_(found_.size()),
        certain_(found_.size()),
        limits_(found_.size(), keys.last()) {
    for (size_t p = 0; p < found_.size(); ++p) {
      keys.set(beyond == nullptr ? nullptr : beyond->data() + p, from_[p], certain_[p]);
    }
  }

  // Nothing where the screen leaves too many pairs.
  std::optional<Chosen<T>> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * rows_.width() / 4, parallel,
                 [&](int64_t upper, int64_t lower) {
                   if (evaluated_.load(std::memory_order_relaxed) <= most_evaluated_) {
                     scan(upper, lower);
                   }
                 });
    const int64_t evaluated = evaluated_.load();
    if (evaluated > most_evaluated_) return std::nullopt;
    return Chosen<T>{std::move(found_), evaluated};
  }

 private:
  // What a tile knows of the rows or the columns of one of its sides.
  struct Edge {
    const int32_t* from;
    const int32_t* certain;
    int32_t limits[kIntegerTile] = {};
    Least<T> found[kIntegerTile];
  };

  void scan(int64_t upper, int64_t lower) {
    const Block above(upper, kIntegerTile, rows_.size());
    const Block below(lower, kIntegerTile, rows_.size());
    if (!wanted_.is_in(above, below)) return;
    alignas(64) int32_t keys[kIntegerTile * kIntegerTile];
    screen_.tile(above.begin, above.size(), below.begin, below.size(), keys);
    for (int64_t p = above.begin; p < above.end; ++p) {
      int32_t* const row = keys + (p - above.begin) * kIntegerTile;
      if (wanted_.farthest()) {
        for (int64_t j = 0; j < below.size(); ++j) row[j] = -row[j];
      }
      const Block range = wanted_.columns_of(p, below);
      std::fill(row, row + (range.begin - below.begin), kNever);
      std::fill(row + (range.end - below.begin), row + below.size(), kNever);
    }
    Edge rows;
    Edge columns;
    read(upper, above, rows);
    read(lower, below, columns);
    lower_limits(keys, above.size(), below.size(), rows, columns);
    evaluate(keys, above, below, rows, columns);
    write(upper, above, rows);
    write(lower, below, columns);
  }

  void lower_limits(const int32_t* keys, int64_t row_count, int64_t column_count, Edge& rows,
                    Edge& columns) const {
    const TileKernels& kernels = tile_kernels();
    uint32_t least[kIntegerTile];
    std::fill(std::begin(least), std::end(least), std::numeric_limits<uint32_t>::max());
    for (int64_t i = 0; i < row_count; ++i) {
      keys_.lower_limit(rows.certain[i],
                        kernels.least_above(keys + i * kIntegerTile, column_count, rows.certain[i],
                                            columns.certain, least),
                        rows.limits[i]);
    }
    for (int64_t j = 0; j < column_count; ++j) {
      keys_.lower_limit(columns.certain[j], least[j], columns.limits[j]);
    }
  }

  void evaluate(const int32_t* keys, const Block& above, const Block& below, Edge& rows,
                Edge& columns) {
    constexpr int64_t kWord = sizeof(uint64_t);
    static_assert(kIntegerTile % kWord == 0 && std::endian::native == std::endian::little);
    const TileKernels& kernels = tile_kernels();
    uint8_t marks[kIntegerTile] = {};
    int64_t evaluated = 0;
    for (int64_t i = 0; i < above.size(); ++i) {
      const int32_t* const row = keys + i * kIntegerTile;
      if (!kernels.nominate(row, below.size(), rows.from[i], rows.limits[i], columns.from,
                            columns.limits, marks)) {
        continue;
      }
      for (int64_t begin = 0; begin < below.size(); begin += kWord) {
        uint64_t word;
        std::memcpy(&word, marks + begin, sizeof word);
        for (; word != 0; word &= word - 1) {
          const int64_t j = begin + std::countr_zero(word) / 8;
          const T value = wanted_.value(above.begin + i, below.begin + j);
          offer(above.begin + i, i, value, below.begin + j, rows);
          offer(below.begin + j, j, value, above.begin + i, columns);
          ++evaluated;
        }
      }
    }
    evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
  }

  void offer(int64_t position, int64_t place, T value, int64_t other, Edge& edge) const {
    Least<T>& found = edge.found[place];
    if (!(value <= found.value) || !wanted_.admits(position, value)) return;
    if (value < found.value) keys_.lower_limit(value, edge.limits[place]);
    found.take(value, order_.row[static_cast<size_t>(other)]);
  }

  void read(int64_t number, const Block& block, Edge& edge) {
    edge.from = from_.data() + block.begin;
    edge.certain = certain_.data() + block.begin;
    const auto lock = locks_.hold(number);
    std::copy(limits_.begin() + block.begin, limits_.begin() + block.end, edge.limits);
  }

  void write(int64_t number, const Block& block, const Edge& edge) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      const auto place = static_cast<size_t>(p);
      limits_[place] = std::min(limits_[place], edge.limits[p - block.begin]);
      found_[place].take(edge.found[p - block.begin]);
    }
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Wanted<T>& wanted_;
  const Screen<T>& screen_;
  const Keys<T>& keys_;
  int64_t blocks_;
  BlockLocks locks_;
  int64_t most_evaluated_;
  std::atomic<int64_t> evaluated_{0};
  std::vector<Least<T>> found_;
  std::vector<int32_t> from_;
  std::vector<int32_t> certain_;
  std::vector<int32_t> limits_;
};

}  // namespace

template <typename T>
Chooser<T>::Chooser(const PackedRows<T>& rows, const ClassOrder& order, Nearness nearness,
                    Screening screening, const Parallel& parallel)
    : rows_(rows), order_(order), nearness_(nearness), parallel_(parallel) {
  if (screening == Screening::kOff || rows.size() < kLeastScreened || !rows.finite() ||
      nearness == Nearness::kDot) {
    return;
  }
  screen_.emplace(rows, parallel);
  if (!screen_->usable()) screen_.reset();
}

template <typename T>
Chosen<T> Chooser<T>::choose(const Choice& choice, const std::vector<T>* beyond) const {
  const Wanted<T> wanted(rows_, order_, nearness_, choice, beyond);
  if (screen_) {
    const Keys<T> keys(*screen_, nearness_, choice);
    std::optional<Chosen<T>> chosen =
        ScreenedScan<T>(rows_, order_, wanted, *screen_, keys, beyond).run_all(parallel_);
    if (chosen) return std::move(*chosen);
  }
  return PlainScan<T>(rows_, order_, wanted).run_all(parallel_);
}

template class Chooser<float>;
template class Chooser<double>;

}  // namespace tripoint::cpu
