#include "values.h"

#include <ATen/core/jit_type.h>

#include <optional>
#include <utility>

#include "border.h"

namespace tripoint::abi {

namespace {

using Kind = ArgumentForm::Kind;

Kind list_kind(const c10::Type& element) {
  switch (element.kind()) {
    case c10::TypeKind::TensorType:
      return Kind::kTensorList;
    case c10::TypeKind::OptionalType:
      return element.containedType(0)->kind() == c10::TypeKind::TensorType
                 ? Kind::kOptionalTensorList
                 : Kind::kOther;
    case c10::TypeKind::NumberType:
      return Kind::kNumberList;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
      return Kind::kIntList;
    case c10::TypeKind::FloatType:
      return Kind::kFloatList;
    case c10::TypeKind::BoolType:
      return Kind::kBoolList;
    case c10::TypeKind::StringType:
      return Kind::kStringList;
    default:
      return Kind::kOther;
  }
}

Kind kind_of_type(const c10::Type& type) {
  switch (type.kind()) {
    case c10::TypeKind::TensorType:
      return Kind::kTensor;
    case c10::TypeKind::NumberType:
      return Kind::kNumber;
    case c10::TypeKind::IntType:
    case c10::TypeKind::SymIntType:
    case c10::TypeKind::ScalarTypeType:
    case c10::TypeKind::LayoutType:
    case c10::TypeKind::MemoryFormatType:
      return Kind::kInt;
    case c10::TypeKind::FloatType:
    case c10::TypeKind::SymFloatType:
      return Kind::kFloat;
    case c10::TypeKind::BoolType:
    case c10::TypeKind::SymBoolType:
      return Kind::kBool;
    case c10::TypeKind::StringType:
      return Kind::kString;
    case c10::TypeKind::DeviceObjType:
      return Kind::kDevice;
    case c10::TypeKind::GeneratorType:
      return Kind::kGenerator;
    case c10::TypeKind::ListType:
      return list_kind(*type.containedType(0));
    default:
      return Kind::kOther;
  }
}

const char* name_of(std::int32_t tag) {
  static constexpr const char* kNames[] = {"none",
                                           "the default",
                                           "a tensor",
                                           "an integer",
                                           "a real",
                                           "a truth value",
                                           "a text",
                                           "a device",
                                           "a generator",
                                           "an object",
                                           "a list of integers",
                                           "a list of reals",
                                           "a list of truth values",
                                           "a list of tensors",
                                           "a list of optional tensors",
                                           "a list of numbers",
                                           "a list of texts",
                                           "a dict",
                                           "a tuple"};
  return tag >= 0 && tag < static_cast<std::int32_t>(std::size(kNames)) ? kNames[tag]
                                                                        : "an unknown tag";
}

[[noreturn]] void mismatch(const tp_value& value, const ArgumentForm& form,
                           const std::string& where) {
  invalid_argument(where + ": the argument \"" + form.text + "\" cannot be " + name_of(value.tag) +
                   ".");
}

void check_length(const tp_value& value, const void* entries, const ArgumentForm& form,
                  const std::string& where) {
  if (value.length < 0 || (value.length > 0 && entries == nullptr)) {
    invalid_argument(where + ": the list given for \"" + form.text +
                     "\" has a negative length or no entries.");
  }
}

std::string text_of(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  check_length(value, value.as.text, form, where);
  return value.length == 0 ? std::string()
                           : std::string(value.as.text, static_cast<std::size_t>(value.length));
}

// An IValue of a number. Not by way of c10::Scalar, whose inline conversions are not in every
// version.
std::optional<c10::IValue> number_of(const tp_value& value) {
  switch (value.tag) {
    case TP_INT:
      return c10::IValue(value.as.integer);
    case TP_DOUBLE:
      return c10::IValue(value.as.real);
    case TP_BOOLEAN:
      return c10::IValue(value.as.integer != 0);
    default:
      return std::nullopt;
  }
}

c10::IValue int_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  c10::List<std::int64_t> list;
  if (value.tag == TP_INT && form.fixed_length > 0) {
    list.reserve(form.fixed_length);
    for (std::int32_t i = 0; i < form.fixed_length; ++i) list.push_back(value.as.integer);
  } else if (value.tag == TP_INT_LIST) {
    check_length(value, value.as.integers, form, where);
    list.reserve(value.length);
    for (std::int64_t i = 0; i < value.length; ++i) list.push_back(value.as.integers[i]);
  } else {
    mismatch(value, form, where);
  }
  return c10::IValue(std::move(list));
}

c10::IValue float_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  c10::List<double> list;
  const bool single = value.tag == TP_DOUBLE || value.tag == TP_INT;
  if (single && form.fixed_length > 0) {
    const double number =
        value.tag == TP_DOUBLE ? value.as.real : static_cast<double>(value.as.integer);
    for (std::int32_t i = 0; i < form.fixed_length; ++i) list.push_back(number);
  } else if (value.tag == TP_DOUBLE_LIST) {
    check_length(value, value.as.reals, form, where);
    list.reserve(value.length);
    for (std::int64_t i = 0; i < value.length; ++i) list.push_back(value.as.reals[i]);
  } else if (value.tag == TP_INT_LIST) {
    check_length(value, value.as.integers, form, where);
    list.reserve(value.length);
    for (std::int64_t i = 0; i < value.length; ++i) {
      list.push_back(static_cast<double>(value.as.integers[i]));
    }
  } else {
    mismatch(value, form, where);
  }
  return c10::IValue(std::move(list));
}

