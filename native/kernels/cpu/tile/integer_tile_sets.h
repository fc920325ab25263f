#ifndef TRIPOINT_KERNELS_CPU_TILE_INTEGER_TILE_SETS_H
#define TRIPOINT_KERNELS_CPU_TILE_INTEGER_TILE_SETS_H

#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {

#if defined(__x86_64__)
// Of one instruction set each; nothing where the processor lacks it.
const IntegerKernels* avx2_integer_kernels();
const IntegerKernels* avx512_integer_kernels();  // with VNNI
#endif

}  // namespace tripoint::cpu

#endif
