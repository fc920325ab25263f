#ifndef TRIPOINT_KERNELS_CPU_TILE_INTEGER_TILE_H
#define TRIPOINT_KERNELS_CPU_TILE_INTEGER_TILE_H

#include <cstdint>
#include <vector>

namespace tripoint::cpu {

// Rows of whole numbers as the products below read them: groups of kIntegerGroup rows, of each
// group the pairs of columns, of each pair the rows, of each row its two numbers.
inline constexpr int64_t kIntegerGroup = 16;

// So many rows after the last are read, whatever they hold.
inline constexpr int64_t kIntegerMargin = 2 * kIntegerGroup;

// Rows and columns of the greatest tile.
inline constexpr int64_t kIntegerTile = 96;

struct IntegerRows {
  const int16_t* values;
  const int32_t* squares;  // |q|² of each row
  int64_t pairs;           // of columns
};

// The place of a row's pair of columns in `values`.
constexpr int64_t integer_place(int64_t pairs, int64_t row, int64_t pair) {
  return ((row / kIntegerGroup * pairs + pair) * kIntegerGroup + row % kIntegerGroup) * 2;
}

// All sums are exact as long as every |q|² is below 2²⁹.
struct IntegerKernels {
  // tile[i * kIntegerTile + j] = |q(row + i) − p(column + j)|² of rows q and rows p of as many
  // columns. `row` and `column` are those of tiles; what lies in the tile beyond the counts is
  // overwritten too.
  void (*squared_distances)(const IntegerRows& rows, int64_t row, int64_t row_count,
                            const IntegerRows& columns, int64_t column, int64_t column_count,
                            int32_t* tile);

  // The least of `count` keys; least[j] becomes the lesser of itself and keys[j].
  int32_t (*least)(const int32_t* keys, int64_t count, int32_t* least);

  // Writes the places of the keys that are at most `limit`, ascending, and gives how many there
  // are. As many as kIntegerTile keys are read, and as many places may be written, whatever `count`
  // is.
  int64_t (*collect)(const int32_t* keys, int64_t count, int32_t limit, int32_t* places);

  // The same for keys that are at most `limit` or at most their limits[j], of which as many are
  // read.
  int64_t (*collect_either)(const int32_t* keys, int64_t count, int32_t limit,
                            const int32_t* limits, int32_t* places);
};

// All that this processor can run, the fastest last; they give the same numbers.
std::vector<const IntegerKernels*> every_integer_kernels();

// The fastest for this processor.
const IntegerKernels& integer_kernels();

}  // namespace tripoint::cpu

#endif
