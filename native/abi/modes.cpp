#include "modes.h"

#include <c10/core/AutogradState.h>
#include <c10/core/DispatchKey.h>
#include <c10/core/impl/LocalDispatchKeySet.h>

#include <string>

#include "border.h"
#include "devices.h"
#include "tensor_access.h"
#include "threads.h"

namespace tripoint::abi {

namespace {

constexpr tp_modes kDefaultModes = {1, 0, -1, -1, 0};

// The keys that inference mode switches. Their numbers differ between versions, so LibTorch tells
// them by name.
struct InferenceKeys {
  c10::DispatchKey view = c10::parseDispatchKey("ADInplaceOrView");
  std::array<c10::DispatchKey, 3> autograd = {c10::parseDispatchKey("AutogradFunctionality"),
                                              c10::parseDispatchKey("AutogradOther"),
                                              c10::parseDispatchKey("AutogradNestedTensor")};
};

const InferenceKeys& inference_keys() {
  static const InferenceKeys keys;
  return keys;
}

using StreamGuardHandle = void*;
using CreateStreamGuard = AOTITorchError (*)(void* stream, std::int32_t device_index,
                                             StreamGuardHandle* guard);
using DeleteStreamGuard = AOTITorchError (*)(StreamGuardHandle guard);

}  // namespace

// A reference to the thread's own state: copying it would copy a Python object's handle along.
ModeScope::ModeScope(const tp_modes* modes) : state_(c10::AutogradState::get_tls_state()) {
  apply_thread_count();
  if (modes == nullptr) modes = &kDefaultModes;
  former_grad_ = state_.get_grad_mode();
  former_inference_ = state_.get_inference_mode();
  former_forward_grad_ = state_.get_fw_grad_mode();
  former_multithreading_ = state_.get_multithreading_enabled();
  const bool inference = modes->inference != 0;
  try {
    if (inference != former_inference_) set_inference(inference);
    state_.set_grad_mode(modes->grad != 0 && !inference);
    if (modes->device_type >= 0) {
      set_device(*modes);
    } else if (modes->stream != 0) {
      invalid_argument("A stream needs the device that it belongs to.");
    }
  } catch (...) {
    restore();
    throw;
  }
}

ModeScope::~ModeScope() { restore(); }

void ModeScope::set_inference(bool on) {
  const auto& keys = inference_keys();
  former_view_included_ = c10::impl::tls_is_dispatch_key_included(keys.view);
  for (std::size_t k = 0; k < keys.autograd.size(); ++k) {
    former_autograd_excluded_[k] = c10::impl::tls_is_dispatch_key_excluded(keys.autograd[k]);
  }
  inference_changed_ = true;
  state_.set_inference_mode(on);
  state_.set_fw_grad_mode(!on);
  state_.set_multithreading_enabled(!on);
  c10::impl::tls_set_dispatch_key_included(keys.view, !on);
  for (const auto key : keys.autograd) c10::impl::tls_set_dispatch_key_excluded(key, on);
}

void ModeScope::set_device(const tp_modes& modes) {
  const std::int32_t index = check_device(modes.device_type, modes.device_index);
  if (modes.device_type != TP_CUDA) {
    if (modes.stream != 0) invalid_argument("Only a CUDA device has streams.");
    return;
  }
  if (index >= 0) check(aoti_torch_create_device_guard(index, &device_), "set the current device");
  if (modes.stream == 0) return;
  static const auto create = reinterpret_cast<CreateStreamGuard>(
      cuda_function("libtorch_cuda.so", "aoti_torch_create_cuda_stream_guard"));
  if (create == nullptr) {
    throw Failure(TP_UNSUPPORTED, "This LibTorch cannot run a call on a stream of the caller's.");
  }
  std::int32_t current = index;
  if (current < 0) {
    check(aoti_torch_get_current_device_index(&current), "read the current device");
  }
  check(create(reinterpret_cast<void*>(modes.stream), current, &stream_), "set the current stream");
}

void ModeScope::restore() noexcept {
  if (stream_ != nullptr) {
    static const auto remove = reinterpret_cast<DeleteStreamGuard>(
        cuda_function("libtorch_cuda.so", "aoti_torch_delete_cuda_stream_guard"));
    if (remove != nullptr) remove(stream_);
  }
  if (device_ != nullptr) aoti_torch_delete_device_guard(device_);
  state_.set_grad_mode(former_grad_);
  if (!inference_changed_) return;
  state_.set_inference_mode(former_inference_);
  state_.set_fw_grad_mode(former_forward_grad_);
  state_.set_multithreading_enabled(former_multithreading_);
  const auto& keys = inference_keys();
  c10::impl::tls_set_dispatch_key_included(keys.view, former_view_included_);
  for (std::size_t k = 0; k < keys.autograd.size(); ++k) {
    c10::impl::tls_set_dispatch_key_excluded(keys.autograd[k], former_autograd_excluded_[k]);
  }
}

}  // namespace tripoint::abi
