#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

#include "border.h"
#include "devices.h"
#include "tensor_access.h"

using namespace tripoint::abi;

namespace {

constexpr std::int32_t kMaxDim = 64;  // as LibTorch's operators allow

AtenTensorHandle handle_of(tp_tensor tensor) {
  require(tensor, "tensor");
  return reinterpret_cast<AtenTensorHandle>(tensor);
}

void check_dtype(std::int32_t dtype) {
  if (element_size(dtype) == 0) {
    invalid_argument("There is no dtype " + std::to_string(dtype) + ".");
  }
}

std::span<const std::int64_t> check_sizes(std::int32_t dim, const std::int64_t* sizes) {
  if (dim < 0 || dim > kMaxDim) {
    invalid_argument("A tensor has 0 to 64 dimensions, not " + std::to_string(dim) + ".");
  }
  if (dim > 0) require(sizes, "sizes");
  const std::span<const std::int64_t> all(sizes, static_cast<std::size_t>(dim));
  if (std::any_of(all.begin(), all.end(), [](std::int64_t size) { return size < 0; })) {
    invalid_argument("The sizes of a tensor must not be negative.");
  }
  return all;
}

bool has_elements(std::span<const std::int64_t> sizes) {
  return std::find(sizes.begin(), sizes.end(), 0) == sizes.end();
}

}  // namespace

extern "C" std::int32_t tp_tensor_wrap(void* data, std::int32_t dtype, std::int32_t device_type,
                                       std::int32_t device_index, std::int32_t dim,
                                       const std::int64_t* sizes, const std::int64_t* strides,
                                       tp_release_callback release, void* context,
                                       tp_tensor* tensor, tp_error* error) noexcept {
  return answer(error, [&] {
    require(tensor, "tensor");
    check_dtype(dtype);
    const auto shape = check_sizes(dim, sizes);
    if (device_type == TP_META) invalid_argument("A meta tensor has no memory to wrap.");
    const std::int32_t index = check_device(device_type, device_index);
    if (data == nullptr && has_elements(shape)) {
      invalid_argument("A tensor with elements needs memory, so \"data\" must not be NULL.");
    }
    if (strides != nullptr &&
        std::any_of(strides, strides + dim, [](std::int64_t stride) { return stride < 0; })) {
      invalid_argument("The strides of a tensor must not be negative.");
    }
    *tensor = reinterpret_cast<tp_tensor>(
        wrap(data, dtype, device_type, index, shape, strides, release, context).release());
  });
}

extern "C" std::int32_t tp_tensor_allocate(std::int32_t dtype, std::int32_t device_type,
                                           std::int32_t device_index, std::int32_t pinned,
                                           std::int32_t dim, const std::int64_t* sizes,
                                           tp_tensor* tensor, tp_error* error) noexcept {
  return answer(error, [&] {
    require(tensor, "tensor");
    check_dtype(dtype);
    const auto shape = check_sizes(dim, sizes);
    const std::int32_t index = check_device(device_type, device_index);
    if (pinned != 0 && device_count(TP_CUDA) == 0) {
      throw Failure(TP_UNSUPPORTED,
                    "Page-locked memory needs a CUDA device, and this LibTorch can use none.");
    }
    *tensor = reinterpret_cast<tp_tensor>(
        allocate(dtype, device_type, index, shape, pinned != 0).release());
  });
}

extern "C" std::int32_t tp_tensor_retain(tp_tensor tensor, tp_tensor* again,
                                         tp_error* error) noexcept {
  return answer(error, [&] {
    require(again, "again");
    *again = new_handle(tensor_of(tensor));
  });
}

extern "C" void tp_tensor_release(tp_tensor tensor) noexcept {
  answer(nullptr, [&] { delete reinterpret_cast<at::Tensor*>(tensor); });
}

extern "C" std::int32_t tp_tensor_describe(tp_tensor tensor, tp_tensor_info* info,
                                           std::int64_t* sizes, std::int64_t* strides,
                                           std::int32_t capacity, tp_error* error) noexcept {
  return answer(error, [&] {
    require(info, "info");
    const TensorView found = view(handle_of(tensor));
    tp_tensor_info result{};
    result.dtype = found.dtype;
    result.device_type = found.device_type;
    result.device_index = found.device_index;
    result.dim = static_cast<std::int32_t>(found.dim);
    result.layout = found.layout;
    result.requires_grad = needs_grad(tensor_of(tensor)) ? 1 : 0;
    result.numel = found.numel;
    result.element_size = found.element_size;
    result.storage_offset = found.storage_offset;
    result.data = found.data;
    result.storage = found.storage;
    result.storage_bytes = found.storage_bytes;
    *info = result;
    if (capacity < found.dim) return;
    if (sizes != nullptr) std::copy_n(found.sizes, found.dim, sizes);
    if (strides != nullptr) {
      if (found.strides != nullptr) {
        std::copy_n(found.strides, found.dim, strides);
      } else {
        std::fill_n(strides, found.dim, 0);
      }
    }
  });
}
