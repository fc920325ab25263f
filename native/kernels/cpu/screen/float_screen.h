#ifndef TRIPOINT_KERNELS_CPU_SCREEN_FLOAT_SCREEN_H
#define TRIPOINT_KERNELS_CPU_SCREEN_FLOAT_SCREEN_H

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

#include "kernels/cpu/base/aligned.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/screen.h"
#include "kernels/cpu/tile/float_tile.h"

namespace tripoint::cpu {

// How values come from x² + y² and x · y of centred rows: sum · (x² + y²) − product · (x · y), and
// how far the pair kernel's may be off: relative · (x² + y²) + absolute.
template <typename T>
struct EstimateForm {
  T sum;
  T product;
  T relative;
  T absolute;
};

// Marks of the pairs of a row of a tile.
enum PairMark : uint8_t { kNotMarked = 0, kMarked = 1, kDoubtful = 2 };

// Calls mark(j) for every pair of a row that is marked.
template <typename Mark>
void each_mark(const uint8_t* marks, Mark&& mark) {
  constexpr int64_t kWord = sizeof(uint64_t);
  constexpr uint64_t kOnes = 0x0101010101010101u;
  static_assert(kFloatTile % kWord == 0 && std::endian::native == std::endian::little);
  for (int64_t begin = 0; begin < kFloatTile; begin += kWord) {
    uint64_t word;
    std::memcpy(&word, marks + begin, sizeof word);
    for (word |= word >> 1; (word &= kOnes) != 0; word &= word - 1) {
      mark(begin + std::countr_zero(word) / 8);
    }
  }
}

// Values of pairs (PairValues) by products of tiles of floats, each with a proven bound on how far
// the pair kernel's value may be off. So they tell which pairs the pair kernel need not look at.
//
// With u half an epsilon, D columns and S = x² + y²: a product of D terms is off by D u |x| |y|;
// taking the centre away changes a squared distance by 4 u S, rounding the squares and their sum by
// 4 u S; and the pair kernel itself rounds by 2 (D / 16 + 8) u S, since no squared distance is
// above 2 S. That is less than (5 / 4 D + 48) u S for D up to 2²⁰. What underflows adds less than
// the least normal number for each of its operations.
template <typename T>
class FloatScreen {
 public:
  FloatScreen(const PackedRows<T>& rows, Nearness nearness, Screening screening,
              const Parallel& parallel);

  // Whether it can be used: not where a value might overflow, where values of pairs are more than
  // their distances (PackedRows::finish), nor on a processor without fused multiply-add.
  bool usable() const { return products_ != nullptr; }

  // Some rows with tiles of others. Rows and tiles have at most kFloatTile positions.
  class Tiles {
   public:
    Tiles(const FloatScreen& screen, int64_t first, int64_t count);

    // Takes the next tile: some positions one after the other.
    void take(int64_t first, int64_t count);

    // Marks the negatives of a row whose values may be above one number and up to another, and
    // gives how many. Sides have an entry for each column of a tile, kNeither where it has no
    // column.
    int64_t nominate(int64_t row, const uint8_t* sides, T above, T upto, uint8_t* marks) const;

    // Of so many marked, marks as doubtful those where some cut (they are sorted) may lie between
    // the value and that of the pair kernel. Gives whether there are any.
    bool doubt(int64_t row, const std::vector<T>& cuts, int64_t marked, uint8_t* marks) const;

    const T* values(int64_t row) const { return tile_.get() + row * kFloatTile; }
    T value(int64_t row, int64_t column) const { return values(row)[column]; }

    // How far the pair kernel's value may be off.
    T doubt(int64_t row, int64_t column) const {
      return screen_.form_.relative * (own_square(row) + squares()[column]) +
             screen_.form_.absolute;
    }

   private:
    T own_square(int64_t row) const { return screen_.squares_[static_cast<size_t>(first_ + row)]; }
    const T* squares() const { return screen_.squares_.get() + tile_first_; }

    const FloatScreen& screen_;
    const int64_t first_;
    const int64_t count_;
    int64_t tile_first_ = 0;
    AlignedArray<T> rows_;    // less the centre
    AlignedArray<T> others_;  // of a tile, less the centre
    AlignedArray<T> packed_;
    AlignedArray<T> tile_;
  };

 private:
  const PackedRows<T>& rows_;
  const FloatTileKernels<T>* products_ = nullptr;
  EstimateForm<T> form_{};
  std::vector<T> centre_;
  AlignedArray<T> squares_;  // of centred rows, with zeros for a tile after the last
};

}  // namespace tripoint::cpu

#endif
