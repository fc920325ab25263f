#ifndef TRIPOINT_KERNELS_CPU_MINE_TILE_SIDES_H
#define TRIPOINT_KERNELS_CPU_MINE_TILE_SIDES_H

#include <algorithm>
#include <bit>
#include <cstdint>
#include <cstring>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {

// What the columns of a tile are to a block of anchors, at most kIntegerTile of either.
class TileSides {
 public:
  // With tiles of positions, of which column 0 is at `first_column`.
  TileSides(const Relation& relation, const Block& anchors, int64_t first_column);

  // Reads a tile. Tiles are read one after the other, the first at `origin`; positions that are no
  // columns are neither side.
  void read(int64_t tile, int64_t origin);

  // Makes the counts again, after sides were changed.
  void count();

  // Pairs of the tile.
  const SideCounts& counts() const { return counts_; }

  // The sides of an anchor of the block.
  uint8_t* of(int64_t number) { return sides_.get() + number * kColumnsAtOnce + at_; }

  // Whether it has a column of a side.
  bool any(int64_t number, PairSide side) const { return (every_[number] & side) != 0; }

  // Calls place(j) for each column of a side.
  template <typename Place>
  void each(int64_t number, PairSide side, Place&& place) {
    constexpr int64_t kWord = sizeof(uint64_t);
    static_assert(kIntegerTile % kWord == 0 && std::endian::native == std::endian::little);
    const uint8_t* const sides = of(number);
    const uint64_t bits = side * uint64_t{0x0101010101010101};
    for (int64_t begin = 0; begin < kIntegerTile; begin += kWord) {
      uint64_t word;
      std::memcpy(&word, sides + begin, sizeof word);
      for (word &= bits; word != 0; word &= word - 1) place(begin + std::countr_zero(word) / 8);
    }
  }

 private:
  // So many columns of an anchor are read at once: short pieces of the long rows of a mask would
  // come slowly.
  static constexpr int64_t kColumnsAtOnce = 6 * kIntegerTile;

  const Relation& relation_;
  const Block anchors_;
  const int64_t first_column_;
  AlignedArray<uint8_t> sides_;  // of each anchor, kColumnsAtOnce
  int64_t at_ = 0;               // where those of the tile begin among them
  uint8_t every_[kIntegerTile] = {};
  SideCounts counts_;
};

}  // namespace tripoint::cpu

#endif
