#ifndef TRIPOINT_KERNELS_CPU_LOSS_LOSS_MEAN_H
#define TRIPOINT_KERNELS_CPU_LOSS_LOSS_MEAN_H

#include <cstdint>

namespace tripoint::cpu {

// How many losses become one. Where there is none to take, it is 0.
enum class LossMean {
  kSum,
  kAll,        // the mean of all losses
  kAboveZero,  // the mean of those above 0
};

// By what their sum is divided.
inline double divisor_of(LossMean mean, int64_t losses, int64_t above_zero) {
  const int64_t divisor = mean == LossMean::kSum ? 1 : mean == LossMean::kAll ? losses : above_zero;
  return divisor > 0 ? static_cast<double>(divisor) : 1;
}

}  // namespace tripoint::cpu

#endif
