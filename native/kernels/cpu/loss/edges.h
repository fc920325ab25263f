#ifndef TRIPOINT_KERNELS_CPU_LOSS_EDGES_H
#define TRIPOINT_KERNELS_CPU_LOSS_EDGES_H

#include <algorithm>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// A pair whose distance the loss depends on, with the derivative of the loss by it times the
// distance's slope.
template <typename T>
struct Edge {
  int64_t from;
  int64_t to;
  T weight;
};

// Each row gathers what its edges give it, first those that it is the anchor of, then the others by
// their anchor, so that no two threads add to one row.
// The gradient's row of a position is row_of(position).
template <typename T, typename RowOf>
void gather(const PackedRows<T>& rows, const RowOf& row_of, Nearness nearness,
            const std::vector<Edge<T>>& edges, const Parallel& parallel, FloatType type,
            void* gradient) {
  constexpr int64_t kRowsOfTask = 64;
  const int64_t size = rows.size();
  std::vector<int64_t> starts(static_cast<size_t>(size) + 1, 0);
  for (const Edge<T>& edge : edges) {
    ++starts[static_cast<size_t>(edge.from) + 1];
    ++starts[static_cast<size_t>(edge.to) + 1];
  }
  for (size_t p = 1; p < starts.size(); ++p) starts[p] += starts[p - 1];
  struct End {
    int64_t other;
    T weight;
  };
  std::vector<End> ends(2 * edges.size());
  std::vector<int64_t> next(starts.begin(), starts.end() - 1);
  for (const Edge<T>& edge : edges) {
    ends[static_cast<size_t>(next[static_cast<size_t>(edge.from)]++)] = {edge.to, edge.weight};
  }
  for (const Edge<T>& edge : edges) {
    ends[static_cast<size_t>(next[static_cast<size_t>(edge.to)]++)] = {edge.from, edge.weight};
  }
  const PairKernels<T>& kernels = pair_kernels<T>();
  const OwnRows<T> own(rows, nearness);
  run(parallel, 4 * size * rows.width(), (size + kRowsOfTask - 1) / kRowsOfTask,
      [&](int64_t begin, int64_t end) {
        std::vector<T> sum(static_cast<size_t>(rows.width()));
        for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size); ++p) {
          std::fill(sum.begin(), sum.end(), T{0});
          T weight = 0;
          for (int64_t e = starts[static_cast<size_t>(p)]; e < starts[static_cast<size_t>(p) + 1];
               ++e) {
            const End& other = ends[static_cast<size_t>(e)];
            kernels.add_differences(own.row(p), rows.row(other.other), rows.width(), 1,
                                    &other.weight, sum.data());
            weight += other.weight;
          }
          rows.backward(p, weight, sum.data());
          store_row(sum.data(), gradient, type, row_of(p), rows.columns());
        }
      });
}

}  // namespace tripoint::cpu

#endif
