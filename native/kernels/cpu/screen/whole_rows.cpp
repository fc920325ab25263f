#include "kernels/cpu/screen/whole_rows.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/pair.h"

namespace tripoint::cpu {
namespace {

// As keys of whole numbers are, so far from them that none is reached.
constexpr int32_t kApart = -(int32_t{1} << 30);
constexpr int32_t kNever = int32_t{1} << 30;

// Covers the roundings of the few operations in double that a limit is made of.
constexpr double kSlack = 1e-9;

// Beyond all keys by more than any doubt, and finite.
constexpr double kFarKey = 1e15;

template <typename T>
struct WholeKernels {
  double (*squared_length)(const T* row, const T* centre, int64_t width);
  T(*quantise)
  (const T* row, T factor, const T* centre, T per_unit, int64_t width, int16_t* wholes);
  int32_t (*spread)(const int16_t* wholes, int64_t pairs, int16_t* target);
};

namespace portable {
#define TRIPOINT_TARGET
#include "kernels/cpu/screen/whole_rows_body.inc"
#undef TRIPOINT_TARGET
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
#define TRIPOINT_TARGET TRIPOINT_AVX2
#include "kernels/cpu/screen/whole_rows_body.inc"
#undef TRIPOINT_TARGET
}  // namespace avx2
#endif

template <typename T>
const WholeKernels<T>& whole_kernels() {
#if defined(__x86_64__)
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

int32_t to_key(double key) {
  return static_cast<int32_t>(
      std::clamp(key, static_cast<double>(kLeastKey), static_cast<double>(kGreatestKey)));
}

}  // namespace

template <typename T>
double squared_length(const T* row, const T* centre, int64_t width) {
  return whole_kernels<T>().squared_length(row, centre, width);
}
template <typename T>
double squared_length(const T* row, int64_t width) {
  return whole_kernels<T>().squared_length(row, nullptr, width);
}

template <typename T>
WholeRows<T>::WholeRows(int64_t size, int64_t columns, KeyKind kind)
    : pairs_((columns + 1) / 2), width_(padded_width<T>(columns)), kind_(kind) {
  const int64_t padded =
      (size + kIntegerGroup - 1) / kIntegerGroup * kIntegerGroup + kIntegerMargin;
  values_ = aligned_array<int16_t>(static_cast<size_t>(padded * pairs_ * 2));
  squares_.resize(static_cast<size_t>(padded));
  wholes_.resize(static_cast<size_t>(width_));
  for (int64_t p = size; p < padded; ++p) put_never(p);
}

template <typename T>
bool WholeRows<T>::put(int64_t position, const T* row, T factor, const WholeScale<T>& scale,
                       T per_unit, int16_t* wholes) {
  const WholeKernels<T>& kernels = whole_kernels<T>();
  const T square = kernels.quantise(row, factor, scale.centre.data(), per_unit, width_, wholes);
  if (!(square <= kLongestInUnits * kLongestInUnits)) return false;
  const int32_t exact =
      kernels.spread(wholes, pairs_, values_.get() + integer_place(pairs_, position, 0));
  squares_[static_cast<size_t>(position)] = kind_ == KeyKind::kSquaredDistance ? exact : 0;
  return true;
}

template <typename T>
void WholeRows<T>::put_apart(int64_t position) {
  put_zeros(position, kApart);
}

template <typename T>
void WholeRows<T>::put_never(int64_t position) {
  put_zeros(position, kNever);
}

template <typename T>
void WholeRows<T>::put_zeros(int64_t position, int32_t square) {
  std::fill(wholes_.begin(), wholes_.end(), int16_t{0});
  whole_kernels<T>().spread(wholes_.data(), pairs_,
                            values_.get() + integer_place(pairs_, position, 0));
  squares_[static_cast<size_t>(position)] = square;
}

template <typename T>
KeyBound KeyBound::of(KeyKind kind, int64_t columns, int64_t width, double rounding,
                      double unit_square) {
  const double residue = std::sqrt(static_cast<double>(columns)) / 2 + rounding;
  const double relative =
      (static_cast<double>(width / kLanes<T>) + 12) * std::numeric_limits<T>::epsilon();
  const double underflow =
      static_cast<double>(width + 1) * std::numeric_limits<T>::denorm_min() / unit_square;
  KeyBound bound;
  bound.kind_ = kind;
  if (kind == KeyKind::kSquaredDistance) {
    bound.doubt_ = 2 * residue;
    bound.relative_ = relative;
    bound.underflow_ = underflow;
  } else {
    const double length = 1.01 * kLongestInUnits + residue;
    bound.doubt_ =
        2 * (2 * length * residue + residue * residue + relative * length * length + underflow);
  }
  return bound;
}

bool KeyBound::usable() const {
  return std::isfinite(doubt_) && std::isfinite(underflow_) && relative_ < 0.5;
}

int32_t KeyBound::farther(int32_t key) const {
  if (kind_ == KeyKind::kProduct) return to_key(key + 2 * doubt_ + 1);
  const double most = std::sqrt(static_cast<double>(key)) + doubt_;
  return beyond(most * most * (1 + relative_) + 2 * underflow_);
}

int32_t KeyBound::nearer(int32_t key) const {
  if (kind_ == KeyKind::kProduct) return to_key(key - 2 * doubt_ - 1);
  const double least = std::max(std::sqrt(static_cast<double>(key)) - doubt_, 0.0);
  return before(least * least * (1 - relative_) - 2 * underflow_);
}

int32_t KeyBound::beyond(double value) const {
  if (kind_ == KeyKind::kProduct) {
    const double key = std::clamp(value, -kFarKey, kFarKey);
    return to_key(key + doubt_ + kSlack * std::abs(key) + 1);
  }
  if (value < 0) return kLeastKey;
  const double bound = std::sqrt((value + 2 * underflow_) / (1 - relative_)) + doubt_;
  return to_key(bound * bound * (1 + kSlack) + 1);
}

int32_t KeyBound::before(double value) const {
  if (kind_ == KeyKind::kProduct) {
    const double key = std::clamp(value, -kFarKey, kFarKey);
    return to_key(key - doubt_ - kSlack * std::abs(key) - 1);
  }
  const double square = (value - 2 * underflow_) / (1 + relative_);
  const double bound = std::sqrt(std::max(square, 0.0)) - doubt_;
  return bound > 0 ? to_key(bound * bound * (1 - kSlack) - 1) : kLeastKey;
}

template class WholeRows<float>;
template class WholeRows<double>;
template KeyBound KeyBound::of<float>(KeyKind, int64_t, int64_t, double, double);
template KeyBound KeyBound::of<double>(KeyKind, int64_t, int64_t, double, double);
template double squared_length<float>(const float*, const float*, int64_t);
template double squared_length<double>(const double*, const double*, int64_t);
template double squared_length<float>(const float*, int64_t);
template double squared_length<double>(const double*, int64_t);

}  // namespace tripoint::cpu
