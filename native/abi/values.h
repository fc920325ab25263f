#ifndef TRIPOINT_ABI_VALUES_H
#define TRIPOINT_ABI_VALUES_H

#include <ATen/core/function_schema.h>
#include <ATen/core/ivalue.h>

#include <cstdint>
#include <string>
#include <vector>

#include "tripoint.h"

struct tp_object_s {
  c10::IValue value;
};

// Between tp_value and LibTorch's IValue.
namespace tripoint::abi {

// What one argument of an operator takes, worked out once.
struct ArgumentForm {
  enum class Kind : std::uint8_t {
    kTensor,
    kNumber,
    kInt,
    kFloat,
    kBool,
    kString,
    kDevice,
    kGenerator,
    kTensorList,
    kOptionalTensorList,
    kNumberList,
    kIntList,
    kFloatList,
    kBoolList,
    kStringList,
    kOther  // passed on as an object or none
  };

  explicit ArgumentForm(const c10::Argument& argument);

  Kind kind = Kind::kOther;
  bool optional = false;
  bool has_default = false;
  std::int32_t fixed_length =
      0;  // of a list such as int[2], for which one number may stand; else 0
  c10::IValue default_value;
  std::string text;  // "Tensor self", for messages
};

// The value to put on the stack. Throws Failure(TP_INVALID_ARGUMENT) with a text that names the
// argument and `where`.
c10::IValue to_ivalue(const tp_value& value, const ArgumentForm& form, const std::string& where);

// The default of an argument that was left out.
const c10::IValue& default_of(const ArgumentForm& form, const std::string& where);

// A result, with new handles in it.
tp_value from_ivalue(c10::IValue&& value);

// Releases the handles in a result.
void release(const tp_value& value) noexcept;

// The tp_tag that says what a value of LibTorch's is.
tp_tag kind_of(const c10::IValue& value);

}  // namespace tripoint::abi

#endif
