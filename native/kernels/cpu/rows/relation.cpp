#include "kernels/cpu/rows/relation.h"

#include <algorithm>

#include "kernels/cpu/rows/labels.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kColumnsAtOnce = 256;

// Calls column(j, truth) for `count` columns from `first` on.
template <typename Column>
void each(const Mask& mask, int64_t row, int64_t first, int64_t count, Column&& column) {
  const uint8_t* const from = mask.data + row * mask.row_stride;
  if (mask.bits) {
    for (int64_t j = 0; j < count; ++j) {
      const int64_t c = first + j;
      column(j, ((from[(c >> 3) * mask.column_stride] >> (c & 7)) & 1) != 0);
    }
  } else if (mask.column_stride == 1) {
    for (int64_t j = 0; j < count; ++j) column(j, from[first + j] != 0);
  } else {
    for (int64_t j = 0; j < count; ++j) column(j, from[(first + j) * mask.column_stride] != 0);
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
  if (positives_) {
    each(*positives_, anchor, first, count,
         [&](int64_t j, bool positive) { sides[j] = positive ? kPositive : kNegative; });
  } else {
    const int64_t own = labels_[static_cast<size_t>(anchor)];
    const int64_t* const others = reference_labels_.data() + first;
    for (int64_t j = 0; j < count; ++j) sides[j] = others[j] == own ? kPositive : kNegative;
  }
  if (ignored_) {
    each(*ignored_, anchor, first, count, [&](int64_t j, bool ignored) {
      if (ignored) sides[j] = kNeither;
    });
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

}  // namespace tripoint::cpu
