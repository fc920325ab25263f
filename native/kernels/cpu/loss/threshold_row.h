#ifndef TRIPOINT_KERNELS_CPU_LOSS_THRESHOLD_ROW_H
#define TRIPOINT_KERNELS_CPU_LOSS_THRESHOLD_ROW_H

#include <cstdint>

#include "kernels/cpu/loss/pair_row.h"
#include "kernels/cpu/rows/nearness.h"

namespace tripoint::cpu {

// The least and the greatest threshold of a position, and how many it has; of none, the least is
// beyond all distances and the greatest below.
template <typename T>
struct ThresholdRange {
  T least;
  T greatest;
  int32_t count;
};

// Of positions one after the other.
template <typename T>
struct ThresholdRanges {
  const T* least;
  const T* greatest;
  const int32_t* count;
};

// The loops over a row of a tile. A threshold is an anchor's distance to a positive plus the
// margin; there are `count` for each position. Those of the row's own position are `own`, those of
// column j are others[p * stride + j].
template <typename T>
struct ThresholdKernels {
  // Squares are those of the row and the columns, products those of the row with the columns. Only
  // the columns [from, to) are negatives.
  void (*measure)(Metric metric, T square, const T* squares, const T* products,
                  const PairBound<T>& bound, int64_t from, int64_t to, PairRow<T>& row);

  // Where all negatives lie below all thresholds without a doubt, or none below any, counts their
  // hits, and adds each to below[j]. False where neither is so or some pair is near: then nothing
  // is done.
  bool (*agree)(const ThresholdRange<T>& own, const ThresholdRanges<T>& others, int64_t from,
                int64_t to, PairRow<T>& row, int32_t* below);

  // Marks pairs in doubt and takes them out. Gives whether there are any, near ones among them.
  bool (*doubt)(const T* own, const T* others, int64_t stride, int64_t count, PairRow<T>& row);

  // How many thresholds lie beyond each pair, and how many pairs lie below each threshold: the
  // latter are added to own_below[p] and others_below[p * below_stride + j].
  void (*count)(const T* own, const T* others, int64_t stride, int64_t count, PairRow<T>& row,
                int32_t* own_below, int32_t* others_below, int64_t below_stride);

  // weights[j] = hits · slope, whose sum it gives and which are added to sums[j]; `loss` becomes
  // the sum of hits · distance.
  T (*weigh)(const PairRow<T>& row, T* weights, T* sums, double& loss);

  // Rows less their middle.
  void (*centre)(const T* rows, int64_t count, int64_t width, const T* middle, T* target);
};

template <typename T>
const ThresholdKernels<T>& threshold_kernels();

}  // namespace tripoint::cpu

#endif
