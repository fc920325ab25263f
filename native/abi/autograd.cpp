#include <torch/csrc/autograd/autograd.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "border.h"
#include "boxed_call.h"
#include "modes.h"
#include "tensor_access.h"

using namespace tripoint::abi;

namespace {

std::vector<at::Tensor> tensors_of(const tp_tensor* handles, std::int32_t count, const char* name,
                                   bool allow_null) {
  if (count < 0) invalid_argument(std::string("The number of ") + name + " must not be negative.");
  if (count > 0) require(handles, name);
  std::vector<at::Tensor> tensors;
  tensors.reserve(static_cast<std::size_t>(count));
  for (std::int32_t i = 0; i < count; ++i) {
    if (handles[i] == nullptr && !allow_null) {
      invalid_argument(std::string("\"") + name + "\" has a NULL at " + std::to_string(i) + ".");
    }
    tensors.push_back(handles[i] == nullptr ? at::Tensor() : tensor_of(handles[i]));
  }
  return tensors;
}

// PyTorch's default: a graph that is made to be differentiated again is kept.
std::optional<bool> keeps_graph(std::int32_t retain_graph, std::int32_t create_graph) {
  return retain_graph != 0 || create_graph != 0;
}

// As PyTorch checks an assignment to .grad.
void check_grad_fits(const at::Tensor& tensor, const at::Tensor& grad) {
  const TensorView of = view(tensor);
  const TensorView by = view(grad);
  if (grad.is_same(tensor)) invalid_argument("A tensor cannot be its own gradient.");
  if (of.dtype != by.dtype) invalid_argument("The gradient's dtype must be that of the tensor.");
  if (of.device_type != by.device_type || of.device_index != by.device_index) {
    invalid_argument("The gradient must be on the device of the tensor.");
  }
  if (of.dim != by.dim || !std::equal(of.sizes, of.sizes + of.dim, by.sizes)) {
    invalid_argument("The gradient's sizes must be those of the tensor.");
  }
}

}  // namespace

extern "C" std::int32_t tp_tensor_set_requires_grad(tp_tensor tensor, std::int32_t requires_grad,
                                                    tp_error* error) noexcept {
  return answer(error, [&] {
    static const BoxedOperator& set = BoxedOperator::find("aten::requires_grad_");
    const ModeScope scope(nullptr);
    set(tensor_of(tensor), requires_grad != 0);
  });
}

extern "C" std::int32_t tp_tensor_grad(tp_tensor tensor, tp_tensor* grad,
                                       tp_error* error) noexcept {
  return answer(error, [&] {
    require(grad, "grad");
    const at::Tensor& found = grad_of(tensor_of(tensor));
    *grad = found.defined() ? new_handle(found) : nullptr;
  });
}

extern "C" std::int32_t tp_tensor_set_grad(tp_tensor tensor, tp_tensor grad,
                                           tp_error* error) noexcept {
  return answer(error, [&] {
    const at::Tensor& of = tensor_of(tensor);
    if (grad == nullptr) {
      if (grad_of(of).defined()) set_grad_of(of, at::Tensor());
      return;
    }
    check_grad_fits(of, tensor_of(grad));
    set_grad_of(of, tensor_of(grad));
  });
}

extern "C" std::int32_t tp_backward(tp_tensor tensor, tp_tensor gradient, const tp_tensor* inputs,
                                    std::int32_t input_count, std::int32_t retain_graph,
                                    std::int32_t create_graph, const tp_modes* modes,
                                    tp_error* error) noexcept {
  return answer(error, [&] {
    const std::vector<at::Tensor> roots{tensor_of(tensor)};
    const std::vector<at::Tensor> gradients{gradient == nullptr ? at::Tensor()
                                                                : tensor_of(gradient)};
    const auto into = tensors_of(inputs, input_count, "inputs", false);
    const ModeScope scope(modes);
    torch::autograd::backward(roots, gradients, keeps_graph(retain_graph, create_graph),
                              create_graph != 0, into);
  });
}

extern "C" std::int32_t tp_grad(const tp_tensor* outputs, const tp_tensor* grad_outputs,
                                std::int32_t output_count, const tp_tensor* inputs,
                                std::int32_t input_count, std::int32_t retain_graph,
                                std::int32_t create_graph, std::int32_t allow_unused,
                                tp_tensor* grads, const tp_modes* modes, tp_error* error) noexcept {
  return answer(error, [&] {
    const auto of = tensors_of(outputs, output_count, "outputs", false);
    const auto by = tensors_of(inputs, input_count, "inputs", false);
    const auto weights =
        tensors_of(grad_outputs, grad_outputs == nullptr ? 0 : output_count, "grad_outputs", true);
    if (of.empty() || by.empty()) {
      invalid_argument("At least one output and one input are needed for a gradient.");
    }
    require(grads, "grads");
    std::vector<at::Tensor> found;
    {
      const ModeScope scope(modes);
      found = torch::autograd::grad(of, by, weights, keeps_graph(retain_graph, create_graph),
                                    create_graph != 0, allow_unused != 0);
    }
    std::vector<TensorHandle> handles;
    handles.reserve(found.size());
    for (auto& grad : found) {
      handles.push_back(grad.defined() ? TensorHandle(std::move(grad)) : TensorHandle());
    }
    for (std::size_t i = 0; i < handles.size(); ++i) {
      grads[i] = reinterpret_cast<tp_tensor>(handles[i].release());
    }
  });
}
