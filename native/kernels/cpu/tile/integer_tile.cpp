#include "kernels/cpu/tile/integer_tile.h"

#include <limits>

#include "kernels/cpu/tile/integer_tile_sets.h"

namespace tripoint::cpu {

namespace portable {
namespace {
void squared_distances(const IntegerRows& rows, int64_t row, int64_t row_count,
                       const IntegerRows& columns, int64_t column, int64_t column_count,
                       int32_t* tile) {
  for (int64_t i = 0; i < row_count; ++i) {
    for (int64_t j = 0; j < column_count; ++j) {
      int32_t product = 0;
      for (int64_t pair = 0; pair < rows.pairs; ++pair) {
        const int16_t* const x = rows.values + integer_place(rows.pairs, row + i, pair);
        const int16_t* const y = columns.values + integer_place(rows.pairs, column + j, pair);
        product += x[0] * y[0] + x[1] * y[1];
      }
      tile[i * kIntegerTile + j] =
          rows.squares[row + i] + columns.squares[column + j] - 2 * product;
    }
  }
}

template <bool WithLimits>
int64_t collect_by(const int32_t* keys, int64_t count, int32_t limit, const int32_t* limits,
                   int32_t* places) {
  int64_t found = 0;
  for (int64_t j = 0; j < count; ++j) {
    places[found] = static_cast<int32_t>(j);
    found += keys[j] <= limit || (WithLimits && keys[j] <= limits[j]) ? 1 : 0;
  }
  return found;
}

#define TRIPOINT_TARGET
#include "kernels/cpu/tile/integer_tile_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace portable

std::vector<const IntegerKernels*> every_integer_kernels() {
  std::vector<const IntegerKernels*> every{&portable::kKernels};
#if defined(__x86_64__)
  for (const IntegerKernels* one : {avx2_integer_kernels(), avx512_integer_kernels()}) {
    if (one != nullptr) every.push_back(one);
  }
#endif
  return every;
}

const IntegerKernels& integer_kernels() {
  static const IntegerKernels& fastest = *every_integer_kernels().back();
  return fastest;
}

}  // namespace tripoint::cpu
