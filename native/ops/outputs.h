#ifndef TRIPOINT_OPS_OUTPUTS_H
#define TRIPOINT_OPS_OUTPUTS_H

#include <cstdint>
#include <initializer_list>

#include "abi/boxed_call.h"
#include "abi/tensor_access.h"

namespace tripoint::ops {

// A new tensor in the processor's memory, not initialised.
abi::TensorHandle new_tensor(int32_t dtype, std::initializer_list<int64_t> sizes);

// New tensors on the device of `like`: of its shape and contiguous, without dimensions, and with as
// many rows and so many columns. Made by operators, so that shapes may be symbols.
abi::TensorHandle meta_like(const at::Tensor& like, int32_t dtype);
abi::TensorHandle meta_scalar(const at::Tensor& like, int32_t dtype);
abi::TensorHandle meta_rows(const at::Tensor& like, int64_t columns, int32_t dtype);

// The same with an entry for each row of a matrix.
abi::TensorHandle meta_per_row(const at::Tensor& like, int32_t dtype);

// The elements of a tensor that was just made.
template <typename T>
T* elements(const abi::TensorHandle& tensor) {
  return static_cast<T*>(abi::view(tensor.get()).data);
}

// The results of a differentiable face: from those of its raw operator (loss, the gradient by each
// of the inputs, and what else it found) the loss in its differentiable form and the rest as it is.
void give_face(uint64_t* stack, std::initializer_list<const at::Tensor*> inputs,
               const abi::Stack& raw);

// Writes a loss into a tensor without dimensions, of float32 or float64.
void set_loss(const abi::TensorHandle& tensor, double loss);

}  // namespace tripoint::ops

#endif
