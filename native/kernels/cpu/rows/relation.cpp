#include "kernels/cpu/rows/relation.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <numeric>

#include "kernels/cpu/base/processor.h"
#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kColumnsAtOnce = 256;

struct RowKernels {
  void (*sides_of_labels)(int64_t own, const int64_t* others, int64_t count, uint8_t* sides);
  void (*truths_of_bytes)(const uint8_t* bytes, int64_t count, uint8_t* truths);
};

#define TRIPOINT_BODY "kernels/cpu/rows/relation_body.inc"
#include "kernels/cpu/base/each_set.inc"

const RowKernels& row_kernels() {
#if defined(__x86_64__)
  if (has_avx512()) return avx512::kKernels;
  if (has_avx2()) return avx2::kKernels;
#endif
  return portable::kKernels;
}

// The bits of a byte as bytes, the lowest first.
constexpr std::array<uint64_t, 256> kBytesOfBits = [] {
  static_assert(std::endian::native == std::endian::little);
  std::array<uint64_t, 256> all{};
  for (uint64_t byte = 0; byte < all.size(); ++byte) {
    for (uint64_t bit = 0; bit < 8; ++bit) all[byte] |= (byte >> bit & 1) << (8 * bit);
  }
  return all;
}();

void read_bits(const uint8_t* row, int64_t stride, int64_t first, int64_t count, uint8_t* truths) {
  const int64_t shift = first & 7;
  int64_t j = 0;
  for (; j + 8 <= count; j += 8) {
    const uint8_t* const byte = row + ((first + j) >> 3) * stride;
    const unsigned next = shift == 0 ? 0u : byte[stride];
    const unsigned bits = (byte[0] >> shift | next << (8 - shift)) & 0xffu;
    std::memcpy(truths + j, &kBytesOfBits[bits], 8);
  }
  for (; j < count; ++j) {
    const int64_t c = first + j;
    truths[j] = row[(c >> 3) * stride] >> (c & 7) & 1;
  }
}

// truths[j] = 1 or 0, of column first + j.
void read_truths(const Mask& mask, int64_t row, int64_t first, int64_t count, uint8_t* truths) {
  const uint8_t* const from = mask.data + row * mask.row_stride;
  if (mask.bits) {
    read_bits(from, mask.column_stride, first, count, truths);
  } else if (mask.column_stride == 1) {
    row_kernels().truths_of_bytes(from + first, count, truths);
  } else {
    for (int64_t j = 0; j < count; ++j) {
      truths[j] = from[(first + j) * mask.column_stride] != 0 ? 1 : 0;
    }
  }
}

}  // namespace

Relation::Relation(const IntegerVector& labels,
                   const std::optional<IntegerVector>& reference_labels,
                   const std::optional<Mask>& ignored)
    : anchors_(labels.size),
      columns_(reference_labels ? reference_labels->size : labels.size),
      self_(!reference_labels),
      labels_(values_of(labels)),
      reference_labels_(reference_labels ? values_of(*reference_labels) : labels_),
      ignored_(ignored) {}

Relation::Relation(const Mask& positives, int64_t anchors, int64_t columns, bool self,
                   const std::optional<Mask>& ignored)
    : anchors_(anchors), columns_(columns), self_(self), positives_(positives), ignored_(ignored) {}

void Relation::read(int64_t anchor, int64_t first, int64_t count, uint8_t* sides) const {
  static_assert(kPositive == 1 && kNegative == 2);
  if (positives_) {
    read_truths(*positives_, anchor, first, count, sides);
    for (int64_t j = 0; j < count; ++j) sides[j] = static_cast<uint8_t>(kNegative - sides[j]);
  } else {
    row_kernels().sides_of_labels(labels_[static_cast<size_t>(anchor)],
                                  reference_labels_.data() + first, count, sides);
  }
  for (int64_t begin = 0; ignored_ && begin < count; begin += kColumnsAtOnce) {
    const int64_t some = std::min(kColumnsAtOnce, count - begin);
    uint8_t ignored[kColumnsAtOnce];
    read_truths(*ignored_, anchor, first + begin, some, ignored);
    for (int64_t j = 0; j < some; ++j) {
      sides[begin + j] = ignored[j] != 0 ? uint8_t{kNeither} : sides[begin + j];
    }
  }
  if (self_ && anchor >= first && anchor < first + count) sides[anchor - first] = kNeither;
}

SideCounts Relation::count(int64_t anchor) const {
  SideCounts counts;
  uint8_t sides[kColumnsAtOnce];
  for (int64_t first = 0; first < columns_; first += kColumnsAtOnce) {
    const int64_t some = std::min(kColumnsAtOnce, columns_ - first);
    read(anchor, first, some, sides);
    for (int64_t j = 0; j < some; ++j) {
      counts.positives += sides[j] == kPositive ? 1 : 0;
      counts.negatives += sides[j] == kNegative ? 1 : 0;
    }
  }
  return counts;
}

int64_t Relation::triplets() const {
  int64_t total = 0;
  for (int64_t a = 0; a < anchors_; ++a) {
    const SideCounts counts = count(a);
    total += counts.positives * counts.negatives;
  }
  return total;
}

std::vector<int64_t> RelatedBatch::order() const {
  std::vector<int64_t> order(static_cast<size_t>(rows()));
  std::iota(order.begin(), order.end(), int64_t{0});
  return order;
}

}  // namespace tripoint::cpu
