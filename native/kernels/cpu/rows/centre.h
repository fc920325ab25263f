#ifndef TRIPOINT_KERNELS_CPU_ROWS_CENTRE_H
#define TRIPOINT_KERNELS_CPU_ROWS_CENTRE_H

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// The mean of at most so many of the rows, evenly spread, those that are not finite left out.
// Distances do not change when it is taken from all rows: what products of rows lose is then by
// their spread, not by where they lie, and the unit of whole numbers can be small. Any centre would
// do.
template <typename T>
std::vector<double> sampled_mean(const PackedRows<T>& rows, int64_t most = 64) {
  std::vector<double> mean(static_cast<size_t>(rows.width()), 0.0);
  const int64_t sampled = std::min(rows.size(), most);
  for (int64_t i = 0; i < sampled; ++i) {
    const T* const row = rows.row(i * rows.size() / sampled);
    if (!is_finite(row, rows.columns())) continue;
    for (size_t k = 0; k < mean.size(); ++k) mean[k] += row[k];
  }
  for (double& value : mean) value /= static_cast<double>(std::max<int64_t>(sampled, 1));
  return mean;
}

// The same, rounded to the type of the rows.
template <typename T>
std::vector<T> centre_of(const PackedRows<T>& rows, int64_t most = 64) {
  const std::vector<double> mean = sampled_mean(rows, most);
  std::vector<T> centre(mean.size());
  std::transform(mean.begin(), mean.end(), centre.begin(),
                 [](double value) { return static_cast<T>(value); });
  return centre;
}

}  // namespace tripoint::cpu

#endif
