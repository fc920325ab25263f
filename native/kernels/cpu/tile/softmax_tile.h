#ifndef TRIPOINT_KERNELS_CPU_TILE_SOFTMAX_TILE_H
#define TRIPOINT_KERNELS_CPU_TILE_SOFTMAX_TILE_H

#include <cstdint>

#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// What a softmax does with a tile of products, whose row i begins at tile + i * kFloatTile. Columns
// are handled in whole groups of kSoftmaxGroup: what belongs to no column is to hold −∞ before the
// exponentials are taken, which makes it 0. Vectors for columns have kFloatTile elements.
//
// No step is fused and sums are made in a fixed order, so all processors give the same bits.
template <typename T>
inline constexpr int64_t kSoftmaxGroup = 64 / static_cast<int64_t>(sizeof(T));

template <typename T>
struct SoftmaxTileKernels {
  // target[i][j] = tile[i][j] where marks[i][j] has one of the wanted bits, else −∞. Marks lie as
  // tiles do, and are 0 where there is no column.
  void (*select)(const T* tile, const uint8_t* marks, uint8_t wanted, int64_t rows, int64_t columns,
                 T* target);

  // tile[i][j] = exp(scale · tile[i][j] − row_shifts[i] − column_shifts[j]), within one unit in
  // the last place.
  void (*exponentials)(T* tile, int64_t rows, int64_t columns, T scale, const T* row_shifts,
                       const T* column_shifts);

  // The sums of all rows and of all columns.
  void (*sums)(const T* tile, int64_t rows, int64_t columns, T* row_sums, T* column_sums);

  // The greatest of each row and of each column; −∞ where there is none but NaN.
  void (*maxima)(const T* tile, int64_t rows, int64_t columns, T* row_maxima, T* column_maxima);

  // tile[i][j] = tile[i][j] · (row_factors[i] + column_factors[j]).
  void (*multiply)(T* tile, int64_t rows, int64_t columns, const T* row_factors,
                   const T* column_factors);
};

// The fastest for this processor.
template <typename T>
const SoftmaxTileKernels<T>& softmax_tile_kernels();

// Those of every processor, for comparison.
template <typename T>
const SoftmaxTileKernels<T>& portable_softmax_tile_kernels();

}  // namespace tripoint::cpu

#endif
