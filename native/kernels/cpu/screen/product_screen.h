#ifndef TRIPOINT_KERNELS_CPU_SCREEN_PRODUCT_SCREEN_H
#define TRIPOINT_KERNELS_CPU_SCREEN_PRODUCT_SCREEN_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {

// Columns in whole numbers of one unit, whose products with anchors tell which pairs the pair
// kernel need not look at. Rows are those of a batch, as they are and finite.
template <typename T>
class ProductScreen {
 public:
  // Of so many rows from a position on.
  ProductScreen(const PackedRows<T>& rows, int64_t first, int64_t count, const Parallel& parallel);

  // Not where a product might overflow, or where too many columns are apart.
  bool usable() const { return usable_; }

  // Columns that are much longer than others, ascending. Keys with them mean nothing.
  const std::vector<int64_t>& apart() const { return apart_; }

  // Some anchors in whole numbers, each of a unit of its own.
  class Anchors {
   public:
    Anchors(const ProductScreen& screen, int64_t first, int64_t count);

    // Whether keys with it mean nothing.
    bool is_apart(int64_t number) const { return units_[static_cast<size_t>(number)] == 0; }

    // The product of the units of an anchor and the columns.
    double unit_square(int64_t number) const { return units_[static_cast<size_t>(number)]; }

    const KeyBound& bound() const { return bound_; }

    // Keys with columns from a group's first on, as IntegerKernels::squared_distances.
    void tile(int64_t column, int64_t count, int32_t* keys) const;

   private:
    const ProductScreen& screen_;
    int64_t count_;
    WholeRows<T> wholes_;
    std::vector<double> units_;
    KeyBound bound_;
  };

 private:
  const PackedRows<T>& rows_;
  bool usable_ = false;
  WholeScale<T> scale_;
  double extent_ = 0;  // the length of the longest column that is not apart
  WholeRows<T> wholes_;
  std::vector<int64_t> apart_;
};

}  // namespace tripoint::cpu

#endif
