#ifndef TRIPOINT_KERNELS_CPU_BASE_ALIGNED_H
#define TRIPOINT_KERNELS_CPU_BASE_ALIGNED_H

#include <cstddef>
#include <memory>
#include <new>

namespace tripoint::cpu {

// Memory for plain numbers, not initialised, that begins where a line of the cache does, so that no
// register's load crosses one.
inline constexpr std::align_val_t kCacheLine{64};

template <typename T>
struct AlignedDelete {
  void operator()(T* memory) const { ::operator delete[](memory, kCacheLine); }
};

template <typename T>
using AlignedArray = std::unique_ptr<T[], AlignedDelete<T>>;

template <typename T>
AlignedArray<T> aligned_array(size_t size) {
  return AlignedArray<T>(static_cast<T*>(::operator new[](size * sizeof(T), kCacheLine)));
}

}  // namespace tripoint::cpu

#endif
