#ifndef TRIPOINT_KERNELS_CPU_MINE_LEAST_H
#define TRIPOINT_KERNELS_CPU_MINE_LEAST_H

#include <cstdint>
#include <limits>

namespace tripoint::cpu {

// The least so far by (value, index), which does not depend on the order of asking.
template <typename T>
struct Least {
  static constexpr int64_t kNone = std::numeric_limits<int64_t>::max();

  T value = std::numeric_limits<T>::infinity();
  int64_t index = kNone;

  void take(T other, int64_t other_index) {
    if (other < value || (other == value && other_index < index)) {
      value = other;
      index = other_index;
    }
  }
  void take(const Least& other) { take(other.value, other.index); }
};

}  // namespace tripoint::cpu

#endif
