#ifndef TRIPOINT_KERNELS_CPU_TOP_K_PARTS_H
#define TRIPOINT_KERNELS_CPU_TOP_K_PARTS_H

// What the two scans of top_k have in common.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/cpu/nearness.h"
#include "kernels/cpu/rows.h"
#include "kernels/cpu/top_k.h"

namespace tripoint::cpu {

// Elements of a block of the corpus, of which each thread holds one, and its fewest blocks.
inline constexpr int64_t kBlockElements = int64_t{1} << 17;
inline constexpr int64_t kFewestBlocks = 32;

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

// The mean of some rows of a sample, near which the unit of whole numbers can be small. Any centre
// would do.
template <typename T>
std::vector<T> centre_of(const PackedRows<T>& sample) {
  constexpr int64_t kMost = 256;
  std::vector<double> sums(static_cast<size_t>(sample.width()), 0.0);
  const int64_t count = std::min(sample.size(), kMost);
  for (int64_t i = 0; i < count; ++i) {
    const T* const row = sample.row(i * sample.size() / count);
    if (!is_finite(row, sample.columns())) continue;
    for (size_t k = 0; k < sums.size(); ++k) sums[k] += row[k];
  }
  std::vector<T> centre(sums.size());
  for (size_t k = 0; k < sums.size(); ++k) {
    centre[k] = static_cast<T>(sums[k] / static_cast<double>(count));
  }
  return centre;
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
  const BoolMatrix* skipped_;
};

// The nearest rows of one query so far, by (value, row).
template <typename T>
class Nearest {
 public:
  // Of so many bytes for each query.
  static int64_t bytes(int64_t k) { return most(k) * static_cast<int64_t>(sizeof(Near)); }

  // Whether a row of this value may be among them: one beyond the limit may not.
  bool takes(T value) const { return !(value > limit_); }
  T limit() const { return limit_; }

  // Whether the limit may have changed.
  bool take(T value, int64_t row, int64_t k) {
    if (found_.capacity() == 0) found_.reserve(static_cast<size_t>(most(k)));
    found_.push_back({value, row});
    if (static_cast<int64_t>(found_.size()) < most(k)) return false;
    prune(k);
    return true;
  }

  void write(const PairValues<T>& values, int64_t k, T* target, int64_t* rows) {
    prune(k);
    std::sort(found_.begin(), found_.end());
    for (size_t place = 0; place < static_cast<size_t>(k); ++place) {
      const bool is_there = place < found_.size();
      target[place] = is_there ? values.given(found_[place].value) : values.none();
      rows[place] = is_there ? found_[place].row : -1;
    }
    found_ = {};
  }

 private:
  struct Near {
    T value;
    int64_t row;
    bool operator<(const Near& other) const {
      return value < other.value || (value == other.value && row < other.row);
    }
  };

  // Few rows are held beside the k, so that the limit is seldom far from the k-th value.
  static int64_t most(int64_t k) { return k + k / 2 + 16; }

  void prune(int64_t k) {
    if (static_cast<int64_t>(found_.size()) <= k) return;
    std::nth_element(found_.begin(), found_.begin() + (k - 1), found_.end());
    found_.resize(static_cast<size_t>(k));
    limit_ = found_.back().value;
  }

  std::vector<Near> found_;
  T limit_ = std::numeric_limits<T>::infinity();
};

}  // namespace tripoint::cpu

#endif
