#include "kernels/cpu/tile/float_tile.h"

#include "kernels/cpu/tile/float_tile_sets.h"

namespace tripoint::cpu {

template <typename T>
std::vector<const FloatTileKernels<T>*> every_float_tile_kernels() {
  std::vector<const FloatTileKernels<T>*> every;
#if defined(__x86_64__)
  for (const FloatTileKernels<T>* one :
       {avx2_float_tile_kernels<T>(), avx512_float_tile_kernels<T>()}) {
    if (one != nullptr) every.push_back(one);
  }
#endif
  return every;
}

template <typename T>
const FloatTileKernels<T>* float_tile_kernels() {
  static const FloatTileKernels<T>* const fastest = [] {
    const auto every = every_float_tile_kernels<T>();
    return every.empty() ? nullptr : every.back();
  }();
  return fastest;
}

template std::vector<const FloatTileKernels<float>*> every_float_tile_kernels<float>();
template std::vector<const FloatTileKernels<double>*> every_float_tile_kernels<double>();
template const FloatTileKernels<float>* float_tile_kernels<float>();
template const FloatTileKernels<double>* float_tile_kernels<double>();

}  // namespace tripoint::cpu
