#include "kernels/cpu/mine/choice.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_keys.h"
#include "kernels/cpu/mine/wanted.h"

namespace tripoint::cpu {
namespace {

// Fewer rows are scanned faster than they are screened.
constexpr int64_t kLeastScreened = 256;

// Screening ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 32;

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

// Of the positions of a block of columns those that stand above the diagonal in a row, and are on a
// side: one range, since classes are contiguous.
Block columns_of(const ClassOrder& order, Side side, int64_t position, const Block& below) {
  Block range = below;
  range.begin = std::max(range.begin, std::min(position + 1, below.end));
  const int64_t class_end =
      std::clamp(order.end[static_cast<size_t>(position)], range.begin, below.end);
  (side == Side::kPositives ? range.end : range.begin) = class_end;
  return range;
}

// Whether a tile has pairs of a side.
bool has_side(const ClassOrder& order, Side side, const Block& above, const Block& below) {
  if (side == Side::kPositives) {
    return order.end[static_cast<size_t>(above.end - 1)] > below.begin;
  }
  return order.end[static_cast<size_t>(above.begin)] < below.end;
}

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
    if (!has_side(order_, wanted_.choice().side, above, below)) return;
    Least<T> of_rows[kTile];
    Least<T> of_columns[kTile];
    T values[kTile];
    int64_t evaluated = 0;
    for (int64_t p = above.begin; p < above.end; ++p) {
      const Block range = columns_of(order_, wanted_.choice().side, p, below);
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

// In each tile of the screen's distances the least key of each row and column that is admitted for
// certain says up to which key a pair may still be the least by the pair kernel; those pairs that
// may be admitted are given to it.
template <typename T>
class ScreenedScan {
 public:
  ScreenedScan(const PackedRows<T>& rows, const ClassOrder& order, const Wanted<T>& wanted,
               const Screen<T>& screen, const ChoiceKeys<DistanceBound<T>>& keys)
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
      keys.set(wanted.beyond(static_cast<int64_t>(p)), from_[p], certain_[p]);
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
    if (!has_side(order_, wanted_.choice().side, above, below)) return;
    alignas(64) int32_t keys[kIntegerTile * kIntegerTile];
    screen_.tile(above.begin, above.size(), below.begin, below.size(), keys);
    for (int64_t p = above.begin; p < above.end; ++p) {
      int32_t* const row = keys + (p - above.begin) * kIntegerTile;
      if (wanted_.farthest()) {
        for (int64_t j = 0; j < below.size(); ++j) row[j] = -row[j];
      }
      const Block range = columns_of(order_, wanted_.choice().side, p, below);
      std::fill(row, row + (range.begin - below.begin), kNeverKey);
      std::fill(row + (range.end - below.begin), row + below.size(), kNeverKey);
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
  const ChoiceKeys<DistanceBound<T>>& keys_;
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
  const Wanted<T> wanted(rows_, nearness_, choice, beyond);
  if (screen_) {
    const ChoiceKeys<DistanceBound<T>> keys(DistanceBound<T>(*screen_, nearness_), choice);
    std::optional<Chosen<T>> chosen =
        ScreenedScan<T>(rows_, order_, wanted, *screen_, keys).run_all(parallel_);
    if (chosen) return std::move(*chosen);
  }
  return PlainScan<T>(rows_, order_, wanted).run_all(parallel_);
}

template class Chooser<float>;
template class Chooser<double>;

}  // namespace tripoint::cpu
