#ifndef TRIPOINT_KERNELS_CPU_MINE_RELATED_CHOICE_H
#define TRIPOINT_KERNELS_CPU_MINE_RELATED_CHOICE_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/mine/wanted.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/product_screen.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// Chooses for all anchors of a batch where a relation says who is what of whom. What is chosen are
// columns. Several choices are made in one scan: a task has the anchors of a block to itself and
// goes through the columns in order, by tiles. With screening only those pairs that the screen
// leaves are given to the pair kernel; where it leaves a block too many, all of its pairs are. A
// pair whose value is NaN is never chosen.
template <typename T>
class RelatedChooser {
 public:
  // The rows are those of the batch, packed for the nearness.
  RelatedChooser(const PackedRows<T>& rows, const RelatedBatch& batch, Nearness nearness,
                 Screening screening, const Parallel& parallel);

  // As many as there are choices.
  std::vector<Chosen<T>> choose(const std::vector<Choice>& choices) const;

  // One choice of those that are beyond the value of their anchor, as Chooser has it.
  Chosen<T> choose(const Choice& choice, const std::vector<T>& beyond) const;

 private:
  std::vector<Chosen<T>> choose(const std::vector<Wanted<T>>& wanted) const;

  const PackedRows<T>& rows_;
  const RelatedBatch& batch_;
  Nearness nearness_;
  const Parallel& parallel_;
  std::optional<Screen<T>> screen_;
  std::optional<ProductScreen<T>> products_;
};

}  // namespace tripoint::cpu

#endif
