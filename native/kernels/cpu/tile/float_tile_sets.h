#ifndef TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_SETS_H
#define TRIPOINT_KERNELS_CPU_TILE_FLOAT_TILE_SETS_H

#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

#if defined(__x86_64__)
// Of one instruction set each; nothing where the processor lacks it.
template <typename T>
const FloatTileKernels<T>* avx2_float_tile_kernels();
template <typename T>
const FloatTileKernels<T>* avx512_float_tile_kernels();
#endif

}  // namespace tripoint::cpu

#endif
