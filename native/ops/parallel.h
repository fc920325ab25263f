#ifndef TRIPOINT_OPS_PARALLEL_H
#define TRIPOINT_OPS_PARALLEL_H

#include "kernels/cpu/base/parallel.h"

namespace tripoint::ops {

// The loop that kernels are given: LibTorch's own threads, as many as it uses for its operators
// here. Each takes the next task when it is done with one. Inside another parallel loop of
// LibTorch's it runs on the thread that calls.
cpu::Parallel parallel_loop();

}  // namespace tripoint::ops

#endif
