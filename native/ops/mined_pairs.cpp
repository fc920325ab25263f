#include "ops/mined_pairs.h"

#include <utility>

#include "ops/arguments.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "tripoint.h"

namespace tripoint::ops {

void give_pairs(uint64_t* stack, cpu::MinedSides& sides) {
  Results results(stack);
  for (cpu::MinedPairs* const side : {&sides.positives, &sides.negatives}) {
    const int64_t count = side->count();
    abi::TensorHandle anchor = new_tensor(TP_INT64, {count});
    abi::TensorHandle column = new_tensor(TP_INT64, {count});
    side->write(parallel_loop(), elements<int64_t>(anchor), elements<int64_t>(column));
    results.tensor(std::move(anchor));
    results.tensor(std::move(column));
  }
}

}  // namespace tripoint::ops
