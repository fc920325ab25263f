#ifndef TRIPOINT_ABI_DEVICES_H
#define TRIPOINT_ABI_DEVICES_H

#include <cstdint>

namespace tripoint::abi {

// How many devices of a tp_device_type can be used. Throws for a number that is no device type of
// the C ABI.
std::int32_t device_count(std::int32_t device_type);

// The index to hand to LibTorch. Throws where there is no such device, saying why.
std::int32_t check_device(std::int32_t device_type, std::int32_t device_index);

// A function of a library that is in the process only where a GPU can be used; null where it is
// not.
void* cuda_function(const char* library, const char* name) noexcept;

}  // namespace tripoint::abi

#endif
