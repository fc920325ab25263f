#include "ops/arguments.h"

#include <torch/csrc/stable/c/shim.h>

#include <bit>

// Not in every LibTorch of the range; null where missing.
#pragma weak torch_delete_stable_ivalue

namespace tripoint::ops {

abi::TensorHandle Arguments::tensor_of_word(uint64_t word) {
  return abi::TensorHandle(std::bit_cast<AtenTensorHandle>(word));
}

double Arguments::real() { return std::bit_cast<double>(*next_++); }

std::string Arguments::text() {
  const auto handle = std::bit_cast<StringHandle>(*next_++);
  const char* data = nullptr;
  size_t length = 0;
  abi::check(torch_string_length(handle, &length), "read a text");
  abi::check(torch_string_c_str(handle, &data), "read a text");
  std::string result(data, length);
  abi::check(torch_delete_string(handle), "release a text");
  return result;
}

std::optional<uint64_t> Arguments::optional_word() {
  auto* const place = std::bit_cast<StableIValue*>(*next_++);
  if (place == nullptr) return std::nullopt;
  const uint64_t word = *place;
  if (torch_delete_stable_ivalue != nullptr) {
    abi::check(torch_delete_stable_ivalue(place), "release an argument");
  } else {
    delete place;
  }
  return word;
}

abi::TensorHandle Arguments::optional_tensor() {
  const std::optional<uint64_t> word = optional_word();
  return word ? tensor_of_word(*word) : abi::TensorHandle();
}

std::optional<double> Arguments::optional_real() {
  const std::optional<uint64_t> word = optional_word();
  if (!word) return std::nullopt;
  return std::bit_cast<double>(*word);
}

void Results::tensor(abi::TensorHandle handle) {
  *next_++ = std::bit_cast<uint64_t>(handle.release());
}

}  // namespace tripoint::ops