c10::IValue bool_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  if (value.tag != TP_BOOLEAN_LIST) mismatch(value, form, where);
  check_length(value, value.as.integers, form, where);
  c10::List<bool> list;
  list.reserve(value.length);
  for (std::int64_t i = 0; i < value.length; ++i) list.push_back(value.as.integers[i] != 0);
  return c10::IValue(std::move(list));
}

c10::IValue tensor_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  if (value.tag != TP_TENSOR_LIST) mismatch(value, form, where);
  check_length(value, value.as.tensors, form, where);
  c10::List<at::Tensor> list;
  list.reserve(value.length);
  for (std::int64_t i = 0; i < value.length; ++i) {
    if (value.as.tensors[i] == nullptr) {
      invalid_argument(where + ": the list given for \"" + form.text + "\" has a NULL at " +
                       std::to_string(i) + ".");
    }
    list.push_back(tensor_of(value.as.tensors[i]));
  }
  return c10::IValue(std::move(list));
}

c10::IValue optional_tensor_list(const tp_value& value, const ArgumentForm& form,
                                 const std::string& where) {
  if (value.tag != TP_TENSOR_LIST && value.tag != TP_OPTIONAL_TENSOR_LIST) {
    mismatch(value, form, where);
  }
  check_length(value, value.as.tensors, form, where);
  c10::List<std::optional<at::Tensor>> list;
  list.reserve(value.length);
  for (std::int64_t i = 0; i < value.length; ++i) {
    if (value.as.tensors[i] == nullptr) {
      list.push_back(std::nullopt);
    } else {
      list.push_back(tensor_of(value.as.tensors[i]));
    }
  }
  return c10::IValue(std::move(list));
}

c10::IValue number_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  c10::impl::GenericList list(c10::NumberType::get());
  if (value.tag == TP_SCALAR_LIST) {
    check_length(value, value.as.values, form, where);
    list.reserve(value.length);
    for (std::int64_t i = 0; i < value.length; ++i) {
      auto number = number_of(value.as.values[i]);
      if (!number) mismatch(value.as.values[i], form, where);
      list.push_back(std::move(*number));
    }
  } else if (value.tag == TP_INT_LIST) {
    check_length(value, value.as.integers, form, where);
    for (std::int64_t i = 0; i < value.length; ++i) {
      list.push_back(c10::IValue(value.as.integers[i]));
    }
  } else if (value.tag == TP_DOUBLE_LIST) {
    check_length(value, value.as.reals, form, where);
    for (std::int64_t i = 0; i < value.length; ++i) list.push_back(c10::IValue(value.as.reals[i]));
  } else {
    mismatch(value, form, where);
  }
  return c10::IValue(std::move(list));
}

