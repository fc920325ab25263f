#ifndef TRIPOINT_OPS_ARGUMENTS_H
#define TRIPOINT_OPS_ARGUMENTS_H

#include <cstdint>
#include <optional>
#include <string>

#include "abi/tensor_access.h"

namespace tripoint::ops {

// The arguments of a registered operator, in the encoding of LibTorch's stable C interface as
// of 2.10: one 64-bit word each, an optional one as the address of a word or null. The callee owns
// what they refer to, so each must be read, once, in the schema's order.
class Arguments {
 public:
  explicit Arguments(const uint64_t* stack) : next_(stack) {}

  abi::TensorHandle tensor() { return tensor_of_word(*next_++); }
  double real();
  int64_t integer() { return static_cast<int64_t>(*next_++); }
  bool boolean() { return (*next_++ & 1) != 0; }
  std::string text();
  abi::TensorHandle optional_tensor();  // empty where there is none
  std::optional<double> optional_real();

 private:
  static abi::TensorHandle tensor_of_word(uint64_t word);

  // The word that an optional one refers to, whose memory is given back.
  std::optional<uint64_t> optional_word();

  const uint64_t* next_;
};

// The results of an operator, written where its arguments were.
class Results {
 public:
  explicit Results(uint64_t* stack) : next_(stack) {}

  void tensor(abi::TensorHandle handle);

 private:
  uint64_t* next_;
};

}  // namespace tripoint::ops

#endif
