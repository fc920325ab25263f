#ifndef TRIPOINT_KERNELS_CPU_LOSS_RANKED_ROW_H
#define TRIPOINT_KERNELS_CPU_LOSS_RANKED_ROW_H

#include <cstdint>

#include "kernels/cpu/loss/pair_row.h"
#include "kernels/cpu/loss/sorted_thresholds.h"
#include "kernels/cpu/rows/nearness.h"

namespace tripoint::cpu {

// Where a row of a tile comes from: an anchor with kFloatTile columns.
template <typename T>
struct RowSource {
  const T* values;       // products of centred rows, or what the pair kernel gives
  const uint8_t* sides;  // of the columns
  uint8_t counted;       // only columns of these sides are measured, all others are far
};

// The loops over a row of a tile of pairs of an anchor that has any number of thresholds.
template <typename T>
struct RankKernels {
  // From products. Squares are those of the centred anchor and columns.
  void (*measure)(Nearness nearness, const RowSource<T>& source, T square, const T* squares,
                  const PairBound<T>& bound, PairRow<T>& row);

  // From the pair kernel's values: nothing is near, and doubts are those of rounding alone.
  void (*complete)(Nearness nearness, const RowSource<T>& source, T magnitude, PairRow<T>& row);

  // How many thresholds lie beyond each pair, and which pairs are in doubt. Gives whether any is.
  bool (*rank)(const ThresholdView<T>& thresholds, PairRow<T>& row);

  // weights[j] = −hits · slope; `distances` becomes the sum of hits · distance. Gives the sum of
  // the weights that do not belong to near pairs.
  T (*weigh)(const PairRow<T>& row, T* weights, double& distances);

  // to[i] += from[i]
  void (*add)(const T* from, int64_t count, T* to);

  // Rows of `columns` that lie `stride` apart, less their middle, one after the other.
  void (*centre)(const T* rows, int64_t stride, int64_t count, int64_t columns, const T* middle,
                 T* target);
};

template <typename T>
const RankKernels<T>& rank_kernels();

}  // namespace tripoint::cpu

#endif
