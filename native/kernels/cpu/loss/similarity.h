#ifndef TRIPOINT_KERNELS_CPU_LOSS_SIMILARITY_H
#define TRIPOINT_KERNELS_CPU_LOSS_SIMILARITY_H

#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// What two rows have in common: the cosine, of rows divided by max(|x|, 1e-12), or the product of
// the rows as they are.
enum class Similarity { kCosine, kDot };

// How rows are packed for it.
inline Metric packing_of(Similarity similarity) {
  return similarity == Similarity::kCosine ? Metric::kCosine : Metric::kSquaredEuclidean;
}

}  // namespace tripoint::cpu

#endif
