#ifndef TRIPOINT_KERNELS_CPU_BASE_TRIANGLE_H
#define TRIPOINT_KERNELS_CPU_BASE_TRIANGLE_H

// What scans of a batch against itself share: blocks of positions, each pair of which meets once.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <vector>

#include "kernels/cpu/base/parallel.h"

namespace tripoint::cpu {

// Calls tile(upper, lower) for every pair of blocks with upper ≤ lower.
template <typename Tile>
void run_triangle(int64_t blocks, int64_t work, const Parallel& parallel, Tile&& tile) {
  run(parallel, work, blocks * (blocks + 1) / 2, [&](int64_t begin, int64_t end) {
    for (int64_t number = begin; number < end; ++number) {
      // Those of lower block b start at number b (b + 1) / 2.
      auto lower = static_cast<int64_t>((std::sqrt(8.0 * static_cast<double>(number) + 1) - 1) / 2);
      while (lower * (lower + 1) / 2 > number) --lower;
      while ((lower + 1) * (lower + 2) / 2 <= number) ++lower;
      tile(number - lower * (lower + 1) / 2, lower);
    }
  });
}

// A block of positions.
struct Block {
  int64_t begin;
  int64_t end;

  Block(int64_t number, int64_t width, int64_t size)
      : begin(number * width), end(std::min(begin + width, size)) {}
  int64_t size() const { return end - begin; }
};

// What is shared between the tiles of a block of positions.
class BlockLocks {
 public:
  explicit BlockLocks(int64_t blocks) : locks_(static_cast<size_t>(blocks)) {}
  std::lock_guard<std::mutex> hold(int64_t block) {
    return std::lock_guard<std::mutex>(locks_[static_cast<size_t>(block)]);
  }

 private:
  std::vector<std::mutex> locks_;
};

}  // namespace tripoint::cpu

#endif
