#ifndef TRIPOINT_KERNELS_CPU_LOSS_CONTRAST_ANCHOR_H
#define TRIPOINT_KERNELS_CPU_LOSS_CONTRAST_ANCHOR_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "kernels/cpu/loss/contrastive_softmax.h"
#include "kernels/cpu/loss/log_sum.h"

namespace tripoint::cpu {

// One positive against the sum of the negatives, as a computation in T has it: the share that it
// has of both together, its loss, and the derivative by the sum, which is that by the similarity
// with a minus sign.
template <typename T>
struct Duel {
  Duel(double similarity, double negatives) {
    const double lead = negatives - similarity;
    const double small = std::exp(-std::abs(lead));
    const double share = (lead > 0 ? small : 1) / (1 + small);
    // Far from the number that is added to the share the loss is more exact without it.
    loss = share > kLeastShare ? std::max(lead, 0.0) + std::log1p(small) : -std::log(share + kTiny);
    slope = share / (share + kTiny) * ((lead > 0 ? 1 : small) / (1 + small));
    above_zero = static_cast<T>(share) != 1;
  }
  static constexpr double kTiny = std::numeric_limits<T>::min();
  static constexpr double kLeastShare = 1e-30;
  double loss;
  double slope;
  bool above_zero;
};

// An anchor with its losses.
struct ContrastAnchor {
  LogSum negatives;
  double denominator = 0;  // the logarithm of the sum that its negatives have their share of
  double weight = 0;       // the derivative of its losses by it
  double loss = 0;
  int64_t losses = 0;
  int64_t above_zero = 0;
};

// What is lost on an anchor whose negatives are summed up, by the similarities of its positives.
template <typename T>
class ContrastRule {
 public:
  ContrastRule(Contrast contrast, LossMean mean) : contrast_(contrast), mean_(mean) {}

  Contrast contrast() const { return contrast_; }

  // Whether a loss is one of those that are taken.
  bool counts(bool above_zero) const { return mean_ != LossMean::kAboveZero || above_zero; }

  // `each` calls a function with each of the similarities, always in the same order.
  template <typename Each>
  void lose(ContrastAnchor& anchor, int64_t positives, Each&& each) const {
    anchor.denominator = anchor.negatives.value();
    if (contrast_ == Contrast::kEachPositive) {
      each([&](double similarity) {
        const Duel<T> duel(similarity, anchor.denominator);
        anchor.above_zero += duel.above_zero ? 1 : 0;
        if (!counts(duel.above_zero)) return;
        anchor.loss += duel.loss;
        anchor.weight += duel.slope;
      });
      anchor.losses = positives;
      return;
    }
    LogSum all = anchor.negatives;
    double sum = 0;
    each([&](double similarity) {
      all.add(similarity, 1);
      sum += similarity;
    });
    lose_mean(anchor, positives, all, sum);
  }

  // The loss of an anchor with the sum of its positives' similarities, and that of the exponentials
  // of all.
  void lose_mean(ContrastAnchor& anchor, int64_t positives, const LogSum& all, double sum) const {
    anchor.losses = 1;
    if (positives == 0) return;
    anchor.denominator = all.value();
    const double loss = anchor.denominator - sum / static_cast<double>(positives);
    anchor.above_zero = static_cast<T>(loss) > 0 ? 1 : 0;
    if (!counts(anchor.above_zero > 0)) return;
    anchor.loss = loss;
    anchor.weight = 1;
  }

  // The derivative of an anchor's losses by the similarity of a positive.
  double slope(double similarity, const ContrastAnchor& anchor, int64_t positives) const {
    if (contrast_ == Contrast::kEachPositive) {
      const Duel<T> duel(similarity, anchor.denominator);
      return counts(duel.above_zero) ? -duel.slope : 0;
    }
    return anchor.weight *
           (std::exp(similarity - anchor.denominator) - 1 / static_cast<double>(positives));
  }

  // Makes one loss of those that were added up, and gives the share that each has in it.
  double reduce(ContrastiveSoftmaxResult& result) const {
    const double share =
        result.losses == 0 ? 0 : 1 / divisor_of(mean_, result.losses, result.above_zero);
    result.loss *= share;
    return share;
  }

 private:
  const Contrast contrast_;
  const LossMean mean_;
};

inline void add(ContrastiveSoftmaxResult& result, const ContrastAnchor& anchor) {
  result.loss += anchor.loss;
  result.losses += anchor.losses;
  result.above_zero += anchor.above_zero;
}

}  // namespace tripoint::cpu

#endif
