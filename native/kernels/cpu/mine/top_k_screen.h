#ifndef TRIPOINT_KERNELS_CPU_MINE_TOP_K_SCREEN_H
#define TRIPOINT_KERNELS_CPU_MINE_TOP_K_SCREEN_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/mine/nominees.h"
#include "kernels/cpu/mine/top_k.h"
#include "kernels/cpu/mine/top_k_parts.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {

// Finds nearest rows in two steps. Block by block the corpus is put into whole numbers, whose tiles
// of keys nominate rows; nothing else is kept of it. Then the pair kernel decides among the
// nominees of each query.
template <typename T>
class TopKScreen {
 public:
  TopKScreen(const FloatMatrix& corpus, const TopK& wanted, const Parallel& parallel);

  // So many queries at a time need little memory.
  static int64_t most_queries(int64_t k);

  // Writes the rows of all queries that are left to it; `left` has an entry a query. It takes out
  // those that it has answered. Gives how many pairs the pair kernel looked at.
  int64_t search(const QueryRows<T>& queries, const TopKResult& result,
                 std::vector<uint8_t>& left) const;

 private:
  struct Batch;

  double longest(const PackedRows<T>& rows) const;
  bool set_scale(const QueryRows<T>& queries, const std::vector<uint8_t>& left, Batch& batch) const;
  KeyWindow window_of(const KeyBound& bound, double unit_square) const;
  template <typename RowOf>
  void put_rows(int64_t count, RowOf&& row_of, const WholeScale<T>& scale,
                WholeRows<T>& wholes) const;
  void guess(const QueryRows<T>& queries, Batch& batch) const;
  void nominate(int64_t begin, int64_t end, const QueryRows<T>& queries, Batch& batch) const;
  // How many pairs the pair kernel looked at; nothing where the nominees do not suffice.
  std::optional<int64_t> decide(int64_t query, const QueryRows<T>& queries, Batch& batch,
                                const TopKResult& result) const;

  const FloatMatrix& corpus_;
  const TopK& wanted_;
  const Parallel& parallel_;
  const Metric metric_;
  const KeyKind kind_;
  const int64_t width_;
  const int64_t most_nominees_;  // of a query
  std::vector<T> centre_;
  double sampled_;  // the length of the longest row of a sample
};

// Whether it can gain anything.
bool worth_screening(int64_t queries, const FloatMatrix& corpus, int64_t k, TopKScreens screens);

// Whether so many rows are wanted that a sample's keys tell beforehand how far they may be.
bool can_guess(const FloatMatrix& corpus, int64_t k);

}  // namespace tripoint::cpu

#endif