c10::IValue string_list(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  if (value.tag != TP_STRING_LIST) mismatch(value, form, where);
  check_length(value, value.as.values, form, where);
  c10::List<std::string> list;
  list.reserve(value.length);
  for (std::int64_t i = 0; i < value.length; ++i) {
    if (value.as.values[i].tag != TP_STRING) mismatch(value.as.values[i], form, where);
    list.push_back(text_of(value.as.values[i], form, where));
  }
  return c10::IValue(std::move(list));
}

c10::IValue device_of(const tp_value& value) {
  const auto type = static_cast<std::int32_t>(value.as.integer & 0xFFFFFFFF);
  const auto index = static_cast<std::int32_t>(value.as.integer >> 32);
  if (type < 0 || type > 127 || index < -1 || index > 127) {
    invalid_argument("There is no device of type " + std::to_string(type) + " and index " +
                     std::to_string(index) + ".");
  }
  return c10::IValue(
      c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index)));
}

// The forms that are rarer than tensors and numbers.
c10::IValue rare_to_ivalue(const tp_value& value, const ArgumentForm& form,
                           const std::string& where) {
  switch (form.kind) {
    case Kind::kString:
      if (value.tag != TP_STRING) break;
      return c10::IValue(text_of(value, form, where));
    case Kind::kDevice:
      if (value.tag != TP_DEVICE) break;
      return device_of(value);
    case Kind::kGenerator:
      break;
    case Kind::kTensorList:
      return tensor_list(value, form, where);
    case Kind::kOptionalTensorList:
      return optional_tensor_list(value, form, where);
    case Kind::kNumberList:
      return number_list(value, form, where);
    case Kind::kIntList:
      return int_list(value, form, where);
    case Kind::kFloatList:
      return float_list(value, form, where);
    case Kind::kBoolList:
      return bool_list(value, form, where);
    case Kind::kStringList:
      return string_list(value, form, where);
    default:
      break;
  }
  mismatch(value, form, where);
}

std::int64_t pack(c10::Device device) {
  return (static_cast<std::int64_t>(device.index()) << 32) |
         static_cast<std::int64_t>(static_cast<std::uint32_t>(device.type()));
}

tp_value value_of(tp_tag tag) {
  tp_value value{};
  value.tag = tag;
  return value;
}

}  // namespace

ArgumentForm::ArgumentForm(const c10::Argument& argument) {
  const c10::Type* type = argument.type().get();
  if (type->kind() == c10::TypeKind::OptionalType) {
    optional = true;
    type = type->containedType(0).get();
  }
  kind = kind_of_type(*type);
  fixed_length = argument.N().value_or(0);
  if (argument.default_value().has_value()) {
    has_default = true;
    default_value = *argument.default_value();
  }
  text = argument.type()->str() + " " + argument.name();
}

