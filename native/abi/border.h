#ifndef TRIPOINT_ABI_BORDER_H
#define TRIPOINT_ABI_BORDER_H

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string_view>
#include <utility>

#include "failure.h"
#include "tripoint.h"

// What every function of the C ABI does where C++ ends: exceptions become a status, text goes into
// the caller's buffer.
namespace tripoint::abi {

// Turns the exception that is being handled into a status, and fills `error` if there is one.
std::int32_t report(tp_error* error) noexcept;

// Runs the body of a function of the C ABI.
template <typename Body>
std::int32_t answer(tp_error* error, Body&& body) noexcept {
  try {
    std::forward<Body>(body)();
    return TP_OK;
  } catch (...) {
    return report(error);
  }
}

// Writes at most `capacity` bytes with the final NUL, cut between characters; gives the full
// length.
void write_text(std::string_view text, char* buffer, std::int64_t capacity, std::int64_t* length);

template <typename T>
void require(const T* pointer, const char* name) {
  if (pointer == nullptr) invalid_argument(std::string("\"") + name + "\" must not be NULL.");
}

inline const at::Tensor& tensor_of(tp_tensor tensor, const char* name = "tensor") {
  require(tensor, name);
  return *reinterpret_cast<const at::Tensor*>(tensor);
}

inline tp_tensor new_handle(at::Tensor tensor) {
  return reinterpret_cast<tp_tensor>(new at::Tensor(std::move(tensor)));
}

}  // namespace tripoint::abi

#endif
