#ifndef TRIPOINT_KERNELS_CPU_BASE_SCRATCH_H
#define TRIPOINT_KERNELS_CPU_BASE_SCRATCH_H

#include <sys/mman.h>

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
struct ScratchDelete {
  size_t mapped = 0;  // bytes; 0 where the memory is the allocator's

  void operator()(T* memory) const {
    if (mapped > 0) {
      munmap(memory, mapped);
    } else {
      AlignedDelete<T>()(memory);
    }
  }
};

// Plain numbers, as aligned as `aligned_array`.
template <typename T>
using ScratchArray = std::unique_ptr<T[], ScratchDelete<T>>;

// Not initialised.
template <typename T>
ScratchArray<T> scratch_array(size_t size) {
  const size_t bytes = size * sizeof(T);
  if (bytes < kMappedBytes) return ScratchArray<T>(aligned_array<T>(size).release());
  void* const memory =
      mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw std::bad_alloc();
  // Many pages at a time come faster; where the system has none, single ones do.
  madvise(memory, bytes, MADV_HUGEPAGE);
  return ScratchArray<T>(static_cast<T*>(memory), ScratchDelete<T>{bytes});
}

}  // namespace tripoint::cpu

#endif
