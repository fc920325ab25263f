#include "kernels/cpu/loss/ranked_row.h"

#include <cmath>
#include <cstring>
#include <limits>

namespace tripoint::cpu {

namespace portable {
namespace {
#define TRIPOINT_TARGET
#define TRIPOINT_GATHERING
#include "kernels/cpu/loss/ranked_row_body.inc"
#undef TRIPOINT_TARGET
#undef TRIPOINT_GATHERING
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx2 {
namespace {
#define TRIPOINT_TARGET __attribute__((target("avx2")))
#define TRIPOINT_GATHERING __attribute__((target("avx2,tune=haswell")))
#include "kernels/cpu/loss/ranked_row_body.inc"
#undef TRIPOINT_TARGET
#undef TRIPOINT_GATHERING
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
#define TRIPOINT_TARGET \
  __attribute__((target("avx512f,avx512vl,avx512dq,avx512bw,prefer-vector-width=512")))
#define TRIPOINT_GATHERING                         \
  __attribute__((                                  \
      target("avx512f,avx512vl,avx512dq,avx512bw," \
             "prefer-vector-width=512,tune=skylake-avx512")))
#include "kernels/cpu/loss/ranked_row_body.inc"
#undef TRIPOINT_TARGET
#undef TRIPOINT_GATHERING
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const RankKernels<T>& rank_kernels() {
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

template const RankKernels<float>& rank_kernels<float>();
template const RankKernels<double>& rank_kernels<double>();

}  // namespace tripoint::cpu
