#include "ops/outputs.h"

#include <utility>
#include <vector>

#include "ops/arguments.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

// Alone, since a whole view wants sizes that may be symbols.
int64_t dtype_of(const at::Tensor& tensor) {
  int32_t dtype = 0;
  abi::check(aoti_torch_get_dtype(
                 reinterpret_cast<AtenTensorHandle>(const_cast<at::Tensor*>(&tensor)), &dtype),
             "read a tensor's dtype");
  return dtype;
}

bool on_meta(const at::Tensor& tensor) {
  int32_t type = 0;
  abi::check(aoti_torch_get_device_type(
                 reinterpret_cast<AtenTensorHandle>(const_cast<at::Tensor*>(&tensor)), &type),
             "read a tensor's device");
  return type == TP_META;
}

// The differentiable form of a loss whose gradient is known: it has the loss's bits, and its
// derivative by the embeddings is the gradient. Made of LibTorch's own operators, so that no node
// of its graph is Tripoint's:
//   loss + (t − detach(t)), t = dot(embeddings, gradient), both in the type of the loss.
// A dot product of the flat matrices, since the sum of a product would make one more of their size;
// on the meta device, which has no dot product and no memory, the sum.
// The gradient is a constant of it: second derivatives are not those of the loss.
at::Tensor differentiable(const at::Tensor& loss, const at::Tensor& embeddings,
                          const at::Tensor& gradient) {
  using abi::BoxedOperator;
  static const BoxedOperator& to = BoxedOperator::find("aten::to.dtype");
  static const BoxedOperator& reshape = BoxedOperator::find("aten::reshape");
  static const BoxedOperator& dot = BoxedOperator::find("aten::dot");
  static const BoxedOperator& mul = BoxedOperator::find("aten::mul.Tensor");
  static const BoxedOperator& sum = BoxedOperator::find("aten::sum");
  static const BoxedOperator& detach = BoxedOperator::find("aten::detach");
  static const BoxedOperator& sub = BoxedOperator::find("aten::sub.Tensor");
  static const BoxedOperator& add = BoxedOperator::find("aten::add.Tensor");
  const int64_t dtype = dtype_of(loss);
  const bool wide = dtype_of(gradient) == dtype;
  const auto flat = [&](const at::Tensor& tensor) {
    const at::Tensor widened =
        wide ? tensor : to.tensor(tensor, dtype, false, false, c10::IValue());
    return reshape.tensor(widened, std::vector<int64_t>{-1});
  };
  const at::Tensor left = flat(embeddings);
  const at::Tensor right = flat(gradient);
  const at::Tensor t =
      on_meta(loss) ? sum.tensor(mul.tensor(left, right), c10::IValue()) : dot.tensor(left, right);
  const at::Tensor zero = sub.tensor(t, detach.tensor(t), int64_t{1});
  return add.tensor(loss, zero, int64_t{1});
}

}  // namespace

abi::TensorHandle new_tensor(int32_t dtype, std::initializer_list<int64_t> sizes) {
  return abi::allocate(dtype, TP_CPU, -1, std::span<const int64_t>(sizes.begin(), sizes.size()));
}

abi::TensorHandle meta_like(const at::Tensor& like, int32_t dtype) {
  static const abi::BoxedOperator& empty_like = abi::BoxedOperator::find("aten::empty_like");
  // self, dtype, layout, device, pin_memory, memory_format
  return abi::TensorHandle(empty_like.tensor(like, int64_t{dtype}, c10::IValue(), c10::IValue(),
                                             c10::IValue(),
                                             static_cast<int64_t>(c10::MemoryFormat::Contiguous)));
}

abi::TensorHandle meta_scalar(const at::Tensor& like, int32_t dtype) {
  static const abi::BoxedOperator& new_empty = abi::BoxedOperator::find("aten::new_empty");
  // self, size, dtype, layout, device, pin_memory
  return abi::TensorHandle(new_empty.tensor(like, std::vector<int64_t>(), int64_t{dtype},
                                            c10::IValue(), c10::IValue(), c10::IValue()));
}

abi::TensorHandle meta_rows(const at::Tensor& like, int64_t columns, int32_t dtype) {
  static const abi::BoxedOperator& sum = abi::BoxedOperator::find("aten::sum.dim_IntList");
  static const abi::BoxedOperator& expand = abi::BoxedOperator::find("aten::expand");
  const at::Tensor one = sum.tensor(like, std::vector<int64_t>{1}, true, c10::IValue());
  const at::Tensor rows = expand.tensor(one, std::vector<int64_t>{-1, columns}, false);
  return meta_like(rows, dtype);
}

abi::TensorHandle meta_per_row(const at::Tensor& like, int32_t dtype) {
  static const abi::BoxedOperator& sum = abi::BoxedOperator::find("aten::sum.dim_IntList");
  return meta_like(sum.tensor(like, std::vector<int64_t>{1}, false, c10::IValue()), dtype);
}

void set_loss(const abi::TensorHandle& tensor, double loss) {
  const abi::TensorView view = abi::view(tensor.get());
  if (view.dtype == TP_FLOAT64) {
    *static_cast<double*>(view.data) = loss;
  } else {
    *static_cast<float*>(view.data) = static_cast<float>(loss);
  }
}

void give_face(uint64_t* stack, std::initializer_list<const at::Tensor*> inputs,
               const abi::Stack& raw) {
  size_t next = 1;
  at::Tensor loss = raw[0].toTensor();
  for (const at::Tensor* const input : inputs) {
    loss = differentiable(loss, *input, raw[next++].toTensor());
  }
  Results results(stack);
  results.tensor(abi::TensorHandle(std::move(loss)));
  for (; next < raw.size(); ++next) results.tensor(abi::TensorHandle(raw[next].toTensor()));
}

}  // namespace tripoint::ops
