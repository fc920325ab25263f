#ifndef TRIPOINT_KERNELS_CPU_LOSS_PAIR_ROW_H
#define TRIPOINT_KERNELS_CPU_LOSS_PAIR_ROW_H

#include <cstdint>

#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// A row of a tile of pairs: position i with each position of the tile's columns.
template <typename T>
struct PairRow {
  alignas(64) T distances[kFloatTile];
  alignas(64) T slopes[kFloatTile];
  alignas(64) T doubts[kFloatTile];          // how far the pair kernel's distance may be off
  alignas(64) int32_t near[kFloatTile];      // not 0: too near for its product to tell its distance
  alignas(64) int32_t doubtful[kFloatTile];  // not 0: near, or in doubt about a threshold
  alignas(64) int32_t hits[kFloatTile];      // thresholds beyond the pair, of both its positions
};

// The distance of pairs that count nowhere.
template <typename T>
inline constexpr T kFar = static_cast<T>(1e30);

// Pairs nearer than a quarter of their rows' lengths are not made from products.
template <typename T>
inline constexpr T kNearest = static_cast<T>(1.0 / 16);

template <typename T>
struct PairBound {
  T relative;   // of x² + y²: how far x² + y² − 2xy is off
  T magnitude;  // of the margin: what is added to it is off by its rounding
};

}  // namespace tripoint::cpu

#endif
