#ifndef TRIPOINT_KERNELS_CPU_BASE_FUNCTION_REF_H
#define TRIPOINT_KERNELS_CPU_BASE_FUNCTION_REF_H

#include <memory>
#include <type_traits>
#include <utility>

namespace tripoint::cpu {

// A reference to something callable, for parameters only: it owns nothing and allocates nothing.
template <typename Signature>
class FunctionRef;

template <typename Result, typename... Arguments>
class FunctionRef<Result(Arguments...)> {
 public:
  template <typename Callable>
  requires(!std::is_same_v<std::remove_cvref_t<Callable>, FunctionRef> &&
           std::is_object_v<std::remove_reference_t<Callable>>)
      FunctionRef(Callable&& callable)  // NOLINT: implicit, as std::function
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_([](void* object, Arguments... arguments) -> Result {
          return (*static_cast<std::remove_reference_t<Callable>*>(object))(
              std::forward<Arguments>(arguments)...);
        }) {}

  Result operator()(Arguments... arguments) const {
    return call_(object_, std::forward<Arguments>(arguments)...);
  }

 private:
  void* object_;
  Result (*call_)(void*, Arguments...);
};

}  // namespace tripoint::cpu

#endif
