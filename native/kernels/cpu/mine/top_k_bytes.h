#ifndef TRIPOINT_KERNELS_CPU_MINE_TOP_K_BYTES_H
#define TRIPOINT_KERNELS_CPU_MINE_TOP_K_BYTES_H

#include <cstdint>
#include <optional>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/mine/top_k.h"
#include "kernels/cpu/mine/top_k_parts.h"
#include "kernels/cpu/rows/rows.h"
#include "kernels/cpu/screen/byte_rows.h"

namespace tripoint::cpu {

// Finds nearest rows block by block of the corpus: a block is put into bytes, the pair kernel looks
// at once at what their sums cannot rule out, and the k-th value so far tells which sums are of use
// in the next block. Bytes rule out less than wider numbers do, and cost half as much.
template <typename T>
class TopKBytes {
 public:
  TopKBytes(const FloatMatrix& corpus, const TopK& wanted, const Parallel& parallel);

  // So many queries at a time need little memory.
  static int64_t most_queries(int64_t k);

  // Writes the rows of all queries that are left to it; `left` has an entry a query. It takes out
  // those that it has answered. Gives how many pairs the pair kernel looked at.
  int64_t search(const QueryRows<T>& queries, const TopKResult& result,
                 std::vector<uint8_t>& left) const;

 private:
  struct Batch;
  enum class Apart { kAlways, kNever };  // what rows are near to that do not fit

  void measure(const PackedRows<T>& sample);
  bool set(const QueryRows<T>& queries, const std::vector<uint8_t>& left, Batch& batch) const;
  double as_bounded(T value) const;
  std::optional<double> farthest() const;
  template <typename Rows>
  BytePanels panels_of(const Rows& rows, Apart apart) const;
  void limit(const QueryRows<T>& queries, Batch& batch) const;
  void visit(int64_t begin, int64_t end, const QueryRows<T>& queries, Batch& batch) const;

  const FloatMatrix& corpus_;
  const TopK& wanted_;
  const Parallel& parallel_;
  const Metric metric_;
  const KeyKind kind_;
  const int64_t width_;
  const int64_t most_evaluated_;  // of a query
  const Admission admission_;
  const PairValues<T> values_;
  std::vector<T> centre_;
  T per_unit_ = 0;
  ByteBound::Columns columns_{0, 0};
  std::optional<BytePanels> sample_;  // where its rows may limit what is looked for
};

// Whether it can be used: `worth_screening` is asked beside it.
bool fits_into_bytes(const FloatMatrix& corpus);

}  // namespace tripoint::cpu

#endif
