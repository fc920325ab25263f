#ifndef TRIPOINT_KERNELS_CPU_MINE_SCREENED_CHOICE_H
#define TRIPOINT_KERNELS_CPU_MINE_SCREENED_CHOICE_H

#include <optional>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/mine/choice_keys.h"
#include "kernels/cpu/mine/wanted.h"
#include "kernels/cpu/rows/labels.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// A choice for all rows of a batch, for which the pair kernel looks at those pairs that the screen
// leaves. Nothing where it leaves too many.
template <typename T>
std::optional<Chosen<T>> choose_screened(const PackedRows<T>& rows, const ClassOrder& order,
                                         const Wanted<T>& wanted, const Screen<T>& screen,
                                         const ChoiceKeys<DistanceBound<T>>& keys,
                                         const Parallel& parallel);

}  // namespace tripoint::cpu

#endif
