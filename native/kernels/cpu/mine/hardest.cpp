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
// a pair may still be the least by the pair kernel; those pairs are given to it. A key is a
// distance for negatives and a negated one for positives.
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
        positive_limits_(static_cast<size_t>(rows.size()), kNoLimit),
        negative_limits_(static_cast<size_t>(rows.size()), kNoLimit) {}

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

  // What a tile knows of the rows or the columns of one of its sides, for one sign of keys.
  struct Side {
    Least<T> found[kIntegerTile];
    int32_t limits[kIntegerTile] = {};
  };

  enum class Sign { kPositive, kNegative };

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
      search(Sign::kPositive, above, below, upper, lower, positive_keys, positive_limits_,
             hardest_.positive);
    }
    if (has_negatives) {
      search(Sign::kNegative, above, below, upper, lower, keys, negative_limits_,
             hardest_.negative);
    }
  }

  void search(Sign sign, const Block& above, const Block& below, int64_t upper, int64_t lower,
              const int32_t* keys, std::vector<int32_t>& limits, std::vector<Least<T>>& found) {
    const IntegerKernels& kernels = integer_kernels();
    Side rows;
    Side columns;
    read(upper, above, limits, rows);
    read(lower, below, limits, columns);

    int32_t least[kIntegerTile];
    std::fill(std::begin(least), std::end(least), kNever);
    for (int64_t i = 0; i < above.size(); ++i) {
      lower_limit(sign, kernels.least(keys + i * kIntegerTile, below.size(), least),
                  rows.limits[i]);
    }
    for (int64_t j = 0; j < below.size(); ++j) lower_limit(sign, least[j], columns.limits[j]);

    int64_t evaluated = 0;
    int32_t places[kIntegerTile];
    for (int64_t i = 0; i < above.size(); ++i) {
      const int32_t* const row = keys + i * kIntegerTile;
      const int64_t left =
          kernels.collect_either(row, below.size(), rows.limits[i], columns.limits, places);
      for (int64_t place = 0; place < left; ++place) {
        const int64_t j = places[place];
        const int64_t p = above.begin + i;
        const int64_t other = below.begin + j;
        T value;
        pair_kernels<T>().squared_distances(rows_.row(p), rows_.row(other), rows_.width(), 1,
                                            &value);
        rows_.finish(p, other, 1, &value);
        if (sign == Sign::kPositive) value = -value;
        rows.found[i].take(value, order_.row[static_cast<size_t>(other)]);
        columns.found[j].take(value, order_.row[static_cast<size_t>(p)]);
        ++evaluated;
      }
    }
    evaluated_.fetch_add(evaluated, std::memory_order_relaxed);
    write(upper, above, rows, limits, found);
    write(lower, below, columns, limits, found);
  }

  void lower_limit(Sign sign, int32_t least, int32_t& limit) const {
    if (least >= limit) return;  // also where there is no pair; a limit is never below its key
    limit =
        std::min(limit, sign == Sign::kNegative ? screen_.farther(least) : -screen_.nearer(-least));
  }

  void read(int64_t number, const Block& block, const std::vector<int32_t>& limits, Side& side) {
    const auto lock = locks_.hold(number);
    std::copy(limits.begin() + block.begin, limits.begin() + block.end, side.limits);
  }

  void write(int64_t number, const Block& block, const Side& side, std::vector<int32_t>& limits,
             std::vector<Least<T>>& found) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      const auto place = static_cast<size_t>(p);
      limits[place] = std::min(limits[place], side.limits[p - block.begin]);
      found[place].take(side.found[p - block.begin]);
    }
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Screen<T>& screen_;
  int64_t blocks_;
  BlockLocks locks_;
  int64_t most_evaluated_;
  std::atomic<int64_t> evaluated_{0};
  Hardest<T> hardest_;
  std::vector<int32_t> positive_limits_;
  std::vector<int32_t> negative_limits_;
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
