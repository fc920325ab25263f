#include "kernels/cpu/tile/byte_tile.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <algorithm>
#include <cstring>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {

namespace portable {
namespace {

// Calls take(i, j, sum).
template <typename Take>
void each_sum(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
              const int32_t* starts, Take&& take) {
  for (int64_t i = 0; i < count; ++i) {
    const int8_t* const row = rows + 4 * quads * i;
    for (int64_t j = 0; j < kBytePanel; ++j) {
      int32_t sum = starts[j];
      for (int64_t quad = 0; quad < quads; ++quad) {
        const uint8_t* const column = panel + byte_place(j, quad);
        for (int64_t k = 0; k < 4; ++k) sum += row[4 * quad + k] * column[k];
      }
      take(i, j, sum);
    }
  }
}

int64_t scan(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
             const int32_t* starts, const int32_t* least, ByteHits* hits) {
  int64_t found = 0;
  uint64_t columns = 0;
  each_sum(rows, count, quads, panel, starts, [&](int64_t i, int64_t j, int32_t sum) {
    columns |= uint64_t{sum >= least[i]} << j;
    if (j < kBytePanel - 1) return;
    hits[found] = {i, columns};
    found += columns != 0 ? 1 : 0;
    columns = 0;
  });
  return found;
}

void raise(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
           const int32_t* starts, int32_t* greatest, int64_t stride) {
  each_sum(rows, count, quads, panel, starts, [&](int64_t i, int64_t j, int32_t sum) {
    greatest[stride * i + j] = std::max(greatest[stride * i + j], sum);
  });
}

constexpr ByteKernels kKernels{&scan, &raise};
}  // namespace
}  // namespace portable

#if defined(__x86_64__)
namespace avx512 {
namespace {
#define TRIPOINT_TARGET TRIPOINT_AVX512_VNNI

constexpr int kVectors = 4;  // of 16 sums: a panel
constexpr int64_t kVectorBytes = 64;

// Six rows by a panel: 24 of the 32 registers hold sums.
using Sums = __m512i[kByteRows][kVectors];

TRIPOINT_TARGET inline void add_up(const int8_t* rows, int64_t quads, const uint8_t* panel,
                                   const int32_t* starts, Sums& sums) {
#pragma GCC unroll 4
  for (int v = 0; v < kVectors; ++v) {
    const __m512i start = _mm512_loadu_si512(starts + 16 * v);
#pragma GCC unroll 6
    for (int r = 0; r < kByteRows; ++r) sums[r][v] = start;
  }
  for (int64_t quad = 0; quad < quads; ++quad) {
    __m512i columns[kVectors];
#pragma GCC unroll 4
    for (int v = 0; v < kVectors; ++v) {
      columns[v] = _mm512_loadu_si512(panel + byte_place(0, quad) + v * kVectorBytes);
    }
#pragma GCC unroll 6
    for (int r = 0; r < kByteRows; ++r) {
      __m512i own;
      asm("vpbroadcastd %1, %0"
          : "=v"(own)
          : "m"(*reinterpret_cast<const int8_t(*)[4]>(rows + 4 * (quads * r + quad))));
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        // Left to itself the compiler moves sums to memory and back: twice the time.
        asm("vpdpbusd %2, %1, %0" : "+v"(sums[r][v]) : "v"(columns[v]), "v"(own));
      }
    }
  }
}

TRIPOINT_TARGET int64_t scan(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
                             const int32_t* starts, const int32_t* least, ByteHits* hits) {
  int64_t found = 0;
  for (int64_t i = 0; i < count; i += kByteRows) {
    Sums sums;
    add_up(rows + 4 * quads * i, quads, panel, starts, sums);
#pragma GCC unroll 6
    for (int r = 0; r < kByteRows; ++r) {
      const __m512i bound = _mm512_set1_epi32(least[i + r]);
      uint64_t columns = 0;
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        columns |= static_cast<uint64_t>(_mm512_cmpge_epi32_mask(sums[r][v], bound)) << (16 * v);
      }
      hits[found] = {i + r, columns};
      found += columns != 0 ? 1 : 0;
    }
  }
  return found;
}

TRIPOINT_TARGET void raise(const int8_t* rows, int64_t count, int64_t quads, const uint8_t* panel,
                           const int32_t* starts, int32_t* greatest, int64_t stride) {
  using Numbers [[gnu::vector_size(64)]] = int32_t;
  for (int64_t i = 0; i < count; i += kByteRows) {
    Sums sums;
    add_up(rows + 4 * quads * i, quads, panel, starts, sums);
#pragma GCC unroll 6
    for (int r = 0; r < kByteRows; ++r) {
#pragma GCC unroll 4
      for (int v = 0; v < kVectors; ++v) {
        int32_t* const target = greatest + stride * (i + r) + 16 * v;
        Numbers own, others;
        std::memcpy(&own, &sums[r][v], sizeof own);
        std::memcpy(&others, target, sizeof others);
        const Numbers greater = own > others ? own : others;
        std::memcpy(target, &greater, sizeof greater);
      }
    }
  }
}
#undef TRIPOINT_TARGET

constexpr ByteKernels kKernels{&scan, &raise};
}  // namespace
}  // namespace avx512
#endif

bool multiplies_bytes_fast() {
#if defined(__x86_64__)
  return has_avx512_vnni();
#else
  return false;
#endif
}

const ByteKernels& portable_byte_kernels() { return portable::kKernels; }

const ByteKernels& byte_kernels() {
#if defined(__x86_64__)
  if (multiplies_bytes_fast()) return avx512::kKernels;
#endif
  return portable::kKernels;
}

}  // namespace tripoint::cpu
