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

// Where more places of a tile are wanted, its least keys are looked for before they are nominated.
constexpr int64_t kManyPlaces = 4 * kIntegerTile;

static_assert(kIntegerTile <= kMostEvaluated);
static_assert(kIntegerTile <= std::numeric_limits<uint8_t>::max());

// A place of a tile.
struct Place {
  uint8_t row;
  uint8_t column;
};

// The places of a tile that rows want, and those that columns want.
struct Places {
  int64_t row_count = 0;
  int64_t column_count = 0;
  Place of_rows[kIntegerTile * kIntegerTile];
  Place of_columns[kIntegerTile * kIntegerTile];
};

// Which of kStep keys a row wants, and which of them their columns want, a bit each.
struct Marks {
  uint32_t of_row = 0;
  uint32_t of_column = 0;
};

// For each row or column of a tile, from which key on and how far keys are wanted.
struct Ranges {
  alignas(64) int32_t from[kIntegerTile];
  alignas(64) uint32_t span[kIntegerTile];  // 0 where there are none
};

struct TileKernels {
  // By how much the least of `count` keys from `from` on is above it; least[j] becomes the lesser
  // of itself and what keys[j] is above froms[j].
  uint32_t (*least_above)(const int32_t* keys, int64_t count, int32_t from, const int32_t* froms,
                          uint32_t* least_of_columns);

  // Adds the places of the keys that their row or their column wants.
  void (*collect)(const int32_t* keys, int64_t row_count, int64_t column_count, const Ranges& rows,
                  const Ranges& columns, Places& places);
};

constexpr int64_t kStep = 32;
static_assert(kIntegerTile % kStep == 0);

namespace portable {
#define TRIPOINT_TARGET
Marks marks_of(const int32_t* keys, int32_t from, uint32_t span, const int32_t* froms,
               const uint32_t* spans) {
  uint32_t of_row[kStep];
  uint32_t of_column[kStep];
  uint32_t any = 0;
  for (int64_t j = 0; j < kStep; ++j) {
    const auto key = static_cast<uint32_t>(keys[j]);
    of_row[j] = key - static_cast<uint32_t>(from) < span ? 1 : 0;
    of_column[j] = key - static_cast<uint32_t>(froms[j]) < spans[j] ? 1 : 0;
    any |= of_row[j] | of_column[j];
  }
  Marks marks;
  if (any == 0) return marks;
  for (int64_t j = 0; j < kStep; ++j) {
    marks.of_row |= of_row[j] << j;
    marks.of_column |= of_column[j] << j;
  }
  return marks;
}
#include "kernels/cpu/mine/screened_choice_body.inc"
#undef TRIPOINT_TARGET
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
#define TRIPOINT_TARGET TRIPOINT_AVX2
// There is only a comparison of signed numbers: both sides are shifted by half of their range.
TRIPOINT_TARGET inline Marks marks_of(const int32_t* keys, int32_t from, uint32_t span,
                                      const int32_t* froms, const uint32_t* spans) {
  constexpr int64_t kWide = 8;
  const __m256i half = _mm256_set1_epi32(std::numeric_limits<int32_t>::min());
  const __m256i from_of_row = _mm256_set1_epi32(from);
  const __m256i span_of_row = _mm256_xor_si256(_mm256_set1_epi32(static_cast<int32_t>(span)), half);
  Marks marks;
#pragma GCC unroll 4
  for (int64_t j = 0; j < kStep; j += kWide) {
    __m256i some, from_of_each, span_of_each;
    std::memcpy(&some, keys + j, sizeof some);
    std::memcpy(&from_of_each, froms + j, sizeof from_of_each);
    std::memcpy(&span_of_each, spans + j, sizeof span_of_each);
    some = _mm256_xor_si256(some, half);
    const __m256i of_row = _mm256_cmpgt_epi32(span_of_row, _mm256_sub_epi32(some, from_of_row));
    const __m256i of_column = _mm256_cmpgt_epi32(_mm256_xor_si256(span_of_each, half),
                                                 _mm256_sub_epi32(some, from_of_each));
    marks.of_row |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(of_row))) << j;
    marks.of_column |= static_cast<uint32_t>(_mm256_movemask_ps(_mm256_castsi256_ps(of_column)))
                       << j;
  }
  return marks;
}
#include "kernels/cpu/mine/screened_choice_body.inc"
#undef TRIPOINT_TARGET
}  // namespace avx2

