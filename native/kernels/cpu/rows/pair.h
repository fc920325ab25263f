#ifndef TRIPOINT_KERNELS_CPU_ROWS_PAIR_H
#define TRIPOINT_KERNELS_CPU_ROWS_PAIR_H

#include <cstdint>

namespace tripoint::cpu {

// The value of a pair of rows is defined here and nowhere else: the sum of the squares of their
// differences, or of their products, made in kLanes running sums (entry k goes to sum k mod
// kLanes), which are then folded in halves: lane l takes lane l + half. Every product and sum is
// rounded by itself (no fused multiply-add). So (x, y) and (y, x) have the same bits, and so have
// all processors.
template <typename T>
inline constexpr int64_t kLanes = 64 / static_cast<int64_t>(sizeof(T));

// Rows are kept at a width of whole lanes, with zeros at the end, which add nothing.
template <typename T>
constexpr int64_t padded_width(int64_t columns) {
  return (columns + kLanes<T> - 1) / kLanes<T> * kLanes<T>;
}

template <typename T>
struct PairKernels {
  // values[j] = the value of (x, y[j]), where row j of `count` rows lies at y + j * width.
  void (*squared_distances)(const T* x, const T* y, int64_t width, int64_t count, T* values);

  // values[j] = x · y[j], of rows that lie in the same way.
  void (*products)(const T* x, const T* y, int64_t width, int64_t count, T* values);

  // The same with rows places[0] … places[count - 1] of those at y.
  void (*squared_distances_at)(const T* x, const T* y, int64_t width, const int64_t* places,
                               int64_t count, T* values);
  void (*products_at)(const T* x, const T* y, int64_t width, const int64_t* places, int64_t count,
                      T* values);

  // sum[k] += the sum over j of weights[j] * (x[k] - y[j][k]), in the order of j. Rows of weight 0
  // are passed over.
  void (*add_differences)(const T* x, const T* y, int64_t width, int64_t count, const T* weights,
                          T* sum);
};

// The fastest for this processor; all give the same bits.
template <typename T>
const PairKernels<T>& pair_kernels();

// Those of every processor, for comparison.
template <typename T>
const PairKernels<T>& portable_pair_kernels();

}  // namespace tripoint::cpu

#endif
