#include "kernels/cpu/screen/byte_rows.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <type_traits>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/pair.h"

namespace tripoint::cpu {
namespace {

// Covers the roundings of the few operations in double that a bound is made of.
constexpr double kSlack = 1e-9;

struct PutRow {
  double residue_square;
  int32_t square;
  int32_t sum;
};

namespace portable {
#define TRIPOINT_TARGET
template <typename T>
void store(const T (&numbers)[kLanes<T>], int8_t* bytes) {
  std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t> bits[kLanes<T>];
  std::memcpy(bits, numbers, sizeof bits);
  for (int64_t lane = 0; lane < kLanes<T>; ++lane) bytes[lane] = static_cast<int8_t>(bits[lane]);
}

#include "kernels/cpu/screen/byte_rows_body.inc"
#undef TRIPOINT_TARGET
}  // namespace portable

#if defined(__x86_64__)
namespace avx512 {
#define TRIPOINT_TARGET TRIPOINT_AVX512
// The compiler takes numbers one by one here.
TRIPOINT_TARGET inline void store(const float (&numbers)[16], int8_t* bytes) {
  const __m128i stored = _mm512_maskz_cvtepi32_epi8(0xffff, _mm512_loadu_si512(numbers));
  std::memcpy(bytes, &stored, 16);
}
TRIPOINT_TARGET inline void store(const double (&numbers)[8], int8_t* bytes) {
  const __m128i stored = _mm512_maskz_cvtepi64_epi8(0xff, _mm512_loadu_si512(numbers));
  std::memcpy(bytes, &stored, 8);
}

#include "kernels/cpu/screen/byte_rows_body.inc"
#undef TRIPOINT_TARGET
}  // namespace avx512
#endif

}  // namespace

template <typename T>
ByteRow put_into_bytes(const T* row, const T* centre, T per_unit, int64_t width, int8_t* bytes) {
  const auto row_of = [&](const auto& put) {
    // Entries are off by two roundings, the residue's square by those of its sum.
    constexpr double kEpsilon = std::numeric_limits<T>::epsilon();
    const double residue = std::sqrt(put.residue_square);
    const double rounding = 2 * kEpsilon * (std::sqrt(static_cast<double>(put.square)) + residue);
    return ByteRow{put.square, put.sum,
                   residue * (1 + static_cast<double>(width + 8) * kEpsilon) + rounding + 1e-6};
  };
#if defined(__x86_64__)
  if (multiplies_bytes_fast()) return row_of(avx512::put(row, centre, per_unit, width, bytes));
#endif
  return row_of(portable::put(row, centre, per_unit, width, bytes));
}

BytePanels::BytePanels(int64_t size, int64_t columns, KeyKind kind)
    : panels_((size + kBytePanel - 1) / kBytePanel), quads_((columns + 3) / 4), kind_(kind) {
  values_ = aligned_array<uint8_t>(static_cast<size_t>(panels_ * kBytePanel * 4 * quads_));
  starts_.resize(static_cast<size_t>(panels_ * kBytePanel));
  for (int64_t p = size; p < panels_ * kBytePanel; ++p) put_never(p);
}

void BytePanels::put(int64_t position, const int8_t* bytes, const ByteRow& row) {
  uint8_t* const target = values_.get() + position / kBytePanel * kBytePanel * 4 * quads_;
  const int64_t column = position % kBytePanel;
  for (int64_t quad = 0; quad < quads_; ++quad) {
    uint32_t four;
    std::memcpy(&four, bytes + 4 * quad, sizeof four);
    four ^= 0x80808080u;  // kByteOffset more, of each
    std::memcpy(target + byte_place(column, quad), &four, sizeof four);
  }
  // Rounded down, so that the sum is not too small.
  starts_[static_cast<size_t>(position)] =
      kind_ == KeyKind::kSquaredDistance ? -static_cast<int32_t>(row.square / 2) : 0;
}

void BytePanels::put_zeros(int64_t position, int32_t start) {
  uint8_t* const target = values_.get() + position / kBytePanel * kBytePanel * 4 * quads_;
  const int64_t column = position % kBytePanel;
  for (int64_t quad = 0; quad < quads_; ++quad) {
    std::memset(target + byte_place(column, quad), kByteOffset, 4);
  }
  starts_[static_cast<size_t>(position)] = start;
}

template <typename T>
ByteBound ByteBound::of(KeyKind kind, const ByteRow& row, const Columns& columns, int64_t width,
                        double unit_square) {
  const double relative =
      (static_cast<double>(width / kLanes<T>) + 12) * std::numeric_limits<T>::epsilon();
  const double underflow =
      static_cast<double>(width + 1) * std::numeric_limits<T>::denorm_min() / unit_square;
  ByteBound bound;
  bound.kind_ = kind;
  bound.per_unit_square_ = 1 / unit_square;
  bound.square_ = static_cast<double>(row.square);
  bound.offset_ = static_cast<double>(kByteOffset * row.sum);
  if (kind == KeyKind::kSquaredDistance) {
    bound.doubt_ = row.residue + columns.residue;
    bound.relative_ = relative;
    bound.underflow_ = underflow;
  } else {
    const double length = std::sqrt(bound.square_);
    bound.doubt_ =
        length * columns.residue + columns.length * row.residue + row.residue * columns.residue +
        relative * (length + row.residue) * (columns.length + columns.residue) + underflow;
  }
  return bound;
}

int32_t ByteBound::least(double value) const {
  if (kind_ == KeyKind::kProduct) {
    const double product = value * per_unit_square_ / -2;
    return rounded(product - doubt_ - kSlack * std::abs(product) - 1);
  }
  const double square =
      (std::max(value, 0.0) * per_unit_square_ + 2 * underflow_) / (1 - relative_);
  const double root = std::sqrt(square) + doubt_;
  return rounded((square_ - root * root * (1 + kSlack)) / 2 - 1);
}

int32_t ByteBound::least_beside(int32_t sum) const {
  const double own = static_cast<double>(sum) - offset_;
  if (kind_ == KeyKind::kProduct) return rounded(own - 2 * doubt_ - 2);
  const double root = std::sqrt(std::max(square_ - 2 * own + 1, 0.0)) + doubt_;
  return least((root * root * (1 + relative_) * (1 + kSlack) + 2 * underflow_) / per_unit_square_);
}

// NaN, of what has no bound, becomes the least.
int32_t ByteBound::rounded(double least) const {
  const double clamped = least > kLeastSum ? std::min(least, double{kGreatestSum}) : kLeastSum;
  return static_cast<int32_t>(std::floor(clamped) + offset_);
}

template ByteRow put_into_bytes<float>(const float*, const float*, float, int64_t, int8_t*);
template ByteRow put_into_bytes<double>(const double*, const double*, double, int64_t, int8_t*);
template ByteBound ByteBound::of<float>(KeyKind, const ByteRow&, const Columns&, int64_t, double);
template ByteBound ByteBound::of<double>(KeyKind, const ByteRow&, const Columns&, int64_t, double);

}  // namespace tripoint::cpu
