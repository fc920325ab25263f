#ifndef TRIPOINT_KERNELS_CPU_MINE_TOP_K_H
#define TRIPOINT_KERNELS_CPU_MINE_TOP_K_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/screen/screen.h"

namespace tripoint::cpu {

// Rows of the corpus that a query may not have: those of query i are rows[offsets[i]] …
// rows[offsets[i + 1] − 1], ascending. No offsets, no rows.
struct Exclusions {
  std::vector<int64_t> offsets;
  std::vector<int64_t> rows;
};

struct TopK {
  int64_t k;
  Nearness nearness;
  std::optional<double> least;  // values below and above are passed over
  std::optional<double> greatest;
  const Exclusions* excluded;  // of each query, or none
  const Mask* skipped;         // of one column: rows of the corpus that none may have, or none
};

// What is found: k values of each query, of double where one of the matrices is and else of float,
// nearest first and of equal ones the lower row first, and their rows. Where there are fewer, the
// rest is −1 with a value beyond all others: infinity, or its negative for products.
struct TopKResult {
  void* values;
  int64_t* rows;
};

// What may rule rows out before the pair kernel looks at them, one after the other: whole numbers
// of 8 bits, then of 15 for the queries that they leave. The answer is the same to the bit.
struct TopKScreens {
  bool bytes;
  bool wider;
};

// The k rows of the corpus that are nearest to each query, by the pair kernel. Rows of the corpus
// that are not finite are never taken; a query that is not finite has no row and NaN as values.
// Queries and corpus have as many columns and are computed in the wider of their types. Gives how
// many pairs the pair kernel looked at; with screening that depends on how threads met, and nothing
// else does.
int64_t top_k(const FloatMatrix& queries, const FloatMatrix& corpus, const TopK& wanted,
              TopKScreens screens, const Parallel& parallel, const TopKResult& result);

// With the screens that are worth it on this processor, or none.
int64_t top_k(const FloatMatrix& queries, const FloatMatrix& corpus, const TopK& wanted,
              Screening screening, const Parallel& parallel, const TopKResult& result);

}  // namespace tripoint::cpu

#endif
