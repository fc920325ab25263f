#include "ops/checks.h"

#include <cmath>

#include "abi/failure.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

// LibTorch's numbers of the unsigned types that the C ABI leaves out.
constexpr int32_t kUInt16 = 27;
constexpr int32_t kUInt32 = 28;
constexpr int32_t kUInt64 = 29;

cpu::FloatType check_float_type(const char* op, const char* argument, int32_t dtype) {
  switch (dtype) {
    case TP_FLOAT16:
      return cpu::FloatType::kFloat16;
    case TP_BFLOAT16:
      return cpu::FloatType::kBFloat16;
    case TP_FLOAT32:
      return cpu::FloatType::kFloat32;
    case TP_FLOAT64:
      return cpu::FloatType::kFloat64;
    default:
      refuse(op, std::string(argument) + " must be float16, bfloat16, float32 or float64, not " +
                     name_of_dtype(dtype) + ".");
  }
}

cpu::IntegerType check_integer_type(const char* op, const char* argument, int32_t dtype) {
  switch (dtype) {
    case TP_BOOL:
    case TP_UINT8:
    case TP_INT8:
      return cpu::IntegerType::kInt8;
    case TP_INT16:
    case kUInt16:
      return cpu::IntegerType::kInt16;
    case TP_INT32:
    case kUInt32:
      return cpu::IntegerType::kInt32;
    case TP_INT64:
    case kUInt64:
      return cpu::IntegerType::kInt64;
    default:
      refuse(op, std::string(argument) + " must be of an integer type, not " +
                     name_of_dtype(dtype) + ".");
  }
}

void check_strided(const char* op, const char* argument, const abi::TensorView& tensor) {
  if (tensor.layout != 0) refuse(op, std::string(argument) + " must be a strided tensor.");
}

// A mask of so many rows and columns, whose shape is called `whose` in a refusal.
cpu::Mask mask_of(const char* op, const char* argument, const abi::TensorView& mask, int64_t rows,
                  int64_t columns, const char* whose) {
  check_strided(op, argument, mask);
  const bool bits = mask.dtype == TP_UINT8;
  const int64_t width = bits ? (columns + 7) / 8 : columns;
  if (!bits && mask.dtype != TP_BOOL) {
    refuse(op, std::string(argument) + " must be bool, or uint8 with a bit for each column, not " +
                   name_of_dtype(mask.dtype) + ".");
  }
  if (mask.dim != 2 || mask.size(0) != rows || mask.size(1) != width) {
    refuse(op, std::string(argument) + " must have the shape " + whose + "[" +
                   std::to_string(rows) + ", " + std::to_string(width) +
                   (bits ? "] in bytes of eight columns, but has " : "], but has ") +
                   shape_of(mask) + ".");
  }
  return {static_cast<const uint8_t*>(mask.data), mask.stride(0), mask.stride(1), bits};
}

}  // namespace

void refuse(const char* op, const std::string& what) {
  throw abi::Failure(TP_TORCH_ERROR, std::string(op) + ": " + what);
}

std::string shape_of(const abi::TensorView& tensor) {
  std::string shape = "[";
  for (int64_t d = 0; d < tensor.dim; ++d) {
    if (d > 0) shape += ", ";
    shape += std::to_string(tensor.size(d));
  }
  return shape + "]";
}

std::string name_of_dtype(int32_t dtype) {
  switch (dtype) {
    case TP_UINT8:
      return "uint8";
    case TP_INT8:
      return "int8";
    case TP_INT16:
      return "int16";
    case TP_INT32:
      return "int32";
    case TP_INT64:
      return "int64";
    case TP_FLOAT16:
      return "float16";
    case TP_FLOAT32:
      return "float32";
    case TP_FLOAT64:
      return "float64";
    case TP_COMPLEX64:
      return "complex64";
    case TP_COMPLEX128:
      return "complex128";
    case TP_BOOL:
      return "bool";
    case TP_BFLOAT16:
      return "bfloat16";
    default:
      return "type number " + std::to_string(dtype);
  }
}

void check_margin(const char* op, double margin) {
  if (!std::isfinite(margin)) refuse(op, "margin must be a finite number.");
}

cpu::Metric metric_of(const char* op, const std::string& distance) {
  if (distance == "euclidean") return cpu::Metric::kEuclidean;
  if (distance == "sqeuclidean") return cpu::Metric::kSquaredEuclidean;
  if (distance == "cosine") return cpu::Metric::kCosine;
  refuse(op, "distance must be \"euclidean\", \"sqeuclidean\" or \"cosine\", not \"" + distance +
                 "\".");
}

cpu::Nearness nearness_of(const char* op, const std::string& distance) {
  if (distance == "dot") return cpu::Nearness::kDot;
  if (distance == "euclidean") return cpu::Nearness::kEuclidean;
  if (distance == "sqeuclidean") return cpu::Nearness::kSquaredEuclidean;
  if (distance == "cosine") return cpu::Nearness::kCosine;
  refuse(op, "distance must be \"euclidean\", \"sqeuclidean\", \"cosine\" or \"dot\", not \"" +
                 distance + "\".");
}

