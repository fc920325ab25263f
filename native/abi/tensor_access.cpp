#include "tensor_access.h"

#include <ATen/ops/from_blob.h>
#include <torch/csrc/stable/c/shim.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "boxed_call.h"
#include "failure.h"

// Not in every LibTorch of the range; null where missing.
#pragma weak torch_from_blob
#pragma weak torch_exception_get_what_without_backtrace

namespace tripoint::abi {

namespace {

AtenTensorHandle handle_of(const at::Tensor& tensor) noexcept {
  return reinterpret_cast<AtenTensorHandle>(const_cast<at::Tensor*>(&tensor));
}

// What LibTorch holds while it uses foreign memory. Armed only once the tensor exists, so that a
// failing wrap never calls.
struct Loan {
  void (*release)(void*);
  void* context;
  std::atomic<bool> armed{false};

  static void drop(void* loan) noexcept {
    auto* self = static_cast<Loan*>(loan);
    if (!self->armed.load(std::memory_order_acquire)) return;
    self->release(self->context);
    delete self;
  }
};

[[noreturn]] void too_large() {
  invalid_argument("A tensor of these sizes and strides would span more than 2^63 bytes.");
}

std::vector<std::int64_t> contiguous_strides(std::span<const std::int64_t> sizes) {
  std::vector<std::int64_t> strides(sizes.size());
  std::int64_t step = 1;
  for (std::size_t d = sizes.size(); d-- > 0;) {
    strides[d] = step;
    if (__builtin_mul_overflow(step, std::max<std::int64_t>(sizes[d], 1), &step)) too_large();
  }
  return strides;
}

// LibTorch works this out inside a noexcept function, so an overflow there would end the process.
void check_span(std::span<const std::int64_t> sizes, std::span<const std::int64_t> strides,
                std::int64_t bytes) {
  std::int64_t last = 0;
  std::int64_t count = 1;
  for (std::size_t d = 0; d < sizes.size(); ++d) {
    if (sizes[d] == 0) return;
    std::int64_t reach = 0;
    if (__builtin_mul_overflow(sizes[d] - 1, strides[d], &reach) ||
        __builtin_add_overflow(last, reach, &last) ||
        __builtin_mul_overflow(count, sizes[d], &count)) {
      too_large();
    }
  }
  if (__builtin_add_overflow(last, std::int64_t{1}, &last) ||
      __builtin_mul_overflow(last, bytes, &last) || __builtin_mul_overflow(count, bytes, &count)) {
    too_large();
  }
}

// at::from_blob is a thin inline builder over an exported function; its layout is that of 2.10's
// headers.
at::Tensor from_blob_2_10(void* data, std::span<const std::int64_t> sizes,
                          std::span<const std::int64_t> strides, std::int32_t dtype,
                          c10::Device device, Loan* loan) {
  const auto options =
      c10::TensorOptions().dtype(static_cast<c10::ScalarType>(dtype)).device(device);
  auto maker = at::for_blob(data, at::IntArrayRef(sizes.data(), sizes.size()));
  maker.strides(at::IntArrayRef(strides.data(), strides.size()))
      .options(options)
      .target_device(device);
  if (loan) maker.deleter([loan](void*) { Loan::drop(loan); });
  return maker.make_tensor();
}

TensorHandle from_blob(void* data, std::span<const std::int64_t> sizes,
                       std::span<const std::int64_t> strides, std::int32_t dtype,
                       std::int32_t device_type, std::int32_t device_index, Loan* loan) {
  if (torch_from_blob == nullptr) {
    return TensorHandle(from_blob_2_10(data, sizes, strides, dtype,
                                       c10::Device(static_cast<c10::DeviceType>(device_type),
                                                   static_cast<c10::DeviceIndex>(device_index)),
                                       loan));
  }
  AtenTensorHandle made = nullptr;
  void (*deleter)(void*, void*) = nullptr;
  if (loan) deleter = [](void*, void* context) { Loan::drop(context); };
  check(torch_from_blob(data, static_cast<std::int64_t>(sizes.size()), sizes.data(), strides.data(),
                        0, dtype, device_type, device_index, &made, aoti_torch_layout_strided(),
                        nullptr, 0, deleter, loan),
        "wrap memory as a tensor");
  return TensorHandle(made);
}

}  // namespace

void check(AOTITorchError code, const char* what) {
  if (code == AOTI_TORCH_SUCCESS) return;
  std::string message = std::string("LibTorch could not ") + what;
  if (torch_exception_get_what_without_backtrace != nullptr) {
    if (const char* text = torch_exception_get_what_without_backtrace()) {
      message.append(": ").append(text);
    }
  }
  throw Failure(TP_TORCH_ERROR, message);
}

TensorHandle retain(AtenTensorHandle handle) { return TensorHandle(at::Tensor(tensor_of(handle))); }

TensorView view(AtenTensorHandle handle) {
  TensorView result;
  std::int64_t* sizes = nullptr;
  check(aoti_torch_get_dtype(handle, &result.dtype), "read a tensor's dtype");
  check(aoti_torch_get_device_type(handle, &result.device_type), "read a tensor's device");
  check(aoti_torch_get_device_index(handle, &result.device_index), "read a tensor's device");
  check(aoti_torch_get_layout(handle, &result.layout), "read a tensor's layout");
  check(aoti_torch_get_dim(handle, &result.dim), "read a tensor's dimensions");
  check(aoti_torch_get_numel(handle, &result.numel), "read a tensor's dimensions");
  check(aoti_torch_get_sizes(handle, &sizes), "read a tensor's sizes");
  result.sizes = sizes;
  result.element_size = static_cast<std::int64_t>(aoti_torch_dtype_element_size(result.dtype));
  if (result.layout != aoti_torch_layout_strided()) return result;

  std::int64_t* strides = nullptr;
  check(aoti_torch_get_strides(handle, &strides), "read a tensor's strides");
  result.strides = strides;
  check(aoti_torch_get_storage_offset(handle, &result.storage_offset), "read a tensor's offset");
  check(aoti_torch_get_storage_size(handle, &result.storage_bytes), "read a tensor's storage");
  if (result.is_meta()) return result;
  check(aoti_torch_get_data_ptr(handle, &result.data), "read a tensor's address");
  if (result.data != nullptr) {
    result.storage = static_cast<char*>(result.data) - result.storage_offset * result.element_size;
  }
  return result;
}

// These three are members of TensorImpl that LibTorch exports, not inline ones.
bool needs_grad(const at::Tensor& tensor) { return tensor.unsafeGetTensorImpl()->requires_grad(); }

const at::Tensor& grad_of(const at::Tensor& tensor) {
  return static_cast<const c10::TensorImpl*>(tensor.unsafeGetTensorImpl())->grad();
}

void set_grad_of(const at::Tensor& tensor, at::Tensor gradient) {
  tensor.unsafeGetTensorImpl()->mutable_grad() = std::move(gradient);
}

TensorView view(const at::Tensor& tensor) { return view(handle_of(tensor)); }

std::int64_t element_size(std::int32_t dtype) noexcept {
  // By tp_dtype; 8 is complex32 and 12 to 14 are quantised types, which the C ABI leaves out.
  static constexpr std::array<std::int8_t, 16> kBytes = {1, 1, 2,  4, 8, 2, 4, 8,
                                                         0, 8, 16, 1, 0, 0, 0, 2};
  return dtype >= 0 && dtype < static_cast<std::int32_t>(kBytes.size()) ? kBytes[dtype] : 0;
}

TensorHandle allocate(std::int32_t dtype, std::int32_t device_type, std::int32_t device_index,
                      std::span<const std::int64_t> sizes, bool pinned) {
  static const BoxedOperator& empty = BoxedOperator::find("aten::empty", "memory_format");
  const c10::Device device(static_cast<c10::DeviceType>(device_type),
                           static_cast<c10::DeviceIndex>(device_index));
  // self sizes, dtype, layout, device, pin_memory, memory_format
  return TensorHandle(empty.tensor(std::vector<std::int64_t>(sizes.begin(), sizes.end()),
                                   static_cast<std::int64_t>(dtype), c10::IValue(), device, pinned,
                                   c10::IValue()));
}

TensorHandle wrap(void* data, std::int32_t dtype, std::int32_t device_type,
                  std::int32_t device_index, std::span<const std::int64_t> sizes,
                  const std::int64_t* strides, void (*release)(void*), void* context) {
  std::vector<std::int64_t> own_strides;
  if (strides == nullptr) {
    own_strides = contiguous_strides(sizes);
    strides = own_strides.data();
  }
  const std::span<const std::int64_t> steps(strides, sizes.size());
  check_span(sizes, steps, element_size(dtype));
  if (release == nullptr) {
    return from_blob(data, sizes, steps, dtype, device_type, device_index, nullptr);
  }
  auto loan = std::make_unique<Loan>();
  loan->release = release;
  loan->context = context;
  // LibTorch never gives a null address back; a tensor without elements may have any.
  if (data == nullptr) data = loan.get();
  // When this throws, LibTorch has let go of the unarmed loan, or never took it.
  TensorHandle result = from_blob(data, sizes, steps, dtype, device_type, device_index, loan.get());
  loan.release()->armed.store(true, std::memory_order_release);
  return result;
}

}  // namespace tripoint::abi
