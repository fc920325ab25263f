#ifndef TRIPOINT_KERNELS_CPU_TILE_BYTE_TILE_H
#define TRIPOINT_KERNELS_CPU_TILE_BYTE_TILE_H

#include <cstdint>

namespace tripoint::cpu {

// Columns of a panel: of each quad of entries the columns, of each column its four bytes.
inline constexpr int64_t kBytePanel = 64;

// Rows are multiplied in groups of so many.
inline constexpr int64_t kByteRows = 6;

// Bytes of columns are kept above zero by this much.
inline constexpr int32_t kByteOffset = 128;

// The place of a column's quad in its panel.
constexpr int64_t byte_place(int64_t column, int64_t quad) {
  return (quad * kBytePanel + column) * 4;
}

// Columns of a panel that a row meets.
struct ByteHits {
  int64_t row;
  uint64_t columns;  // a bit of each
};

// Row i of `count`, a multiple of kByteRows, lies at rows + 4 · quads · i. Its sum with column j is
// starts[j] + rows[i] · panel[j], and must not overflow.
struct ByteKernels {
  // Writes the columns whose sum with a row is at least least[i], for each row that has any, by
  // row, and gives how many have. As many as `count` may be written.
  int64_t (*scan)(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
                  const int32_t* starts, const int32_t* least, ByteHits* hits);

  // greatest[stride · i + j] becomes the greater of itself and the sum of row i and column j.
  void (*raise)(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
                const int32_t* starts, int32_t* greatest, int64_t stride);
};

// The fastest for this processor; all give the same bits.
const ByteKernels& byte_kernels();

// Those of every processor, for comparison.
const ByteKernels& portable_byte_kernels();

// Whether this processor multiplies bytes faster than it does wider numbers.
bool multiplies_bytes_fast();

}  // namespace tripoint::cpu

#endif
