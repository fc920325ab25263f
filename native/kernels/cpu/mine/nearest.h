#ifndef TRIPOINT_KERNELS_CPU_MINE_NEAREST_H
#define TRIPOINT_KERNELS_CPU_MINE_NEAREST_H

#include <algorithm>
#include <bit>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <utility>
#include <vector>

namespace tripoint::cpu {

// A value that is a number and its row in one whole number, so that it takes no branch to compare
// two by (value, row). Of zeros the sign is lost.
template <typename T>
class Near {
 public:
  Near(T value, int64_t row) {
    const Bits bits = std::bit_cast<Bits>(value + T(0));
    const Bits ordered = (bits & kSign) != 0 ? ~bits : bits | kSign;
    bits_ = (static_cast<Pair>(ordered) << 64) | static_cast<uint64_t>(row);
  }
  T value() const {
    const auto ordered = static_cast<Bits>(bits_ >> 64);
    return std::bit_cast<T>((ordered & kSign) != 0 ? ordered ^ kSign : static_cast<Bits>(~ordered));
  }
  int64_t row() const { return static_cast<int64_t>(bits_); }
  bool operator<(const Near& other) const { return bits_ < other.bits_; }

 private:
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  __extension__ using Pair = unsigned __int128;
  static constexpr Bits kSign = Bits{1} << (8 * sizeof(T) - 1);
  Pair bits_;
};

// The k nearest rows of one query so far, by (value, row).
template <typename T>
class Nearest {
 public:
  // Of so many bytes for each query.
  static int64_t bytes(int64_t k) { return most(k) * static_cast<int64_t>(sizeof(Near<T>)); }

  // Whether a row of this value may be among them: one beyond the limit may not.
  bool takes(T value) const { return !(value > limit_); }
  T limit() const { return limit_; }

  // Whether the limit may have changed.
  bool take(T value, int64_t row, int64_t k) {
    const Near<T> one(value, row);
    if (found_.capacity() == 0) found_.reserve(static_cast<size_t>(most(k)));
    if (is_heap(k) && static_cast<int64_t>(found_.size()) == k) {
      if (!(one < found_.front())) return false;
      replace_greatest(one);
    } else {
      found_.push_back(one);
      if (static_cast<int64_t>(found_.size()) < most(k)) return false;
      if (is_heap(k)) {
        std::make_heap(found_.begin(), found_.end());
      } else {
        prune(k);
      }
    }
    limit_ = found_.front().value();
    return true;
  }

  // The k nearest, in order; there are none afterwards.
  std::vector<Near<T>> take_all(int64_t k) {
    prune(k);
    std::sort(found_.begin(), found_.end());
    return std::move(found_);
  }

 private:
  // A heap keeps the limit at the k-th value, at log k a row. Of more rows, a few more than k are
  // held, among which the k nearest are found from time to time.
  static bool is_heap(int64_t k) { return k <= 128; }
  static int64_t most(int64_t k) { return is_heap(k) ? k : k + k / 2; }

  void replace_greatest(const Near<T>& one) {
    const size_t size = found_.size();
    size_t hole = 0;
    for (size_t child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size) child += found_[child] < found_[child + 1] ? 1 : 0;
      if (!(one < found_[child])) break;
      found_[hole] = found_[child];
      hole = child;
    }
    found_[hole] = one;
  }

  // The k-th comes first.
  void prune(int64_t k) {
    if (static_cast<int64_t>(found_.size()) <= k) return;
    const auto last = found_.begin() + (k - 1);
    std::nth_element(found_.begin(), last, found_.end());
    found_.erase(last + 1, found_.end());
    std::swap(found_.front(), found_.back());
  }

  std::vector<Near<T>> found_;
  T limit_ = std::numeric_limits<T>::infinity();
};

}  // namespace tripoint::cpu

#endif
