#include "kernels/cpu/tile/float_tile_portable.h"

#include <algorithm>

#include "kernels/cpu/rows/pair.h"

namespace tripoint::cpu {
namespace {

template <typename T>
void pack(const T* rows, int64_t count, int64_t width, T* packed) {
  std::copy(rows, rows + count * width, packed);
  std::fill(packed + count * width, packed + kFloatTile * width, T{0});
}

template <typename T>
void products(const T* x, int64_t x_count, const T* packed, int64_t y_count, int64_t width,
              T* tile) {
  for (int64_t i = 0; i < x_count; ++i) {
    T* const row = tile + i * kFloatTile;
    pair_kernels<T>().products(x + i * width, packed, width, y_count, row);
    std::fill(row + y_count, row + kFloatTile, T{0});
  }
}

template <typename T>
void accumulate(const T* weights, int64_t row_stride, int64_t column_stride, int64_t count,
                const T* y, int64_t y_count, int64_t width, T* sums) {
  constexpr int64_t kStep = 64;
  for (int64_t i = 0; i < count; ++i) {
    for (int64_t first = 0; first < width; first += kStep) {
      const int64_t step = std::min(kStep, width - first);
      T added[kStep] = {};
      for (int64_t j = 0; j < y_count; ++j) {
        const T weight = weights[i * row_stride + j * column_stride];
        const T* const row = y + j * width + first;
        for (int64_t k = 0; k < step; ++k) added[k] += weight * row[k];
      }
      T* const sum = sums + i * width + first;
      for (int64_t k = 0; k < step; ++k) sum[k] += added[k];
    }
  }
}

template <typename T>
constexpr FloatTileKernels<T> kKernels{&pack<T>, &products<T>, &accumulate<T>};

}  // namespace

template <typename T>
const FloatTileKernels<T>& portable_float_tile_kernels() {
  return kKernels<T>;
}

template <typename T>
const FloatTileKernels<T>& any_float_tile_kernels() {
  const FloatTileKernels<T>* const fast = float_tile_kernels<T>();
  return fast == nullptr ? kKernels<T> : *fast;
}

template const FloatTileKernels<float>& portable_float_tile_kernels<float>();
template const FloatTileKernels<double>& portable_float_tile_kernels<double>();
template const FloatTileKernels<float>& any_float_tile_kernels<float>();
template const FloatTileKernels<double>& any_float_tile_kernels<double>();

}  // namespace tripoint::cpu