namespace avx512 {
#define TRIPOINT_TARGET TRIPOINT_AVX512
TRIPOINT_TARGET inline Marks marks_of(const int32_t* keys, int32_t from, uint32_t span,
                                      const int32_t* froms, const uint32_t* spans) {
  constexpr int64_t kWide = 16;
  const __m512i from_of_row = _mm512_set1_epi32(from);
  const __m512i span_of_row = _mm512_set1_epi32(static_cast<int32_t>(span));
  Marks marks;
#pragma GCC unroll 2
  for (int64_t j = 0; j < kStep; j += kWide) {
    const __m512i some = _mm512_loadu_si512(keys + j);
    const __mmask16 of_row =
        _mm512_cmplt_epu32_mask(_mm512_sub_epi32(some, from_of_row), span_of_row);
    const __mmask16 of_column = _mm512_cmplt_epu32_mask(
        _mm512_sub_epi32(some, _mm512_loadu_si512(froms + j)), _mm512_loadu_si512(spans + j));
    marks.of_row |= static_cast<uint32_t>(of_row) << j;
    marks.of_column |= static_cast<uint32_t>(of_column) << j;
  }
  return marks;
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

// Each key that is admitted for certain says up to which key a pair may still be the least by the
// pair kernel. In each tile of the screen's distances the pairs that may be so, and may be
// admitted, are nominated. When all tiles of a block are done, few are left below its rows' limits,
// and those are given to the pair kernel.
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
        from_(found_.size()),
        certain_(found_.size()),
        limits_(found_.size(), keys.last()),
        fresh_(static_cast<size_t>(blocks_), 1),
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
    merge(upper, above, of_rows, locks_, found_);
    merge(lower, below, of_columns, locks_, found_);
  }

  void nominate(int64_t upper, int64_t lower, const Block& above, const Block& below) {
    alignas(64) int32_t keys[kIntegerTile * kIntegerTile];
    read_keys(above, below, keys);
    if (is_fresh(upper) || is_fresh(lower)) search(keys, upper, lower, above, below);
    Ranges rows;
    Ranges columns;
    read(upper, above, rows);
    read(lower, below, columns);
    Places places;
    kernels_.collect(keys, above.size(), below.size(), rows, columns, places);
    if (places.row_count + places.column_count > kManyPlaces) {
      search(keys, upper, lower, above, below);
    }
    const auto key_of = [&](Place place) { return keys[place.row * kIntegerTile + place.column]; };
    const auto row_of = [&](Place place) { return static_cast<int32_t>(above.begin) + place.row; };
    const auto column_of = [&](Place place) {
      return static_cast<int32_t>(below.begin) + place.column;
    };
    write(upper, places.of_rows, places.row_count, [&](Place place) {
      return Nominee{key_of(place), row_of(place), column_of(place)};
    });
    write(lower, places.of_columns, places.column_count, [&](Place place) {
      return Nominee{key_of(place), column_of(place), row_of(place)};
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

  // Whether no tile has yet set limits to a block's rows.
  bool is_fresh(int64_t number) {
    const auto lock = locks_.hold(number);
    return fresh_[static_cast<size_t>(number)] != 0;
  }

  // Lowers the limits by the least keys of a tile, so that few of many are nominated.
  void search(const int32_t* keys, int64_t upper, int64_t lower, const Block& above,
              const Block& below) {
    const int32_t* const of_rows = certain_.data() + above.begin;
    const int32_t* const of_columns = certain_.data() + below.begin;
    uint32_t row_least[kIntegerTile];
    uint32_t column_least[kIntegerTile];
    std::fill(std::begin(column_least), std::end(column_least),
              std::numeric_limits<uint32_t>::max());
    for (int64_t i = 0; i < above.size(); ++i) {
      row_least[i] = kernels_.least_above(keys + i * kIntegerTile, below.size(), of_rows[i],
                                          of_columns, column_least);
    }
    lower_limits(upper, above, row_least);
    lower_limits(lower, below, column_least);
  }

  void lower_limits(int64_t number, const Block& block, const uint32_t* least) {
    const auto lock = locks_.hold(number);
    fresh_[static_cast<size_t>(number)] = 0;
    for (int64_t p = block.begin; p < block.end; ++p) {
      const auto place = static_cast<size_t>(p);
      keys_.lower_limit(certain_[place], least[p - block.begin], limits_[place]);
    }
  }

  void read(int64_t number, const Block& block, Ranges& ranges) {
    const int64_t size = block.size();
    const int32_t* const from = from_.data() + block.begin;
    const int32_t* const limits = limits_.data() + block.begin;
    const auto lock = locks_.hold(number);
    for (int64_t i = 0; i < size; ++i) {
      const uint32_t reach = static_cast<uint32_t>(limits[i]) - static_cast<uint32_t>(from[i]);
      ranges.from[i] = from[i];
      ranges.span[i] = limits[i] < from[i] ? 0 : reach + 1;
    }
    std::fill(ranges.from + size, std::end(ranges.from), 0);
    std::fill(ranges.span + size, std::end(ranges.span), 0u);
  }

  // Adds what rows of a block want in a tile to what is known of them.
  template <typename NomineeOf>
  void write(int64_t number, const Place* places, int64_t count, NomineeOf&& nominee_of) {
    const auto lock = locks_.hold(number);
    std::vector<Nominee>& nominees = nominees_[static_cast<size_t>(number)];
    for (int64_t k = 0; k < count; ++k) {
      const Nominee one = nominee_of(places[k]);
      if (!wants(one)) continue;
      nominees.push_back(one);
      const auto place = static_cast<size_t>(one.position);
      const int32_t certain = certain_[place];
      keys_.lower_limit(certain, static_cast<uint32_t>(one.key) - static_cast<uint32_t>(certain),
                        limits_[place]);
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
  std::vector<int32_t> from_;
  std::vector<int32_t> certain_;
  std::vector<int32_t> limits_;
  std::vector<char> fresh_;                     // of each block
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
