#ifndef TRIPOINT_KERNELS_CPU_LOSS_LOG_SUM_H
#define TRIPOINT_KERNELS_CPU_LOSS_LOG_SUM_H

#include <cmath>
#include <limits>

namespace tripoint::cpu {

// The logarithm of a sum of exponentials that come part by part: the sum of exp(x − shift), with
// the greatest shift so far.
class LogSum {
 public:
  // Adds the sum of exp(x − shift) over some x.
  void add(double shift, double sum) {
    if (sum == 0) return;
    if (shift > shift_) {
      sum_ = sum_ == 0 ? sum : sum_ * std::exp(shift_ - shift) + sum;
      shift_ = shift;
    } else {
      sum_ += shift == shift_ ? sum : sum * std::exp(shift - shift_);
    }
  }

  void add(const LogSum& other) { add(other.shift_, other.sum_); }

  // −∞ of nothing.
  double value() const {
    return sum_ == 0 ? -std::numeric_limits<double>::infinity() : shift_ + std::log(sum_);
  }

 private:
  double shift_ = -std::numeric_limits<double>::infinity();
  double sum_ = 0;
};

}  // namespace tripoint::cpu

#endif
