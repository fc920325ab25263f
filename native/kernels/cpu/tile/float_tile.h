#ifndef TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_H
#define TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_H

#include <cstdint>
#include <vector>

namespace tripoint::cpu {

// Rows and columns of the greatest tile of products.
inline constexpr int64_t kFloatTile = 96;

// Products of tiles in floats. Every sum is one chain of fused multiply-adds in the order of its
// index, so that it depends on nothing but its operands, and (x, y) and (y, x) have the same bits.
template <typename T>
struct FloatTileKernels {
  // The columns of `count` rows of `width` that lie one after the other, as `products` reads them.
  // `packed` has room for kFloatTile rows; what no row fills becomes 0.
  void (*pack)(const T* rows, int64_t count, int64_t width, T* packed);

  // tile[i * kFloatTile + j] = x[i] · y[j], of `x_count` rows x and `y_count` packed rows y. What
  // lies in the tile beyond the counts is overwritten too, but for its rows from `x_count` on.
  void (*products)(const T* x, int64_t x_count, const T* packed, int64_t y_count, int64_t width,
                   T* tile);

  // sums[i * width + k] += the sum over j of weights[i * row_stride + j * column_stride] · y[j][k],
  // made from 0 and then added, for i < count and j < y_count.
  void (*accumulate)(const T* weights, int64_t row_stride, int64_t column_stride, int64_t count,
                     const T* y, int64_t y_count, int64_t width, T* sums);
};

// All that this processor can run, the fastest last; they give the same bits.
template <typename T>
std::vector<const FloatTileKernels<T>*> every_float_tile_kernels();

// The fastest for this processor; nothing where it has no fused multiply-add.
template <typename T>
const FloatTileKernels<T>* float_tile_kernels();

}  // namespace tripoint::cpu

#endif
