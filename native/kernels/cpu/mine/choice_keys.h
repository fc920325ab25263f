#ifndef TRIPOINT_KERNELS_CPU_MINE_CHOICE_KEYS_H
#define TRIPOINT_KERNELS_CPU_MINE_CHOICE_KEYS_H

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "kernels/cpu/mine/choice.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/screen/screen.h"
#include "kernels/cpu/screen/whole_rows.h"

namespace tripoint::cpu {

inline constexpr int32_t kNeverKey = std::numeric_limits<int32_t>::max();  // of no pair
inline constexpr int32_t kNoKeyLimit = kNeverKey - 1;

// What a screen's keys tell of values of distances, which are not yet rooted.
template <typename T>
class DistanceBound {
 public:
  DistanceBound(const Screen<T>& screen, Nearness nearness)
      : screen_(&screen), nearness_(nearness) {}

  // Whether the greater of given values is the nearer.
  static constexpr bool kTurned = false;

  // A pair above the one is farther than one of this key, a pair below the other nearer.
  int32_t farther(int32_t key) const { return screen_->farther(key); }
  int32_t nearer(int32_t key) const { return screen_->nearer(key); }

  // The same for a value.
  int32_t beyond(double value) const { return screen_->beyond(square_of(value)); }
  int32_t before(double value) const { return screen_->before(square_of(value)); }

  // The same for a value as it is given, which is rounded once more.
  int32_t beyond_given(double given) const {
    return screen_->beyond(square_of_given(given) * (1 + kRounding));
  }
  int32_t before_given(double given) const {
    return screen_->before(square_of_given(given) * (1 - kRounding));
  }

 private:
  // More than what a given value is rounded by.
  static constexpr double kRounding = 8 * static_cast<double>(std::numeric_limits<T>::epsilon());

  double square_of(double value) const {
    return nearness_ == Nearness::kCosine ? 2 * value : value;
  }
  double square_of_given(double given) const {
    return nearness_ == Nearness::kEuclidean && given > 0 ? given * given : square_of(given);
  }

  const Screen<T>* screen_;
  Nearness nearness_;
};

// What keys of products with one anchor tell of their values, which are products with the sign
// turned.
template <typename T>
class ProductBound {
 public:
  ProductBound(const KeyBound& bound, double unit_square)
      : bound_(&bound), unit_square_(unit_square) {}

  static constexpr bool kTurned = true;

  int32_t farther(int32_t key) const { return bound_->farther(key); }
  int32_t nearer(int32_t key) const { return bound_->nearer(key); }
  int32_t beyond(double value) const { return bound_->beyond(2 * value / unit_square_); }
  int32_t before(double value) const { return bound_->before(2 * value / unit_square_); }
  int32_t beyond_given(double given) const { return beyond(-given); }
  int32_t before_given(double given) const { return before(-given); }

 private:
  const KeyBound* bound_;
  double unit_square_;
};

// What keys tell of the pairs that a row may have, by a bound on the values of their pairs. A key
// is negated where the farthest is wanted, so that the least is wanted in either case.
template <typename Bound>
class ChoiceKeys {
 public:
  ChoiceKeys(const Bound& bound, const Choice& choice)
      : bound_(bound), farthest_(choice.end == End::kFarthest) {
    const bool far_first = farthest_ != Bound::kTurned;
    const std::optional<double>& inner = far_first ? choice.greatest : choice.least;
    const std::optional<double>& outer = far_first ? choice.least : choice.greatest;
    if (inner) {
      from_ = farthest_ ? -bound_.beyond_given(*inner) : bound_.before_given(*inner);
      certain_ = (farthest_ ? -bound_.before_given(*inner) : bound_.beyond_given(*inner)) + 1;
    }
    if (outer) {
      last_certain_ = (farthest_ ? -bound_.beyond_given(*outer) : bound_.before_given(*outer)) - 1;
      last_ = std::min(farthest_ ? -bound_.before_given(*outer) : bound_.beyond_given(*outer),
                       kNoKeyLimit);
    }
  }

  // Pairs with keys below `from` are not admitted; those from `certain` on are, as far as the
  // near side goes. With `beyond` the value that they must be beyond.
  template <typename T>
  void set(const T* beyond, int32_t& from, int32_t& certain) const {
    from = from_;
    certain = certain_;
    if (beyond == nullptr) return;
    if (std::isnan(*beyond)) {
      from = certain = kNeverKey;
      return;
    }
    const double value = *beyond;
    from = std::max(from, farthest_ ? -bound_.beyond(value) : bound_.before(value));
    certain = std::max(certain, above(value) + 1);
  }

  // Pairs with keys above are not admitted.
  int32_t last() const { return last_; }

  // Lowers the limit by the least key that is admitted as far as the near side goes, which is so
  // much above `certain`; above kNeverKey there is none.
  void lower_limit(int32_t certain, uint32_t above, int32_t& limit) const {
    if (above >= static_cast<uint32_t>(kNeverKey) - static_cast<uint32_t>(certain)) return;
    const auto key = static_cast<int32_t>(static_cast<uint32_t>(certain) + above);
    if (key > last_certain_ || key >= limit) return;  // a limit is never below its key
    limit = std::min(limit, farthest_ ? -bound_.nearer(-key) : bound_.farther(key));
  }

  // The same by an admitted value, negated where the farthest is wanted.
  void lower_limit(double value, int32_t& limit) const {
    limit = std::min(limit, above(farthest_ ? -value : value));
  }

 private:
  // Pairs with keys above it are beyond a plain value.
  int32_t above(double value) const {
    return farthest_ ? -bound_.before(value) : bound_.beyond(value);
  }

  Bound bound_;
  bool farthest_;
  int32_t from_ = -kNeverKey;
  int32_t certain_ = -kNeverKey;
  int32_t last_certain_ = kNoKeyLimit;
  int32_t last_ = kNoKeyLimit;
};

}  // namespace tripoint::cpu

#endif
