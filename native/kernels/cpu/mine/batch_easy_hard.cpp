#include "kernels/cpu/mine/batch_easy_hard.h"

#include <limits>
#include <optional>
#include <utility>
#include <vector>

#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/mine/related_choice.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

// Fewer rows are scanned faster than their products are screened.
constexpr int64_t kLeastScreenedProducts = 256;

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

// What is chosen on both sides.
template <typename T>
struct BothSides {
  Chosen<T> positive;
  Chosen<T> negative;
};

template <typename T, typename ChooserOf>
BothSides<T> choose(const ChooserOf& chooser, const EasyHardSide& positive,
                    const EasyHardSide& negative) {
  const Choice of_positive = choice_of(Side::kPositives, positive);
  const Choice of_negative = choice_of(Side::kNegatives, negative);
  if (positive.difficulty == Difficulty::kSemihard) {
    Chosen<T> first = std::move(chooser.choose({of_negative}).front());
    Chosen<T> second = chooser.choose(of_positive, values_of(first, of_negative));
    return {std::move(second), std::move(first)};
  }
  if (negative.difficulty == Difficulty::kSemihard) {
    Chosen<T> first = std::move(chooser.choose({of_positive}).front());
    Chosen<T> second = chooser.choose(of_negative, values_of(first, of_positive));
    return {std::move(first), std::move(second)};
  }
  std::vector<Chosen<T>> both = chooser.choose({of_positive, of_negative});
  return {std::move(both[0]), std::move(both[1])};
}

// Writes what was chosen for each place in `found`, which is `row(place)` of the result.
template <typename T, typename Row>
int64_t write(const BothSides<T>& chosen, Row&& row, const EasyHardResult& result) {
  const auto write_side = [&](const std::vector<Least<T>>& found, int64_t* target) {
    for (size_t p = 0; p < found.size(); ++p) {
      target[row(p)] = found[p].index == Least<T>::kNone ? -1 : found[p].index;
    }
  };
  write_side(chosen.positive.found, result.positive);
  write_side(chosen.negative.found, result.negative);
  return chosen.positive.evaluated + chosen.negative.evaluated;
}

template <typename T>
int64_t batch_easy_hard_in(const RelatedBatch& batch, Nearness nearness, bool normalize,
                           const EasyHardSide& positive, const EasyHardSide& negative,
                           Screening screening, const Parallel& parallel,
                           const EasyHardResult& result) {
  const PackedRows<T> rows(batch, packing_of(nearness), parallel, normalize);
  const RelatedChooser<T> chooser(rows, batch, nearness, screening, parallel);
  return write(
      choose<T>(chooser, positive, negative), [](size_t anchor) { return anchor; }, result);
}

template <typename T>
int64_t batch_easy_hard_in(const FloatMatrix& embeddings, const IntegerVector& labels,
                           Nearness nearness, bool normalize, const EasyHardSide& positive,
                           const EasyHardSide& negative, Screening screening,
                           const Parallel& parallel, const EasyHardResult& result) {
  // Products of a batch with itself are screened as those with other rows are.
  if (nearness == Nearness::kDot && screening == Screening::kOn &&
      labels.size >= kLeastScreenedProducts) {
    const RelatedBatch batch{embeddings, std::nullopt, {labels, std::nullopt, std::nullopt}};
    return batch_easy_hard_in<T>(batch, nearness, normalize, positive, negative, screening,
                                 parallel, result);
  }
  const ClassOrder order(labels);
  const PackedRows<T> rows(embeddings, order.row, packing_of(nearness), parallel, normalize);
  const Chooser<T> chooser(rows, order, nearness, screening, parallel);
  return write(
      choose<T>(chooser, positive, negative), [&](size_t p) { return order.row[p]; }, result);
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

int64_t batch_easy_hard(const RelatedBatch& batch, Nearness nearness, bool normalize,
                        const EasyHardSide& positive, const EasyHardSide& negative,
                        Screening screening, const Parallel& parallel,
                        const EasyHardResult& result) {
  return batch.embeddings.type == FloatType::kFloat64
             ? batch_easy_hard_in<double>(batch, nearness, normalize, positive, negative, screening,
                                          parallel, result)
             : batch_easy_hard_in<float>(batch, nearness, normalize, positive, negative, screening,
                                         parallel, result);
}

}  // namespace tripoint::cpu
