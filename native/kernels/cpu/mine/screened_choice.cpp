#include "kernels/cpu/mine/screened_choice.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstring>
#include <limits>
#include <utility>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_pairs.h"
#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {
namespace {

// Screening ends where it has left one of so many pairs to the pair kernel.
constexpr int64_t kPairsOfEvaluation = 32;

// Where a tile has at most one pair of the side in so many, they are evaluated without their keys.
constexpr int64_t kPairsOfFew = 16;

static_assert(kIntegerTile <= kMostEvaluated);
static_assert(kIntegerTile <= std::numeric_limits<uint8_t>::max());

struct TileKernels {
  uint32_t (*least_above)(const int32_t* keys, int64_t count, int32_t from, const int32_t* froms,
                          uint32_t* least_of_columns);

  // Writes the places of the keys that are less than `span` above `from`, or less than their spans
  // above their froms, and gives how many there are. As many as kIntegerTile are read, whatever
  // `count` is.
  int64_t (*collect)(const int32_t* keys, int64_t count, int32_t from, uint32_t span,
                     const int32_t* froms, const uint32_t* spans, uint8_t* places);
};

namespace portable {
#define TRIPOINT_TARGET
constexpr int64_t kWide = 16;
uint32_t marks_of(const int32_t* keys, int32_t from, uint32_t span, const int32_t* froms,
                  const uint32_t* spans) {
  uint32_t marked[kWide];
  uint32_t any = 0;
  for (int64_t j = 0; j < kWide; ++j) {
    const auto key = static_cast<uint32_t>(keys[j]);
    const uint32_t of_row = key - static_cast<uint32_t>(from) < span ? 1 : 0;
    const uint32_t of_column = key - static_cast<uint32_t>(froms[j]) < spans[j] ? 1 : 0;
    marked[j] = of_row | of_column;
    any |= marked[j];
  }
  if (any == 0) return 0;
  uint32_t marks = 0;
  for (int64_t j = 0; j < kWide; ++j) marks |= marked[j] << j;
  return marks;
}
#include "kernels/cpu/mine/screened_choice_body.inc"
#undef TRIPOINT_TARGET
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
#define TRIPOINT_TARGET TRIPOINT_AVX2
constexpr int64_t kWide = 8;
// There is only a comparison of signed numbers: both sides are shifted by half of their range.
TRIPOINT_TARGET inline uint32_t marks_of(const int32_t* keys, int32_t from, uint32_t span,
                                         const int32_t* froms, const uint32_t* spans) {
  const __m256i half = _mm256_set1_epi32(std::numeric_limits<int32_t>::min());
  __m256i some, from_of_each, span_of_each;
  std::memcpy(&some, keys, sizeof some);
  std::memcpy(&from_of_each, froms, sizeof from_of_each);
  std::memcpy(&span_of_each, spans, sizeof span_of_each);
  some = _mm256_xor_si256(some, half);
  const __m256i of_row =
      _mm256_cmpgt_epi32(_mm256_xor_si256(_mm256_set1_epi32(static_cast<int32_t>(span)), half),
                         _mm256_sub_epi32(some, _mm256_set1_epi32(from)));
  const __m256i of_column = _mm256_cmpgt_epi32(_mm256_xor_si256(span_of_each, half),
                                               _mm256_sub_epi32(some, from_of_each));
  return static_cast<uint32_t>(
      _mm256_movemask_ps(_mm256_castsi256_ps(_mm256_or_si256(of_row, of_column))));
}
#include "kernels/cpu/mine/screened_choice_body.inc"
#undef TRIPOINT_TARGET
}  // namespace avx2

namespace avx512 {
#define TRIPOINT_TARGET TRIPOINT_AVX512
constexpr int64_t kWide = 16;
TRIPOINT_TARGET inline uint32_t marks_of(const int32_t* keys, int32_t from, uint32_t span,
                                         const int32_t* froms, const uint32_t* spans) {
  const __m512i some = _mm512_loadu_si512(keys);
  const __mmask16 of_row = _mm512_cmplt_epu32_mask(_mm512_sub_epi32(some, _mm512_set1_epi32(from)),
                                                   _mm512_set1_epi32(static_cast<int32_t>(span)));
  const __mmask16 of_column = _mm512_cmplt_epu32_mask(
      _mm512_sub_epi32(some, _mm512_loadu_si512(froms)), _mm512_loadu_si512(spans));
  return static_cast<uint32_t>(of_row | of_column);
}
#include "kernels/cpu/mine/screened_choice_body.inc"
#undef TRIPOINT_TARGET
}  // namespace avx512
#endif

const TileKernels& tile_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

// In each tile of the screen's distances the least key of each row and column that is admitted for
// certain says up to which key a pair may still be the least by the pair kernel. Such pairs, if
// they may be admitted, are nominated. When all tiles of a block are done, few are left below its
// rows' limits, and those are given to the pair kernel.
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
        kernels_(tile_kernels()),
        blocks_((rows.size() + kIntegerTile - 1) / kIntegerTile),
        locks_(blocks_),
        most_evaluated_(rows.size() * rows.size() / kPairsOfEvaluation),
        found_(static_cast<size_t>(rows.size())),
        from_(static_cast<size_t>(blocks_ * kIntegerTile)),
        certain_(found_.size()),
        limits_(found_.size(), keys.last()),
        nominees_(static_cast<size_t>(blocks_)),
        tiles_left_(static_cast<size_t>(blocks_), blocks_) {
    for (size_t p = 0; p < found_.size(); ++p) {
      keys.set(wanted.beyond(static_cast<int64_t>(p)), from_[p], certain_[p]);
    }
  }

