#ifndef TRIPOINT_KERNELS_CPU_BASE_TRIANGLE_H
#define TRIPOINT_KERNELS_CPU_BASE_TRIANGLE_H

// What scans of a batch against itself share: blocks of positions, each pair of which meets once.

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <mutex>
#include <vector>

#include "kernels/cpu/base/parallel.h"

namespace tripoint::cpu {

// Calls tile(upper, lower) for every pair of blocks with upper ≤ lower. Whichever thread is free
// takes the next lower block, the longest rows of pairs first: so two threads are seldom at one
// block.
template <typename Tile>
void run_triangle(int64_t blocks, int64_t work, const Parallel& parallel, Tile&& tile) {
  std::atomic<int64_t> taken{0};
  run(parallel, work, blocks, [&](int64_t begin, int64_t end) {
    if (begin == end) return;
    for (int64_t lower = blocks - 1 - taken++; lower >= 0; lower = blocks - 1 - taken++) {
      for (int64_t upper = 0; upper <= lower; ++upper) tile(upper, lower);
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
