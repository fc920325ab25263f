#ifndef TRIPOINT_KERNELS_CPU_MINE_TOP_K_PARTS_H
#define TRIPOINT_KERNELS_CPU_MINE_TOP_K_PARTS_H

// What the two scans of top_k have in common.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "kernels/cpu/mine/nearest.h"
#include "kernels/cpu/mine/top_k.h"
#include "kernels/cpu/rows/centre.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::cpu {

// Elements of a block of the corpus, of which each thread holds one, and its fewest blocks.
inline constexpr int64_t kBlockElements = int64_t{1} << 17;
inline constexpr int64_t kFewestBlocks = 32;

// Rows of a sample that its centre is the mean of.
inline constexpr int64_t kRowsOfCentre = 256;

inline int64_t parts_of(int64_t size, int64_t part) { return (size + part - 1) / part; }

template <typename T>
int64_t corpus_block(const FloatMatrix& corpus) {
  constexpr int64_t kStep = 96;
  const int64_t most = std::max(kBlockElements / padded_width<T>(corpus.columns + 1), kStep);
  const int64_t wanted = std::min(parts_of(corpus.rows, kFewestBlocks), most);
  return std::max(parts_of(wanted, kStep), int64_t{1}) * kStep;
}

// `size` rows of the corpus, evenly spread.
template <typename T>
PackedRows<T> sample_of(const FloatMatrix& corpus, int64_t size, Metric metric,
                        const Parallel& parallel) {
  std::vector<int64_t> order(static_cast<size_t>(size));
  for (int64_t i = 0; i < size; ++i) order[static_cast<size_t>(i)] = i * corpus.rows / size;
  return PackedRows<T>(corpus, order, metric, parallel);
}

// Some queries, from `begin` on.
template <typename T>
struct QueryRows {
  int64_t begin;
  PackedRows<T> rows;

  int64_t size() const { return rows.size(); }
};

// Which rows a query may have, by their index.
class Admission {
 public:
  explicit Admission(const TopK& wanted) : excluded_(wanted.excluded), skipped_(wanted.skipped) {}

  bool skips(int64_t row) const { return skipped_ != nullptr && (*skipped_)(row, 0); }
  int64_t excluded_of(int64_t query) const {
    if (excluded_ == nullptr) return 0;
    const auto at = static_cast<size_t>(query);
    return excluded_->offsets[at + 1] - excluded_->offsets[at];
  }
  bool excludes(int64_t query, int64_t row) const {
    if (excluded_ == nullptr) return false;
    const int64_t* const rows = excluded_->rows.data();
    const auto at = static_cast<size_t>(query);
    return std::binary_search(rows + excluded_->offsets[at], rows + excluded_->offsets[at + 1],
                              row);
  }

 private:
  const Exclusions* excluded_;
  const Mask* skipped_;
};

// Whether rows of a matrix lie as packed ones do.
template <typename T>
bool lies_packed(const FloatMatrix& matrix, Metric metric) {
  constexpr FloatType kOwn = sizeof(T) == 4 ? FloatType::kFloat32 : FloatType::kFloat64;
  return metric != Metric::kCosine && matrix.type == kOwn && matrix.column_stride == 1 &&
         matrix.row_stride == matrix.columns && matrix.columns == padded_width<T>(matrix.columns);
}

inline constexpr auto kOnThisThread = [](int64_t count, Tasks tasks) { tasks(0, count); };

// Rows begin … end − 1 of a corpus but for those that none may have: where they lie, if they lie as
// packed ones do, or packed.
template <typename T>
class BlockRows {
 public:
  BlockRows(const FloatMatrix& corpus, int64_t begin, int64_t end, Metric metric,
            const Admission& admission)
      : width_(padded_width<T>(corpus.columns)) {
    for (int64_t c = begin; c < end; ++c) {
      if (!admission.skips(c)) order_.push_back(c);
    }
    if (size() == end - begin && lies_packed<T>(corpus, metric)) {
      first_ = static_cast<const T*>(corpus.data) + begin * width_;
    } else {
      packed_.emplace(corpus, order_, metric, kOnThisThread);
      first_ = packed_->row(0);
    }
  }

  int64_t size() const { return static_cast<int64_t>(order_.size()); }
  int64_t index(int64_t position) const { return order_[static_cast<size_t>(position)]; }
  const T* row(int64_t position) const { return first_ + position * width_; }
  bool has_deficit(int64_t position) const { return packed_ && packed_->has_deficit(position); }

  // As PackedRows::finish, of a query with a position.
  void finish(const PackedRows<T>& queries, int64_t query, int64_t position, T* value) const {
    if (packed_) queries.finish(query, *packed_, position, 1, value);
  }

 private:
  int64_t width_;
  std::vector<int64_t> order_;
  std::optional<PackedRows<T>> packed_;
  const T* first_;
};

// Writes the k nearest rows of a query, given in their order. Zeros have no sign.
template <typename T>
void write(const std::vector<Near<T>>& found, const PairValues<T>& values, int64_t k, T* target,
           int64_t* rows) {
  for (size_t place = 0; place < static_cast<size_t>(k); ++place) {
    const bool is_there = place < found.size();
    target[place] = is_there ? values.given(found[place].value()) + T(0) : values.none();
    rows[place] = is_there ? found[place].row() : -1;
  }
}

}  // namespace tripoint::cpu

#endif
