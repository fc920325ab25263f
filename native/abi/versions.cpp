#include "versions.h"

#include <c10/macros/Export.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>

#include <string>

#include "border.h"

// Exported by libtorch_cpu.
namespace at {
TORCH_API std::string show_config();
TORCH_API std::string get_cpu_capability();
}  // namespace at

namespace tripoint::abi {

bool LibTorchVersion::in_range() const noexcept {
  const std::int32_t version = major * 1000 + minor;
  return version >= TP_LIBTORCH_MIN_MAJOR * 1000 + TP_LIBTORCH_MIN_MINOR &&
         version <= TP_LIBTORCH_MAX_MAJOR * 1000 + TP_LIBTORCH_MAX_MINOR;
}

std::string LibTorchVersion::text() const {
  return std::to_string(major) + "." + std::to_string(minor) + "." + std::to_string(patch);
}

LibTorchVersion loaded_version() noexcept {
  // One byte each, from the highest.
  const std::uint64_t packed = aoti_torch_abi_version();
  return {static_cast<std::int32_t>(packed >> 56 & 0xFF),
          static_cast<std::int32_t>(packed >> 48 & 0xFF),
          static_cast<std::int32_t>(packed >> 40 & 0xFF)};
}

}  // namespace tripoint::abi

using namespace tripoint::abi;

extern "C" std::int32_t tp_abi_version() noexcept { return TP_ABI_VERSION; }

extern "C" const char* tp_version() noexcept { return TP_VERSION; }

extern "C" void tp_libtorch_version(std::int32_t* major, std::int32_t* minor,
                                    std::int32_t* patch) noexcept {
  const LibTorchVersion version = loaded_version();
  if (major != nullptr) *major = version.major;
  if (minor != nullptr) *minor = version.minor;
  if (patch != nullptr) *patch = version.patch;
}

extern "C" std::int32_t tp_libtorch_config(char* buffer, std::int64_t capacity,
                                           std::int64_t* length, tp_error* error) noexcept {
  return answer(error, [&] { write_text(at::show_config(), buffer, capacity, length); });
}

extern "C" std::int32_t tp_cpu_capability(char* buffer, std::int64_t capacity, std::int64_t* length,
                                          tp_error* error) noexcept {
  return answer(error, [&] { write_text(at::get_cpu_capability(), buffer, capacity, length); });
}
