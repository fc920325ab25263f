#include "kernels/cpu/mine/tile_sides.h"

#include <limits>

#include "kernels/cpu/base/processor.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kTile = kIntegerTile;

struct SideKernels {
  uint8_t (*add_sides)(const uint8_t* sides, uint8_t* positives, uint8_t* negatives);
};

#define TRIPOINT_BODY "kernels/cpu/mine/tile_sides_body.inc"
#include "kernels/cpu/base/each_set.inc"

const SideKernels& side_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

}  // namespace

TileSides::TileSides(const Relation& relation, const Block& anchors, int64_t first_column)
    : relation_(relation),
      anchors_(anchors),
      first_column_(first_column),
      sides_(aligned_array<uint8_t>(kTile * kColumnsAtOnce)) {}

void TileSides::read(int64_t tile, int64_t origin) {
  at_ = (tile - origin) % kColumnsAtOnce;
  if (at_ == 0) {
    const int64_t begin = std::max(first_column_ - tile, int64_t{0});
    const int64_t end = std::min(kColumnsAtOnce, first_column_ + relation_.columns() - tile);
    for (int64_t i = 0; i < anchors_.size(); ++i) {
      uint8_t* const sides = of(i);
      std::fill(sides, sides + begin, uint8_t{kNeither});
      relation_.read(anchors_.begin + i, tile + begin - first_column_, end - begin, sides + begin);
      std::fill(sides + end, sides + kColumnsAtOnce, uint8_t{kNeither});
    }
  }
  count();
}

void TileSides::count() {
  alignas(64) uint8_t positives[kTile] = {};
  alignas(64) uint8_t negatives[kTile] = {};
  static_assert(kTile <= std::numeric_limits<uint8_t>::max());
  for (int64_t i = 0; i < anchors_.size(); ++i) {
    every_[i] = side_kernels().add_sides(of(i), positives, negatives);
  }
  counts_ = SideCounts();
  for (int64_t j = 0; j < kTile; ++j) {
    counts_.positives += positives[j];
    counts_.negatives += negatives[j];
  }
}

}  // namespace tripoint::cpu
