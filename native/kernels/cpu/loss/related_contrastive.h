#ifndef TRIPOINT_KERNELS_CPU_LOSS_RELATED_CONTRASTIVE_H
#define TRIPOINT_KERNELS_CPU_LOSS_RELATED_CONTRASTIVE_H

#include "kernels/cpu/loss/contrastive.h"
#include "kernels/cpu/loss/row_sums.h"

namespace tripoint::cpu {

// The contrastive loss of anchors with columns, a block of anchors at a time. Where only pairs that
// cost something are averaged, the pairs are counted in a pass of its own, since their weights hang
// on how many there are.
template <typename T>
ContrastiveResult related_contrastive(const PackedRows<T>& rows, const RelatedBatch& batch,
                                      const Contrastive& wanted, const Parallel& parallel,
                                      const GradientTarget& target);

}  // namespace tripoint::cpu

#endif
