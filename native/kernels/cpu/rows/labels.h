#ifndef TRIPOINT_KERNELS_CPU_ROWS_LABELS_H
#define TRIPOINT_KERNELS_CPU_ROWS_LABELS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/base/strided.h"

namespace tripoint::cpu {

// Labels of any type as numbers.
std::vector<int64_t> values_of(const IntegerVector& labels);

// The rows of a batch brought together by class: position → row, classes by ascending label, rows
// ascending in a class. So the positives of a row are a range of positions, and all others are its
// negatives.
struct ClassOrder {
  std::vector<int64_t> row;    // of a position
  std::vector<int64_t> begin;  // of a position: the first position of its class
  std::vector<int64_t> end;    // of a position: the position after the last of its class

  explicit ClassOrder(const IntegerVector& labels);

  int64_t size() const { return static_cast<int64_t>(row.size()); }
  bool one_class() const { return size() > 0 && end[0] == size(); }

  // How many (anchor, positive, negative) there are.
  int64_t triplets() const;
};

}  // namespace tripoint::cpu

#endif
