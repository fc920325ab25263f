#include "kernels/cpu/loss/threshold_row.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace tripoint::cpu {

namespace portable {
namespace {
#define TRIPOINT_TARGET
#include "kernels/cpu/loss/threshold_row_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/loss/threshold_row_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
#define TRIPOINT_TARGET \
  __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")))
#include "kernels/cpu/loss/threshold_row_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const ThresholdKernels<T>& threshold_kernels() {
#if defined(__x86_64__)
  static const bool has_avx512 =
      __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512bw");
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx512) return avx512::kKernels<T>;
  if (has_avx2) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const ThresholdKernels<float>& threshold_kernels<float>();
template const ThresholdKernels<double>& threshold_kernels<double>();

}  // namespace tripoint::cpu
