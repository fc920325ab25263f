#ifndef TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_PORTABLE_H
#define TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_PORTABLE_H

#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// The same products by the pair kernel and plain loops, for every processor. Their sums are not
// fused, so they round in another way.
template <typename T>
const FloatTileKernels<T>& portable_float_tile_kernels();

// float_tile_kernels() where the processor has them, else the portable ones.
template <typename T>
const FloatTileKernels<T>& any_float_tile_kernels();

}  // namespace tripoint::cpu

#endif
