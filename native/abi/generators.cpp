#include <ATen/core/ivalue.h>

#include <cstdint>

#include "border.h"
#include "boxed_call.h"
#include "devices.h"
#include "values.h"

using namespace tripoint::abi;

// By LibTorch's scripted operators: a generator's own functions are virtual, and their table grew.

extern "C" std::int32_t tp_manual_seed(std::int64_t seed, tp_error* error) noexcept {
  return answer(error, [&] {
    static const BoxedOperator& set = BoxedOperator::find("aten::manual_seed");
    set(seed);
  });
}

extern "C" std::int32_t tp_generator_new(std::int32_t device_type, std::int32_t device_index,
                                         std::int64_t seed, tp_object* generator,
                                         tp_error* error) noexcept {
  return answer(error, [&] {
    static const BoxedOperator& make = BoxedOperator::find("aten::Generator");
    require(generator, "generator");
    if (device_type == TP_META) invalid_argument("The meta device has no random numbers.");
    const std::int32_t index = check_device(device_type, device_index);
    const c10::Device device(static_cast<c10::DeviceType>(device_type),
                             static_cast<c10::DeviceIndex>(index));
    Stack stack = make(device, seed);
    *generator = new tp_object_s{std::move(stack.back())};
  });
}

extern "C" std::int32_t tp_generator_seed(tp_object generator, std::int64_t seed,
                                          tp_error* error) noexcept {
  return answer(error, [&] {
    static const BoxedOperator& set = BoxedOperator::find("aten::manual_seed", "generator");
    require(generator, "generator");
    if (!generator->value.isGenerator()) invalid_argument("The object is not a generator.");
    set(generator->value, seed);
  });
}
