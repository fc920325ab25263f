#ifndef TRIPOINT_KERNELS_CPU_BASE_PARALLEL_H
#define TRIPOINT_KERNELS_CPU_BASE_PARALLEL_H

#include <cstdint>

#include "kernels/cpu/base/function_ref.h"

namespace tripoint::cpu {

// Some of the tasks 0 … count − 1 of a loop: [begin, end).
using Tasks = FunctionRef<void(int64_t begin, int64_t end)>;

// A parallel loop, given from outside: calls `tasks` over ranges that cover [0, count) once, from
// any threads and in any order, and returns when all are done. What a task throws, it throws.
//
// No kernel's result depends on how the ranges are cut: sums are made in an order that the kernel
// fixes.
using Parallel = FunctionRef<void(int64_t count, Tasks tasks)>;

// Below this many multiplications a loop is not worth waking threads for.
inline constexpr int64_t kSerialWork = int64_t{1} << 17;

inline void run(const Parallel& parallel, int64_t work, int64_t count, Tasks tasks) {
  if (count <= 0) return;
  if (count == 1 || work < kSerialWork) {
    tasks(0, count);
  } else {
    parallel(count, tasks);
  }
}

}  // namespace tripoint::cpu

#endif
