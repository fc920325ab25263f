#include "kernels/cpu/mine/batch_easy_hard.h"

#include <limits>
#include <vector>

#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

Choice choice_of(Side side, const EasyHardSide& wanted) {
  const bool nearest = (side == Side::kNegatives) == (wanted.difficulty != Difficulty::kEasy);
  return {side, nearest ? End::kNearest : End::kFarthest, wanted.least, wanted.greatest};
}

// The values themselves, NaN where there is none.
template <typename T>
std::vector<T> values_of(const Chosen<T>& chosen, const Choice& choice) {
  std::vector<T> values;
  values.reserve(chosen.found.size());
  for (const Least<T>& one : chosen.found) {
    values.push_back(one.index == Least<T>::kNone   ? std::numeric_limits<T>::quiet_NaN()
                     : choice.end == End::kFarthest ? -one.value
                                                    : one.value);
  }
  return values;
}

template <typename T>
void write(const Chosen<T>& chosen, const ClassOrder& order, int64_t* target) {
  for (size_t p = 0; p < chosen.found.size(); ++p) {
    const int64_t index = chosen.found[p].index;
    target[order.row[p]] = index == Least<T>::kNone ? -1 : index;
  }
}

template <typename T>
int64_t batch_easy_hard_in(const FloatMatrix& embeddings, const IntegerVector& labels,
                           Nearness nearness, bool normalize, const EasyHardSide& positive,
                           const EasyHardSide& negative, Screening screening,
                           const Parallel& parallel, const EasyHardResult& result) {
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, packing_of(nearness), parallel, normalize);
  const Chooser<T> chooser(rows, order, nearness, screening, parallel);
  // The side that the other one may stand on comes first.
  const bool negative_first = positive.difficulty == Difficulty::kSemihard;
  const Choice of_positive = choice_of(Side::kPositives, positive);
  const Choice of_negative = choice_of(Side::kNegatives, negative);
  const Choice& first_choice = negative_first ? of_negative : of_positive;
  const Choice& second_choice = negative_first ? of_positive : of_negative;
  const bool stands_on_first = negative_first || negative.difficulty == Difficulty::kSemihard;

  const Chosen<T> first = chooser.choose(first_choice);
  const Chosen<T> second = stands_on_first
                               ? chooser.choose(second_choice, values_of(first, first_choice))
                               : chooser.choose(second_choice);
  write(first, order, negative_first ? result.negative : result.positive);
  write(second, order, negative_first ? result.positive : result.negative);
  return first.evaluated + second.evaluated;
}

}  // namespace

int64_t batch_easy_hard(const FloatMatrix& embeddings, const IntegerVector& labels,
                        Nearness nearness, bool normalize, const EasyHardSide& positive,
                        const EasyHardSide& negative, Screening screening, const Parallel& parallel,
                        const EasyHardResult& result) {
  return embeddings.type == FloatType::kFloat64
             ? batch_easy_hard_in<double>(embeddings, labels, nearness, normalize, positive,
                                          negative, screening, parallel, result)
             : batch_easy_hard_in<float>(embeddings, labels, nearness, normalize, positive,
                                         negative, screening, parallel, result);
}

}  // namespace tripoint::cpu
