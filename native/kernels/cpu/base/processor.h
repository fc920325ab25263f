#ifndef TRIPOINT_KERNELS_CPU_BASE_PROCESSOR_H
#define TRIPOINT_KERNELS_CPU_BASE_PROCESSOR_H

#if defined(__x86_64__)

namespace tripoint::cpu {

// The instruction sets that functions are compiled for: of each, the attribute of such a function,
// and whether this processor has all that the attribute names. Where a set has fused products and
// sums, the compiler makes none by itself: the kernels are compiled with -ffp-contract=off.

#define TRIPOINT_AVX2 __attribute__((target("avx2")))
inline bool has_avx2() { return __builtin_cpu_supports("avx2"); }

#define TRIPOINT_AVX2_FMA __attribute__((target("avx2,fma")))
inline bool has_avx2_fma() { return has_avx2() && __builtin_cpu_supports("fma"); }

#define TRIPOINT_AVX512_NAMES "avx512f,avx512bw,avx512dq,avx512vl,prefer-vector-width=512"

#define TRIPOINT_AVX512 __attribute__((target(TRIPOINT_AVX512_NAMES)))
inline bool has_avx512() {
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
         __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
}

#define TRIPOINT_AVX512_VNNI __attribute__((target(TRIPOINT_AVX512_NAMES ",avx512vnni")))
inline bool has_avx512_vnni() { return has_avx512() && __builtin_cpu_supports("avx512vnni"); }

}  // namespace tripoint::cpu

#endif

#endif
