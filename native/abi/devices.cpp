#include "devices.h"

#include <c10/core/Device.h>
#include <c10/macros/Export.h>
#include <dlfcn.h>

#include <optional>
#include <string>

#include "border.h"

// Exported by libtorch_cpu. Their header brings in the hooks of all backends, whose virtual tables
// differ between versions; these three functions are all that is used.
namespace at::accelerator {
TORCH_API std::optional<c10::DeviceType> getAccelerator(bool checked);
TORCH_API c10::DeviceIndex deviceCount();
TORCH_API void synchronizeDevice(c10::DeviceIndex device_index);
}  // namespace at::accelerator

namespace tripoint::abi {

std::int32_t device_count(std::int32_t device_type) {
  switch (device_type) {
    case TP_CPU:
    case TP_META:
      return 1;
    case TP_CUDA: {
      const auto accelerator = at::accelerator::getAccelerator(false);
      if (accelerator != c10::DeviceType::CUDA) return 0;
      return at::accelerator::deviceCount();
    }
    default:
      invalid_argument("There is no device type " + std::to_string(device_type) + ".");
  }
}

std::int32_t check_device(std::int32_t device_type, std::int32_t device_index) {
  const std::int32_t count = device_count(device_type);
  if (device_type != TP_CUDA) {
    if (device_index != -1 && device_index != 0) {
      throw Failure(TP_NOT_FOUND, "There is one device of its type, so there is no index " +
                                      std::to_string(device_index) + ".");
    }
    return -1;
  }
  if (count == 0) {
    throw Failure(TP_UNSUPPORTED,
                  "There is no CUDA device that this LibTorch can use (a CPU build of LibTorch, "
                  "libtorch_cuda.so not loaded, or no driver).");
  }
  if (device_index < -1 || device_index >= count) {
    throw Failure(TP_NOT_FOUND, "There is no CUDA device " + std::to_string(device_index) +
                                    "; the number of CUDA devices is " + std::to_string(count) +
                                    ".");
  }
  return device_index;
}

void* cuda_function(const char* library, const char* name) noexcept {
  // By its own name, since libraries are loaded privately and a global search does not see them.
  void* handle = dlopen(library, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return nullptr;
  void* found = dlsym(handle, name);
  dlclose(handle);
  return found;
}

}  // namespace tripoint::abi

using namespace tripoint::abi;

extern "C" std::int32_t tp_device_count(std::int32_t device_type, std::int32_t* count,
                                        tp_error* error) noexcept {
  return answer(error, [&] {
    require(count, "count");
    *count = device_count(device_type);
  });
}

extern "C" std::int32_t tp_device_synchronize(std::int32_t device_type, std::int32_t device_index,
                                              tp_error* error) noexcept {
  return answer(error, [&] {
    const std::int32_t index = check_device(device_type, device_index);
    if (device_type != TP_CUDA) return;
    at::accelerator::synchronizeDevice(static_cast<c10::DeviceIndex>(index));
  });
}
