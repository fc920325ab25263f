#ifndef TRIPOINT_OPS_MINED_PAIRS_H
#define TRIPOINT_OPS_MINED_PAIRS_H

#include <cstdint>

#include "kernels/cpu/mine/mined_pairs.h"

namespace tripoint::ops {

// Writes both sides as results: anchor and positive, anchor and negative.
void give_pairs(uint64_t* stack, cpu::MinedSides& sides);

}  // namespace tripoint::ops

#endif
