#include "kernels/cpu/loss/ranked_row.h"

#include <cmath>
#include <limits>

#include "kernels/cpu/base/processor.h"

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

// Compilers gather only for processors of which they know that it is fast.
#if defined(__x86_64__)
namespace avx2 {
namespace {
#define TRIPOINT_TARGET TRIPOINT_AVX2
#define TRIPOINT_GATHERING __attribute__((target("avx2,tune=haswell")))
#include "kernels/cpu/loss/ranked_row_body.inc"
#undef TRIPOINT_TARGET
#undef TRIPOINT_GATHERING
}  // namespace
}  // namespace avx2

namespace avx512 {
namespace {
#define TRIPOINT_TARGET TRIPOINT_AVX512
#define TRIPOINT_GATHERING __attribute__((target(TRIPOINT_AVX512_NAMES ",tune=skylake-avx512")))
#include "kernels/cpu/loss/ranked_row_body.inc"
#undef TRIPOINT_TARGET
#undef TRIPOINT_GATHERING
}  // namespace
}  // namespace avx512
#endif

template <typename T>
const RankKernels<T>& rank_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels<T>;
  if (has_avx2()) return avx2::kKernels<T>;
#endif
  return portable::kKernels<T>;
}

template const RankKernels<float>& rank_kernels<float>();
template const RankKernels<double>& rank_kernels<double>();

}  // namespace tripoint::cpu
