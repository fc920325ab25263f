#include "kernels/cpu/rows/pair.h"

#include <cstring>

namespace tripoint::cpu {

namespace portable {
namespace {
constexpr int kBytes = 16;
#define TRIPOINT_TARGET
#include "kernels/cpu/rows/pair_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
constexpr int kBytes = 32;
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/rows/pair_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
constexpr int kBytes = 64;
#define TRIPOINT_TARGET __attribute__((target("avx512f")))
#include "kernels/cpu/rows/pair_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const PairKernels<T>& portable_pair_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const PairKernels<T>& pair_kernels() {
#if defined(__x86_64__)
  static const bool has_avx512 = __builtin_cpu_supports("avx512f");
  if (has_avx512) return avx512::kKernels<T>;
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const PairKernels<float>& portable_pair_kernels<float>();
template const PairKernels<double>& portable_pair_kernels<double>();
template const PairKernels<float>& pair_kernels<float>();
template const PairKernels<double>& pair_kernels<double>();

}  // namespace tripoint::cpu
