#ifndef TRIPOINT_ABI_TENSOR_ACCESS_H
#define TRIPOINT_ABI_TENSOR_ACCESS_H

#include <ATen/core/Tensor.h>
#include <torch/csrc/inductor/aoti_torch/c/shim.h>

#include <cstdint>
#include <span>
#include <utility>

// The one door to what a tensor is. TensorImpl's fields lie elsewhere in each LibTorch version, so
// nothing here or above may use an inline accessor of at::Tensor (sizes(), data_ptr(),
// scalar_type(), defined(), ...): they read wrong values without a word. Only functions that
// LibTorch exports look inside. Copying, moving and dropping an at::Tensor is safe: it touches the
// reference count alone, whose place has not moved.
namespace tripoint::abi {

// What a tensor is at the time of the call. `sizes` and `strides` point into the tensor and are
// valid while it lives and is not resized.
struct TensorView {
  std::int32_t dtype = 0;  // a tp_dtype
  std::int32_t device_type = 0;
  std::int32_t device_index = -1;
  std::int32_t layout = 0;  // 0: strided; for others `strides`, `data` and `storage` are null
  std::int64_t dim = 0;
  std::int64_t numel = 0;
  std::int64_t element_size = 0;    // bytes
  std::int64_t storage_offset = 0;  // elements
  const std::int64_t* sizes = nullptr;
  const std::int64_t* strides = nullptr;
  void* data = nullptr;     // first element; null without memory (meta) and without elements
  void* storage = nullptr;  // start of the storage's memory; null where data is
  std::int64_t storage_bytes = 0;

  bool is_cpu() const noexcept { return device_type == 0; }
  bool is_meta() const noexcept { return device_type == 14; }
  std::int64_t size(std::int64_t d) const noexcept { return sizes[d < 0 ? d + dim : d]; }
  std::int64_t stride(std::int64_t d) const noexcept { return strides[d < 0 ? d + dim : d]; }
};

// Owns one handle. A handle is a heap-allocated at::Tensor, LibTorch's own convention for
// AtenTensorHandle.
class TensorHandle {
 public:
  TensorHandle() noexcept = default;
  // Takes ownership.
  explicit TensorHandle(AtenTensorHandle owned) noexcept : handle_(owned) {}
  explicit TensorHandle(at::Tensor tensor)
      : handle_(reinterpret_cast<AtenTensorHandle>(new at::Tensor(std::move(tensor)))) {}
  TensorHandle(TensorHandle&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  TensorHandle& operator=(TensorHandle&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  TensorHandle(const TensorHandle&) = delete;
  TensorHandle& operator=(const TensorHandle&) = delete;
  ~TensorHandle() { delete reinterpret_cast<at::Tensor*>(handle_); }

  AtenTensorHandle get() const noexcept { return handle_; }
  explicit operator bool() const noexcept { return handle_ != nullptr; }
  // Hands the ownership to the caller.
  [[nodiscard]] AtenTensorHandle release() noexcept { return std::exchange(handle_, nullptr); }

 private:
  AtenTensorHandle handle_ = nullptr;
};

// The tensor behind a handle, to be put on a stack. Must not be null.
inline const at::Tensor& tensor_of(AtenTensorHandle handle) noexcept {
  return *reinterpret_cast<const at::Tensor*>(handle);
}

// A second handle to the same tensor.
TensorHandle retain(AtenTensorHandle handle);

TensorView view(AtenTensorHandle handle);
TensorView view(const at::Tensor& tensor);

// What autograd keeps with a tensor. The gradient is undefined where there is none.
bool needs_grad(const at::Tensor& tensor);
const at::Tensor& grad_of(const at::Tensor& tensor);
void set_grad_of(const at::Tensor& tensor, at::Tensor gradient);

// Bytes of one element of a tp_dtype; 0 for a number that is no dtype of the C ABI.
std::int64_t element_size(std::int32_t dtype) noexcept;

// A new contiguous tensor, not initialised, on any device, the meta device included. `pinned`:
// page-locked host memory.
TensorHandle allocate(std::int32_t dtype, std::int32_t device_type, std::int32_t device_index,
                      std::span<const std::int64_t> sizes, bool pinned = false);

// A new tensor over foreign memory. `strides` may be null for a contiguous one. `release`, if any,
// is called once with `context` when LibTorch drops the storage, and never when this function
// throws.
TensorHandle wrap(void* data, std::int32_t dtype, std::int32_t device_type,
                  std::int32_t device_index, std::span<const std::int64_t> sizes,
                  const std::int64_t* strides, void (*release)(void*), void* context);

// Throws what LibTorch said when one of its C functions reports a failure.
void check(AOTITorchError code, const char* what);

}  // namespace tripoint::abi

#endif
