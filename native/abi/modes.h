#ifndef TRIPOINT_ABI_MODES_H
#define TRIPOINT_ABI_MODES_H

#include <torch/csrc/inductor/aoti_torch/c/shim.h>

#include <array>
#include <cstdint>

#include "tripoint.h"

namespace c10 {
struct AutogradState;
}

namespace tripoint::abi {

// Sets the modes of a call in this native thread and puts the former ones back, whatever happens in
// between.
class ModeScope {
 public:
  explicit ModeScope(const tp_modes* modes);
  ~ModeScope();
  ModeScope(const ModeScope&) = delete;
  ModeScope& operator=(const ModeScope&) = delete;

 private:
  void set_inference(bool on);
  void set_device(const tp_modes& modes);
  void restore() noexcept;

  c10::AutogradState& state_;  // the thread's own
  bool former_grad_;
  bool former_inference_;
  bool former_forward_grad_;
  bool former_multithreading_;
  bool inference_changed_ = false;
  bool former_view_included_ = false;
  std::array<bool, 3> former_autograd_excluded_{};
  DeviceGuardHandle device_ = nullptr;
  void* stream_ = nullptr;
};

}  // namespace tripoint::abi

#endif
