#include "kernels/cpu/mine/mined_pairs.h"

#include <algorithm>

namespace tripoint::cpu {

int64_t MinedPairs::count() const {
  int64_t count = 0;
  for (const OfBlock& block : blocks_) count += static_cast<int64_t>(block.columns.size());
  return count;
}

void MinedPairs::write(const Parallel& parallel, int64_t* anchor, int64_t* column) {
  std::vector<int64_t> starts{0};
  for (const OfBlock& block : blocks_) {
    starts.push_back(starts.back() + static_cast<int64_t>(block.columns.size()));
  }
  run(parallel, starts.back(), static_cast<int64_t>(blocks_.size()),
      [&](int64_t begin, int64_t end) {
        for (auto number = static_cast<size_t>(begin); number < static_cast<size_t>(end);
             ++number) {
          OfBlock& block = blocks_[number];
          int64_t at = starts[number];
          std::copy(block.columns.begin(), block.columns.end(), column + at);
          for (size_t i = 0; i < block.counts.size(); ++i) {
            std::fill_n(anchor + at, block.counts[i], block.first_anchor + static_cast<int64_t>(i));
            at += block.counts[i];
          }
          block = {};
        }
      });
}

}  // namespace tripoint::cpu