cpu::Similarity similarity_of(const char* op, const std::string& similarity) {
  if (similarity == "cosine") return cpu::Similarity::kCosine;
  if (similarity == "dot") return cpu::Similarity::kDot;
  refuse(op, "similarity must be \"cosine\" or \"dot\", not \"" + similarity + "\".");
}

cpu::LossMean mean_of(const char* op, const std::string& reduction) {
  if (reduction == "mean") return cpu::LossMean::kAll;
  if (reduction == "nonzero_mean") return cpu::LossMean::kAboveZero;
  if (reduction == "sum") return cpu::LossMean::kSum;
  refuse(op, "reduction must be \"mean\", \"nonzero_mean\" or \"sum\", not \"" + reduction + "\".");
}

cpu::FloatMatrix float_matrix(const char* op, const char* argument, const abi::TensorView& tensor) {
  check_strided(op, argument, tensor);
  if (tensor.dim != 2) {
    refuse(op, std::string(argument) + " must be a matrix, but has the shape " + shape_of(tensor) +
                   ".");
  }
  const cpu::FloatType type = check_float_type(op, argument, tensor.dtype);
  return {tensor.data, type, tensor.size(0), tensor.size(1), tensor.stride(0), tensor.stride(1)};
}

cpu::IntegerVector labels_for(const char* op, const char* argument, const abi::TensorView& labels,
                              const char* rows_argument, const abi::TensorView& rows) {
  check_strided(op, argument, labels);
  const cpu::IntegerType type = check_integer_type(op, argument, labels.dtype);
  if (labels.dim != 1 || labels.size(0) != rows.size(0)) {
    refuse(op, std::string(argument) + " must have one entry for each row of " + rows_argument +
                   " " + shape_of(rows) + ", but has the shape " + shape_of(labels) + ".");
  }
  return {labels.data, type, labels.size(0), labels.stride(0)};
}

cpu::IntegerVector labels_for(const char* op, const abi::TensorView& labels,
                              const abi::TensorView& embeddings) {
  return labels_for(op, "labels", labels, "embeddings", embeddings);
}

cpu::Mask pair_mask(const char* op, const char* argument, const abi::TensorView& mask, int64_t rows,
                    int64_t columns) {
  return mask_of(op, argument, mask, rows, columns, "");
}

cpu::IntegerVector index_vector(const char* op, const char* argument,
                                const abi::TensorView& tensor) {
  check_strided(op, argument, tensor);
  if (tensor.dtype != TP_INT64 || tensor.dim != 1) {
    refuse(op, std::string(argument) + " must be a vector of int64, but is " +
                   name_of_dtype(tensor.dtype) + " of the shape " + shape_of(tensor) + ".");
  }
  return {tensor.data, cpu::IntegerType::kInt64, tensor.size(0), tensor.stride(0)};
}

cpu::Mask mask_for(const char* op, const char* argument, const abi::TensorView& mask,
                   const abi::TensorView& scores) {
  return mask_of(op, argument, mask, scores.size(0), scores.size(1), "of scores, ");
}

int32_t check_shapeless_matrix(const char* op, const char* argument, AtenTensorHandle tensor) {
  int32_t dtype = 0;
  int64_t dim = 0;
  abi::check(aoti_torch_get_dtype(tensor, &dtype), "read a tensor's dtype");
  abi::check(aoti_torch_get_dim(tensor, &dim), "read a tensor's dimensions");
  check_float_type(op, argument, dtype);
  if (dim != 2) {
    refuse(op, std::string(argument) + " must be a matrix, but has " + std::to_string(dim) +
                   " dimensions.");
  }
  return dtype;
}

int32_t check_shapeless_batch(const char* op, AtenTensorHandle embeddings,
                              AtenTensorHandle labels) {
  int32_t dtype = 0;
  int32_t labels_dtype = 0;
  int64_t dim = 0;
  int64_t labels_dim = 0;
  abi::check(aoti_torch_get_dtype(embeddings, &dtype), "read a tensor's dtype");
  abi::check(aoti_torch_get_dtype(labels, &labels_dtype), "read a tensor's dtype");
  abi::check(aoti_torch_get_dim(embeddings, &dim), "read a tensor's dimensions");
  abi::check(aoti_torch_get_dim(labels, &labels_dim), "read a tensor's dimensions");
  check_float_type(op, "embeddings", dtype);
  check_integer_type(op, "labels", labels_dtype);
  if (dim != 2 || labels_dim != 1) {
    refuse(op,
           "embeddings must be a matrix and labels have one entry for each of its rows, but they "
           "have " +
               std::to_string(dim) + " and " + std::to_string(labels_dim) + " dimensions.");
  }
  return dtype;
}

int32_t loss_dtype(int32_t dtype) { return dtype == TP_FLOAT64 ? TP_FLOAT64 : TP_FLOAT32; }

}  // namespace tripoint::ops
