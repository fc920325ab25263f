#ifndef TRIPOINT_KERNELS_CPU_BASE_ZEROED_H
#define TRIPOINT_KERNELS_CPU_BASE_ZEROED_H

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <memory>
#include <new>

#include "kernels/cpu/base/aligned.h"

namespace tripoint::cpu {

// From so many bytes on, memory of one call is mapped: it goes back to the system when the call
// ends. What an allocator keeps of it would stand beside the gradients that the caller allocates
// next. Smaller memory is cheaper from the allocator than page by page.
inline constexpr size_t kMappedBytes = size_t{4} << 20;

template <typename T>
struct ZeroedDelete {
  size_t mapped = 0;  // bytes; 0 where the memory is the allocator's

  void operator()(T* memory) const {
    if (mapped > 0) {
      munmap(memory, mapped);
    } else {
      AlignedDelete<T>()(memory);
    }
  }
};

// Plain numbers that are 0, as aligned as `aligned_array`.
template <typename T>
using ZeroedArray = std::unique_ptr<T[], ZeroedDelete<T>>;

template <typename T>
ZeroedArray<T> zeroed_array(size_t size) {
  const size_t bytes = size * sizeof(T);
  if (bytes < kMappedBytes) {
    T* const memory = aligned_array<T>(size).release();
    std::fill_n(memory, size, T{0});
    return ZeroedArray<T>(memory);
  }
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  return ZeroedArray<T>(static_cast<T*>(memory), ZeroedDelete<T>{bytes});
}

}  // namespace tripoint::cpu

#endif
