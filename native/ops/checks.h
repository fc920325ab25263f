#ifndef TRIPOINT_OPS_CHECKS_H
#define TRIPOINT_OPS_CHECKS_H

#include <string>

#include "abi/tensor_access.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/loss/loss_mean.h"
#include "kernels/cpu/loss/similarity.h"
#include "kernels/cpu/rows/nearness.h"
#include "kernels/cpu/rows/relation.h"
#include "kernels/cpu/rows/rows.h"

namespace tripoint::ops {

// Refuses a call with one sentence: "OPERATOR: WHAT". It reaches Python as RuntimeError and a
// caller of the C ABI as TP_TORCH_ERROR, as LibTorch's own refusals do.
[[noreturn]] void refuse(const char* op, const std::string& what);

// A shape as "[3, 4]".
std::string shape_of(const abi::TensorView& tensor);

std::string name_of_dtype(int32_t dtype);

void check_margin(const char* op, double margin);

cpu::Metric metric_of(const char* op, const std::string& distance);
cpu::Nearness nearness_of(const char* op, const std::string& distance);
cpu::Similarity similarity_of(const char* op, const std::string& similarity);
cpu::LossMean mean_of(const char* op, const std::string& reduction);

// A strided matrix of floats, as it is read by kernels.
cpu::FloatMatrix float_matrix(const char* op, const char* argument, const abi::TensorView& tensor);

// Labels of any integer type, one for each row.
cpu::IntegerVector labels_for(const char* op, const char* argument, const abi::TensorView& labels,
                              const char* rows_argument, const abi::TensorView& rows);
cpu::IntegerVector labels_for(const char* op, const abi::TensorView& labels,
                              const abi::TensorView& embeddings);

// A mask of so many rows and columns: bool, or uint8 of which each holds eight columns, the first
// in its lowest bit.
cpu::Mask pair_mask(const char* op, const char* argument, const abi::TensorView& mask, int64_t rows,
                    int64_t columns);

// A vector of int64.
cpu::IntegerVector index_vector(const char* op, const char* argument,
                                const abi::TensorView& tensor);

// The same of the shape of the scores.
cpu::Mask mask_for(const char* op, const char* argument, const abi::TensorView& mask,
                   const abi::TensorView& scores);

// Checks of a matrix of floats on the meta device, whose sizes may be symbols and are not looked
// at. Gives its dtype.
int32_t check_shapeless_matrix(const char* op, const char* argument, AtenTensorHandle tensor);

// Checks of a batch on the meta device, whose sizes may be symbols and are not looked at. Gives the
// embeddings' dtype.
int32_t check_shapeless_batch(const char* op, AtenTensorHandle embeddings, AtenTensorHandle labels);

// The type of a loss over embeddings of `dtype`: float64 for float64, else float32.
int32_t loss_dtype(int32_t dtype);

}  // namespace tripoint::ops

#endif
