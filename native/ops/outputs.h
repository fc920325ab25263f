#ifndef TRIPOINT_OPS_OUTPUTS_H
#define TRIPOINT_OPS_OUTPUTS_H

#include <cstdint>
#include <initializer_list>

#include "abi/tensor_access.h"

namespace tripoint::ops {

// A new tensor in the processor's memory, not initialised.
abi::TensorHandle new_tensor(int32_t dtype, std::initializer_list<int64_t> sizes);

// New tensors on the device of `like`: of its shape and contiguous, and without dimensions. Made by
// operators, so that shapes may be symbols.
abi::TensorHandle meta_like(const at::Tensor& like, int32_t dtype);
abi::TensorHandle meta_scalar(const at::Tensor& like, int32_t dtype);

// The elements of a tensor that was just made.
template <typename T>
T* elements(const abi::TensorHandle& tensor) {
  return static_cast<T*>(abi::view(tensor.get()).data);
}

// Writes a loss into a tensor without dimensions, of float32 or float64.
void set_loss(const abi::TensorHandle& tensor, double loss);

// The differentiable form of a loss whose gradient is known: it has the loss's bits, and its
// derivative by the embeddings is the gradient. Made of LibTorch's own operators, so that no node
// of its graph is Tripoint's:
//   loss + (t − detach(t)), t = sum(embeddings · gradient), both in the type of the loss.
// The gradient is a constant of it: second derivatives are not those of the loss.
at::Tensor differentiable(const at::Tensor& loss, const at::Tensor& embeddings,
                          const at::Tensor& gradient);

}  // namespace tripoint::ops

#endif