c10::IValue to_ivalue(const tp_value& value, const ArgumentForm& form, const std::string& where) {
  switch (value.tag) {
    case TP_DEFAULT:
      return default_of(form, where);
    case TP_NONE:
      if (form.optional || form.kind == Kind::kOther) return c10::IValue();
      mismatch(value, form, where);
    case TP_OBJECT:
    case TP_GENERATOR:
      if (value.as.object == nullptr) {
        invalid_argument(where + ": the argument \"" + form.text + "\" is a NULL object.");
      }
      if (form.kind == Kind::kGenerator && !value.as.object->value.isGenerator()) break;
      return value.as.object->value;
    case TP_TENSOR:
      if (form.kind != Kind::kTensor) break;
      if (value.as.tensor == nullptr) {
        invalid_argument(where + ": the argument \"" + form.text + "\" is a NULL tensor.");
      }
      return c10::IValue(tensor_of(value.as.tensor));
    case TP_INT:
      if (form.kind == Kind::kInt || form.kind == Kind::kNumber) {
        return c10::IValue(value.as.integer);
      }
      if (form.kind == Kind::kFloat) return c10::IValue(static_cast<double>(value.as.integer));
      if (form.kind == Kind::kIntList || form.kind == Kind::kFloatList) {
        return rare_to_ivalue(value, form, where);
      }
      break;
    case TP_DOUBLE:
      if (form.kind == Kind::kFloat || form.kind == Kind::kNumber) {
        return c10::IValue(value.as.real);
      }
      if (form.kind == Kind::kFloatList) return float_list(value, form, where);
      break;
    case TP_BOOLEAN:
      if (form.kind == Kind::kBool || form.kind == Kind::kNumber) {
        return c10::IValue(value.as.integer != 0);
      }
      break;
    default:
      return rare_to_ivalue(value, form, where);
  }
  mismatch(value, form, where);
}

const c10::IValue& default_of(const ArgumentForm& form, const std::string& where) {
  if (!form.has_default) {
    invalid_argument(where + ": the argument \"" + form.text +
                     "\" has no default and must be given.");
  }
  return form.default_value;
}

tp_value from_ivalue(c10::IValue&& value) {
  if (value.isTensor()) {
    at::Tensor tensor = std::move(value).toTensor();
    // Compares with the one undefined tensor's address, and reads nothing.
    if (!tensor.defined()) return value_of(TP_NONE);
    tp_value result = value_of(TP_TENSOR);
    result.as.tensor = new_handle(std::move(tensor));
    return result;
  }
  if (value.isNone()) return value_of(TP_NONE);
  tp_value result{};
  if (value.isInt()) {
    result.tag = TP_INT;
    result.as.integer = value.toInt();
  } else if (value.isDouble()) {
    result.tag = TP_DOUBLE;
    result.as.real = value.toDouble();
  } else if (value.isBool()) {
    result.tag = TP_BOOLEAN;
    result.as.integer = value.toBool() ? 1 : 0;
  } else if (value.isDevice()) {
    result.tag = TP_DEVICE;
    result.as.integer = pack(value.toDevice());
  } else {
    result.tag = value.isGenerator() ? TP_GENERATOR : TP_OBJECT;
    result.as.object = new tp_object_s{std::move(value)};
  }
  return result;
}

void release(const tp_value& value) noexcept {
  if (value.tag == TP_TENSOR) tp_tensor_release(value.as.tensor);
  if (value.tag == TP_OBJECT || value.tag == TP_GENERATOR) tp_object_release(value.as.object);
}

tp_tag kind_of(const c10::IValue& value) {
  if (value.isString()) return TP_STRING;
  if (value.isGenerator()) return TP_GENERATOR;
  if (value.isTuple()) return TP_TUPLE;
  if (value.isGenericDict()) return TP_DICT;
  if (!value.isList()) return TP_OBJECT;
  switch (list_kind(*value.toList().elementType())) {
    case Kind::kTensorList:
      return TP_TENSOR_LIST;
    case Kind::kOptionalTensorList:
      return TP_OPTIONAL_TENSOR_LIST;
    case Kind::kNumberList:
      return TP_SCALAR_LIST;
    case Kind::kIntList:
      return TP_INT_LIST;
    case Kind::kFloatList:
      return TP_DOUBLE_LIST;
    case Kind::kBoolList:
      return TP_BOOLEAN_LIST;
    case Kind::kStringList:
      return TP_STRING_LIST;
    default:
      return TP_OBJECT;
  }
}

}  // namespace tripoint::abi
