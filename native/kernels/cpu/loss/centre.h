#ifndef TRIPOINT_KERNELS_CPU_LOSS_CENTRE_H
#define TRIPOINT_KERNELS_CPU_LOSS_CENTRE_H

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// The mean of some of the rows. Distances do not change when it is taken from all rows, and what
// products of rows lose is then by their spread, not by where they lie.
template <typename T>
std::vector<T> centre_of(const PackedRows<T>& rows) {
  constexpr int64_t kSampled = 64;
  std::vector<double> mean(static_cast<size_t>(rows.width()), 0.0);
  const int64_t sampled = std::min(rows.size(), kSampled);
  for (int64_t i = 0; i < sampled; ++i) {
    const T* const row = rows.row(i * rows.size() / sampled);
    for (int64_t k = 0; k < rows.width(); ++k) mean[static_cast<size_t>(k)] += row[k];
  }
  std::vector<T> centre(mean.size());
  for (size_t k = 0; k < mean.size(); ++k) {
    centre[k] = static_cast<T>(mean[k] / static_cast<double>(sampled));
  }
  return centre;
}

}  // namespace tripoint::cpu

#endif