  // Nothing where the screen leaves too many pairs.
  std::optional<Chosen<T>> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * rows_.width() / 4, parallel,
                 [&](int64_t upper, int64_t lower) {
                   if (nominated_.load(std::memory_order_relaxed) <= most_evaluated_) {
                     scan(upper, lower);
                   }
                 });
    const int64_t nominated = nominated_.load();
    if (nominated > most_evaluated_) return std::nullopt;
    return Chosen<T>{std::move(found_), nominated + few_.load()};
  }

 private:
  // So many nominees of a block are held, then those beyond their limits let go.
  static constexpr size_t kMostNominees = 8 * kIntegerTile;

  // A pair that may be what a position wants.
  struct Nominee {
    int32_t key;
    int32_t position;
    int32_t other;
  };

  // A place of a tile.
  struct Place {
    uint8_t row;
    uint8_t column;
  };

  // What a tile knows of the rows or the columns of one of its sides.
  struct Edge {
    const int32_t* from;
    const int32_t* certain;
    int32_t limits[kIntegerTile];
    uint32_t spans[kIntegerTile];  // from `from` to the limit
  };

  void scan(int64_t upper, int64_t lower) {
    const Block above(upper, kIntegerTile, rows_.size());
    const Block below(lower, kIntegerTile, rows_.size());
    const int64_t pairs = pairs_of(order_, wanted_.choice().side, above, below);
    if (pairs * kPairsOfFew <= kIntegerTile * kIntegerTile) {
      if (pairs > 0) evaluate_few(pairs, upper, lower, above, below);
    } else {
      nominate(upper, lower, above, below);
    }
    finish(upper);
    if (upper != lower) finish(lower);
  }

  void evaluate_few(int64_t pairs, int64_t upper, int64_t lower, const Block& above,
                    const Block& below) {
    Least<T> of_rows[kIntegerTile];
    Least<T> of_columns[kIntegerTile];
    evaluate_pairs(wanted_, order_, above, below, of_rows, of_columns);
    few_.fetch_add(pairs, std::memory_order_relaxed);
    take(upper, above, of_rows);
    take(lower, below, of_columns);
  }

  void take(int64_t number, const Block& block, const Least<T>* found) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      found_[static_cast<size_t>(p)].take(found[p - block.begin]);
    }
  }

  void nominate(int64_t upper, int64_t lower, const Block& above, const Block& below) {
    alignas(64) int32_t keys[kIntegerTile * kIntegerTile];
    read_keys(above, below, keys);
    Edge rows;
    Edge columns;
    read(upper, above, rows);
    read(lower, below, columns);
    lower_limits(keys, above.size(), below.size(), rows, columns);

    Place places[kIntegerTile * kIntegerTile];
    int64_t count = 0;
    uint8_t collected[kIntegerTile];
    for (int64_t i = 0; i < above.size(); ++i) {
      const int64_t found = kernels_.collect(keys + i * kIntegerTile, below.size(), rows.from[i],
                                             rows.spans[i], columns.from, columns.spans, collected);
      for (int64_t k = 0; k < found; ++k) {
        places[count++] = {static_cast<uint8_t>(i), collected[k]};
      }
    }
    const auto key_of = [&](Place place) { return keys[place.row * kIntegerTile + place.column]; };
    const auto row_of = [&](Place place) { return static_cast<int32_t>(above.begin) + place.row; };
    const auto column_of = [&](Place place) {
      return static_cast<int32_t>(below.begin) + place.column;
    };
    write(upper, above, rows, count, [&](int64_t k) {
      return Nominee{key_of(places[k]), row_of(places[k]), column_of(places[k])};
    });
    write(lower, below, columns, count, [&](int64_t k) {
      return Nominee{key_of(places[k]), column_of(places[k]), row_of(places[k])};
    });
  }

  // The keys of a tile, kNeverKey where there is no pair of the side.
  void read_keys(const Block& above, const Block& below, int32_t* keys) const {
    screen_.tile(above.begin, above.size(), below.begin, below.size(), keys);
    const Side side = wanted_.choice().side;
    const bool all = side == Side::kNegatives && only_negatives(order_, above, below);
    for (int64_t p = above.begin; p < above.end; ++p) {
      int32_t* const row = keys + (p - above.begin) * kIntegerTile;
      if (wanted_.farthest()) {
        for (int64_t j = 0; j < below.size(); ++j) row[j] = -row[j];
      }
      if (all) continue;
      const Block range = columns_of(order_, side, p, below);
      std::fill(row, row + (range.begin - below.begin), kNeverKey);
      std::fill(row + (range.end - below.begin), row + below.size(), kNeverKey);
    }
  }

  void read(int64_t number, const Block& block, Edge& edge) {
    edge.from = from_.data() + block.begin;
    edge.certain = certain_.data() + block.begin;
    const auto lock = locks_.hold(number);
    std::copy(limits_.begin() + block.begin, limits_.begin() + block.end, edge.limits);
  }

  void lower_limits(const int32_t* keys, int64_t row_count, int64_t column_count, Edge& rows,
                    Edge& columns) const {
    uint32_t least[kIntegerTile];
    std::fill(std::begin(least), std::end(least), std::numeric_limits<uint32_t>::max());
    for (int64_t i = 0; i < row_count; ++i) {
      const uint32_t above = kernels_.least_above(keys + i * kIntegerTile, column_count,
                                                  rows.certain[i], columns.certain, least);
      lower_limit(above, i, rows);
    }
    for (int64_t j = 0; j < column_count; ++j) lower_limit(least[j], j, columns);
    std::fill(columns.spans + column_count, std::end(columns.spans), 0u);
  }

  void lower_limit(uint32_t above, int64_t place, Edge& edge) const {
    int32_t& limit = edge.limits[place];
    keys_.lower_limit(edge.certain[place], above, limit);
    const int32_t from = edge.from[place];
    edge.spans[place] =
        limit < from ? 0 : static_cast<uint32_t>(limit) - static_cast<uint32_t>(from) + 1;
  }

  // Adds what a tile found to what is known of one of its blocks. `nominee` gives one of `count`
  // that either of its two rows wants.
  template <typename Nominated>
  void write(int64_t number, const Block& block, const Edge& edge, int64_t count,
             Nominated&& nominee) {
    const auto lock = locks_.hold(number);
    for (int64_t p = block.begin; p < block.end; ++p) {
      int32_t& limit = limits_[static_cast<size_t>(p)];
      limit = std::min(limit, edge.limits[p - block.begin]);
    }
    std::vector<Nominee>& nominees = nominees_[static_cast<size_t>(number)];
    for (int64_t k = 0; k < count; ++k) {
      const Nominee one = nominee(k);
      if (wants(one)) nominees.push_back(one);
    }
    if (nominees.size() < kMostNominees) return;
    std::erase_if(nominees, [&](const Nominee& one) { return !wants(one); });
    if (nominees.size() > kMostNominees / 2) evaluate(nominees);
  }

  bool wants(const Nominee& one) const {
    const auto place = static_cast<size_t>(one.position);
    return one.key >= from_[place] && one.key <= limits_[place];
  }

  // A tile of a block is done; with the last one, the block is.
  void finish(int64_t number) {
    const auto lock = locks_.hold(number);
    if (--tiles_left_[static_cast<size_t>(number)] > 0) return;
    evaluate(nominees_[static_cast<size_t>(number)]);
  }

  void evaluate(std::vector<Nominee>& nominees) {
    int64_t evaluated = 0;
    for (const Nominee& one : nominees) {
      if (!wants(one)) continue;
      ++evaluated;
      const T value = wanted_.value(one.position, one.other);
      Least<T>& found = found_[static_cast<size_t>(one.position)];
      if (!(value <= found.value) || !wanted_.admits(one.position, value)) continue;
      if (value < found.value) keys_.lower_limit(value, limits_[static_cast<size_t>(one.position)]);
      found.take(value, order_.row[static_cast<size_t>(one.other)]);
    }
    nominees.clear();
    nominated_.fetch_add(evaluated, std::memory_order_relaxed);
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Wanted<T>& wanted_;
  const Screen<T>& screen_;
  const ChoiceKeys<DistanceBound<T>>& keys_;
  const TileKernels& kernels_;
  int64_t blocks_;
  BlockLocks locks_;
  int64_t most_evaluated_;
  std::atomic<int64_t> nominated_{0};  // and evaluated
  std::atomic<int64_t> few_{0};        // evaluated without their keys
  std::vector<Least<T>> found_;
  std::vector<int32_t> from_;  // with room for whole tiles
  std::vector<int32_t> certain_;
  std::vector<int32_t> limits_;
  std::vector<std::vector<Nominee>> nominees_;  // by block
  std::vector<int64_t> tiles_left_;             // of each block
};

}  // namespace

template <typename T>
std::optional<Chosen<T>> choose_screened(const PackedRows<T>& rows, const ClassOrder& order,
                                         const Wanted<T>& wanted, const Screen<T>& screen,
                                         const ChoiceKeys<DistanceBound<T>>& keys,
                                         const Parallel& parallel) {
  return ScreenedScan<T>(rows, order, wanted, screen, keys).run_all(parallel);
}

template std::optional<Chosen<float>> choose_screened(const PackedRows<float>&, const ClassOrder&,
                                                      const Wanted<float>&, const Screen<float>&,
                                                      const ChoiceKeys<DistanceBound<float>>&,
                                                      const Parallel&);
template std::optional<Chosen<double>> choose_screened(const PackedRows<double>&, const ClassOrder&,
                                                       const Wanted<double>&, const Screen<double>&,
                                                       const ChoiceKeys<DistanceBound<double>>&,
                                                       const Parallel&);

}  // namespace tripoint::cpu
