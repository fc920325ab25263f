#ifndef TRIPOINT_KERNELS_CPU_BASE_STRIDED_H
#define TRIPOINT_KERNELS_CPU_BASE_STRIDED_H

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/cpu/base/half.h"

namespace tripoint::cpu {

enum class FloatType { kFloat16, kBFloat16, kFloat32, kFloat64 };

enum class IntegerType { kInt8, kInt16, kInt32, kInt64 };  // unsigned ones are read by their bits

// A matrix of floats as it lies in memory. Strides count elements and may be 0 or negative.
struct FloatMatrix {
  const void* data;
  FloatType type;
  int64_t rows;
  int64_t columns;
  int64_t row_stride;
  int64_t column_stride;
};

// A matrix of truths as it lies in memory: bytes of which those that are not 0 are true, or eight
// in a byte, the lowest bit first. Strides count bytes.
struct Mask {
  const uint8_t* data;
  int64_t row_stride;
  int64_t column_stride;
  bool bits = false;

  bool operator()(int64_t row, int64_t column) const {
    const uint8_t* const from = data + row * row_stride;
    if (!bits) return from[column * column_stride] != 0;
    return ((from[(column >> 3) * column_stride] >> (column & 7)) & 1) != 0;
  }
};

struct IntegerVector {
  const void* data;
  IntegerType type;
  int64_t size;
  int64_t stride;
};

namespace detail {

inline float widen(Half value) { return to_float(value); }
inline float widen(BFloat16 value) { return to_float(value); }
inline float widen(float value) { return value; }
inline double widen(double value) { return value; }

template <typename Stored, typename T>
void load_row(const FloatMatrix& matrix, int64_t row, T* target) {
  const Stored* source = static_cast<const Stored*>(matrix.data) + row * matrix.row_stride;
  if (matrix.column_stride == 1) {
    for (int64_t k = 0; k < matrix.columns; ++k) target[k] = static_cast<T>(widen(source[k]));
    return;
  }
  for (int64_t k = 0; k < matrix.columns; ++k) {
    target[k] = static_cast<T>(widen(source[k * matrix.column_stride]));
  }
}

}  // namespace detail

// Copies a row into `target`, converted to T (which is at least as wide, so nothing is lost).
template <typename T>
void load_row(const FloatMatrix& matrix, int64_t row, T* target) {
  switch (matrix.type) {
    case FloatType::kFloat16:
      return detail::load_row<Half>(matrix, row, target);
    case FloatType::kBFloat16:
      return detail::load_row<BFloat16>(matrix, row, target);
    case FloatType::kFloat32:
      return detail::load_row<float>(matrix, row, target);
    case FloatType::kFloat64:
      return detail::load_row<double>(matrix, row, target);
  }
}

namespace detail {

inline void narrow(float value, Half* target) { *target = to_half(value); }
inline void narrow(float value, BFloat16* target) { *target = to_bfloat16(value); }
inline void narrow(float value, float* target) { *target = value; }
inline void narrow(float value, double* target) { *target = value; }
inline void narrow(double value, double* target) { *target = value; }
template <typename Stored>
void narrow(double value, Stored* target) {
  narrow(static_cast<float>(value), target);
}

template <typename Stored, typename T>
void store_row(const T* values, void* matrix, int64_t row, int64_t columns) {
  Stored* const target = static_cast<Stored*>(matrix) + row * columns;
  for (int64_t k = 0; k < columns; ++k) narrow(values[k], target + k);
}

}  // namespace detail

// Writes values into row `row` of a contiguous matrix of `columns` columns, rounded to its type.
template <typename T>
void store_row(const T* values, void* matrix, FloatType type, int64_t row, int64_t columns) {
  switch (type) {
    case FloatType::kFloat16:
      return detail::store_row<Half>(values, matrix, row, columns);
    case FloatType::kBFloat16:
      return detail::store_row<BFloat16>(values, matrix, row, columns);
    case FloatType::kFloat32:
      return detail::store_row<float>(values, matrix, row, columns);
    case FloatType::kFloat64:
      return detail::store_row<double>(values, matrix, row, columns);
  }
}

// Makes all of a contiguous matrix of one value.
inline void fill_rows(double value, void* matrix, FloatType type, int64_t rows, int64_t columns) {
  const std::vector<double> row(static_cast<size_t>(columns), value);
  for (int64_t i = 0; i < rows; ++i) store_row(row.data(), matrix, type, i, columns);
}

}  // namespace tripoint::cpu

#endif
