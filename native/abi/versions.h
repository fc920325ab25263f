#ifndef TRIPOINT_ABI_VERSIONS_H
#define TRIPOINT_ABI_VERSIONS_H

#include <cstdint>
#include <string>

namespace tripoint::abi {

struct LibTorchVersion {
  std::int32_t major;
  std::int32_t minor;
  std::int32_t patch;

  bool in_range() const noexcept;
  std::string text() const;
};

// Of the LibTorch that was loaded, not of the one built with.
LibTorchVersion loaded_version() noexcept;

}  // namespace tripoint::abi

#endif
