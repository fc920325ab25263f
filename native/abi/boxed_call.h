#ifndef TRIPOINT_ABI_BOXED_CALL_H
#define TRIPOINT_ABI_BOXED_CALL_H

#include <ATen/core/stack.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace c10 {
struct FunctionSchema;
}
namespace torch::jit {
struct Operator;
}

// Calls of LibTorch's operators by name. The lookup happens once; the call goes through the
// operation that LibTorch's own registry stored, so that dispatch keys are read inside LibTorch.
// at:: functions and OperatorHandle::callBoxed read them inline and go wrong on other versions than
// the one built with.
namespace tripoint::abi {

using torch::jit::Stack;

// One operator overload. Found ones live as long as the process.
class BoxedOperator {
 public:
  // name without overload, as "aten::add"; overload as "Tensor", empty where it has none. Throws
  // Failure(TP_NOT_FOUND), naming the overloads there are.
  static const BoxedOperator& find(std::string_view name, std::string_view overload);

  // `full_name` as "aten::add.Tensor".
  static const BoxedOperator& find(std::string_view full_name);

  // Pops the arguments (all of the schema's, in its order) and pushes the results.
  void call(Stack& stack) const { operation_(stack); }

  // The same with the arguments given one by one: at::Tensor, int64_t, double, bool, std::string,
  // c10::IValue() for none.
  template <typename... Arguments>
  Stack operator()(Arguments&&... arguments) const {
    Stack stack;
    stack.reserve(sizeof...(arguments) + 2);
    (stack.emplace_back(std::forward<Arguments>(arguments)), ...);
    call(stack);
    return stack;
  }

  // With a single result, a tensor.
  template <typename... Arguments>
  at::Tensor tensor(Arguments&&... arguments) const {
    Stack stack = (*this)(std::forward<Arguments>(arguments)...);
    return std::move(stack.back()).toTensor();
  }

  const c10::FunctionSchema& schema() const noexcept { return *schema_; }

 private:
  friend std::unique_ptr<BoxedOperator> make_boxed_operator(std::shared_ptr<torch::jit::Operator>);
  BoxedOperator() : operation_(nullptr) {}

  std::shared_ptr<torch::jit::Operator> operator_;
  mutable torch::jit::Operation operation_;  // its call operator is not const, but changes nothing
  const c10::FunctionSchema* schema_ = nullptr;
};

}  // namespace tripoint::abi

#endif
