#include <cstdint>
#include <string>
#include <utility>

#include "border.h"
#include "values.h"

using namespace tripoint::abi;

namespace {

std::int64_t length_of(const c10::IValue& value) {
  if (value.isString()) return static_cast<std::int64_t>(value.toStringRef().size());
  if (value.isList()) return static_cast<std::int64_t>(value.toListRef().size());
  if (value.isTuple()) return static_cast<std::int64_t>(value.toTupleRef().elements().size());
  if (value.isGenericDict()) return static_cast<std::int64_t>(value.toGenericDict().size());
  return 0;
}

c10::IValue entry_of(const c10::IValue& value, std::int64_t index) {
  const bool dict = value.isGenericDict();
  if (!dict && !value.isList() && !value.isTuple()) {
    invalid_argument("Only a list, a tuple or a dict has entries.");
  }
  const std::int64_t entries = length_of(value) * (dict ? 2 : 1);
  if (index < 0 || index >= entries) {
    invalid_argument("There is no entry " + std::to_string(index) + " among " +
                     std::to_string(entries) + ".");
  }
  if (value.isList()) return value.toListRef()[static_cast<std::size_t>(index)];
  if (value.isTuple()) return value.toTupleRef().elements()[static_cast<std::size_t>(index)];
  const auto pairs = value.toGenericDict();
  auto place = pairs.begin();
  for (std::int64_t skipped = 0; skipped < index / 2; ++skipped) ++place;
  return index % 2 == 0 ? place->key() : place->value();
}

}  // namespace

extern "C" std::int32_t tp_object_kind(tp_object object) noexcept {
  std::int32_t kind = TP_OBJECT;
  if (object != nullptr) answer(nullptr, [&] { kind = kind_of(object->value); });
  return kind;
}

extern "C" std::int64_t tp_object_length(tp_object object) noexcept {
  std::int64_t length = 0;
  if (object != nullptr) answer(nullptr, [&] { length = length_of(object->value); });
  return length;
}

extern "C" std::int32_t tp_object_get(tp_object object, std::int64_t index, tp_value* value,
                                      tp_error* error) noexcept {
  return answer(error, [&] {
    require(object, "object");
    require(value, "value");
    *value = from_ivalue(entry_of(object->value, index));
  });
}

extern "C" std::int32_t tp_object_text(tp_object object, char* buffer, std::int64_t capacity,
                                       std::int64_t* length, tp_error* error) noexcept {
  return answer(error, [&] {
    require(object, "object");
    if (!object->value.isString()) invalid_argument("The object is not a text.");
    write_text(object->value.toStringRef(), buffer, capacity, length);
  });
}

extern "C" void tp_object_release(tp_object object) noexcept {
  answer(nullptr, [&] { delete object; });
}
