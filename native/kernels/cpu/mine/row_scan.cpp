#include "kernels/cpu/mine/row_scan.h"

#include <cstring>
#include <limits>

namespace tripoint::cpu {

namespace portable {
namespace {
constexpr int64_t kBytes = 16;
#define TRIPOINT_TARGET
#include "kernels/cpu/mine/row_scan_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
constexpr int64_t kBytes = 32;
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#include "kernels/cpu/mine/row_scan_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
constexpr int64_t kBytes = 64;
#define TRIPOINT_TARGET __attribute__((target("avx512f,avx512bw,avx512vl")))
#include "kernels/cpu/mine/row_scan_body.inc"
#undef TRIPOINT_TARGET
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const RowScanKernels<T>& portable_row_scan_kernels() {
  return portable::kKernels<T>;
}

template <typename T>
const RowScanKernels<T>& row_scan_kernels() {
#if defined(__x86_64__)
  static const bool has_avx512 =
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (has_avx512) return avx512::kKernels<T>;
  static const bool has_avx2 = __builtin_cpu_supports("avx2");
  if (has_avx2) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const RowScanKernels<float>& portable_row_scan_kernels<float>();
template const RowScanKernels<double>& portable_row_scan_kernels<double>();
template const RowScanKernels<float>& row_scan_kernels<float>();
template const RowScanKernels<double>& row_scan_kernels<double>();

}  // namespace tripoint::cpu
