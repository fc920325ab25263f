#ifndef TRIPOINT_KERNELS_CPU_MINE_VALUE_ORDER_H
#define TRIPOINT_KERNELS_CPU_MINE_VALUE_ORDER_H

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace tripoint::cpu {

// Values above one number, up to another.
template <typename T>
struct ValueRange {
  T above;
  T upto;

  bool empty() const { return !(above < upto); }
  bool holds(T value) const { return value > above && value <= upto; }
};

// The greatest finite number that `holds`, −infinity where none does. It holds for all numbers up
// to some, and for none beyond. Found in few steps where the guess is near.
template <typename T, typename Holds>
T last_that(T guess, Holds&& holds) {
  // Numbers in their order, as whole numbers.
  using Bits = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
  constexpr Bits kSign = Bits{1} << (8 * sizeof(T) - 1);
  const auto order = [](T number) {
    const Bits bits = std::bit_cast<Bits>(number);
    return (bits & kSign) != 0 ? static_cast<Bits>(~bits) : static_cast<Bits>(bits | kSign);
  };
  const auto number = [](Bits place) {
    return std::bit_cast<T>((place & kSign) != 0 ? static_cast<Bits>(place ^ kSign)
                                                 : static_cast<Bits>(~place));
  };
  constexpr T kGreatest = std::numeric_limits<T>::max();
  const Bits first = order(-kGreatest);
  const Bits last = order(kGreatest);
  // One that holds and one that does not, first ever farther from the guess.
  Bits low = order(std::isnan(guess) ? T{0} : std::clamp(guess, -kGreatest, kGreatest));
  Bits high = low;
  Bits step = 1;
  if (holds(number(low))) {
    for (;; step *= 2) {
      if (high == last) return kGreatest;
      high += std::min<Bits>(step, last - high);
      if (!holds(number(high))) break;
      low = high;
    }
  } else {
    for (;; step *= 2) {
      if (low == first) return -std::numeric_limits<T>::infinity();
      low -= std::min<Bits>(step, low - first);
      if (holds(number(low))) break;
      high = low;
    }
  }
  while (high - low > 1) {
    const Bits middle = low + (high - low) / 2;
    (holds(number(middle)) ? low : high) = middle;
  }
  return number(low);
}

}  // namespace tripoint::cpu

#endif
