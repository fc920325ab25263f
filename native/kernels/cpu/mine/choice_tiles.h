#ifndef TRIPOINT_KERNELS_CPU_MINE_CHOICE_TILES_H
#define TRIPOINT_KERNELS_CPU_MINE_CHOICE_TILES_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_keys.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/screen/product_screen.h"
#include "kernels/cpu/screen/screen.h"
#include "kernels/cpu/tile/integer_tile.h"

namespace tripoint::cpu {

// Keys of the anchors of a block with the columns of a tile, by distances of a batch's own rows.
template <typename T>
class DistanceTiles {
 public:
  using Bound = DistanceBound<T>;

  DistanceTiles(const Screen<T>& screen, Nearness nearness, const Block& anchors,
                int64_t first_column)
      : screen_(screen), bound_(screen, nearness), anchors_(anchors), first_column_(first_column) {}

  // Where the first tile begins, as a position: a screen's tiles are those of its rows.
  int64_t origin() const { return first_column_ / kIntegerTile * kIntegerTile; }

  void keys(int64_t tile, int64_t count, int32_t* keys) const {
    screen_.tile(anchors_.begin, anchors_.size(), tile, count, keys);
  }
  Bound bound(int64_t) const { return bound_; }

  // An anchor and columns of which keys tell nothing.
  bool is_apart(int64_t) const { return false; }
  const std::vector<int64_t>& apart() const { return none_; }

 private:
  const Screen<T>& screen_;
  const Bound bound_;
  const Block anchors_;
  const int64_t first_column_;
  const std::vector<int64_t> none_;
};

// The same by products.
template <typename T>
class ProductTiles {
 public:
  using Bound = ProductBound<T>;

  ProductTiles(const ProductScreen<T>& screen, const Block& anchors, int64_t first_column)
      : screen_(screen),
        anchors_(screen, anchors.begin, anchors.size()),
        first_column_(first_column) {}

  int64_t origin() const { return first_column_; }

  void keys(int64_t tile, int64_t count, int32_t* keys) const {
    anchors_.tile(tile - first_column_, count, keys);
  }
  Bound bound(int64_t number) const {
    return {anchors_.bound(), is_apart(number) ? 1 : anchors_.unit_square(number)};
  }
  bool is_apart(int64_t number) const { return anchors_.is_apart(number); }
  const std::vector<int64_t>& apart() const { return screen_.apart(); }

 private:
  const ProductScreen<T>& screen_;
  const typename ProductScreen<T>::Anchors anchors_;
  const int64_t first_column_;
};

}  // namespace tripoint::cpu

#endif
