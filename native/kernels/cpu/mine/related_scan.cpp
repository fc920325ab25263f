#include "kernels/cpu/mine/related_scan.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tripoint::cpu {
namespace {

constexpr int64_t kMostAnchors = 96;
constexpr int64_t kLeastAnchors = 8;
constexpr int64_t kLeastBlocks = 16;
constexpr int64_t kColumnsAtOnce = 256;

// Enough blocks for many threads, of as many anchors as that leaves.
int64_t block_of(int64_t anchors) {
  return std::clamp((anchors + kLeastBlocks - 1) / kLeastBlocks, kLeastAnchors, kMostAnchors);
}

}  // namespace

template <typename T>
RelatedScan<T>::RelatedScan(const RelatedBatch& batch, Nearness nearness, bool normalize,
                            const Parallel& parallel)
    : relation_(batch.relation),
      nearness_(nearness),
      parallel_(parallel),
      rows_(batch, packing_of(nearness), parallel, normalize),
      values_(nearness, std::nullopt, std::nullopt),
      first_column_(batch.first_column()),
      block_(block_of(relation_.anchors())) {}

template <typename T>
RelatedScan<T>::Anchors::Anchors(const RelatedScan& scan, const Block& block)
    : scan_(scan),
      block_(block),
      sides_(static_cast<size_t>(block.size() * scan.relation_.columns())) {
  const int64_t columns = scan.relation_.columns();
  for (int64_t i = 0; i < size(); ++i) {
    scan.relation_.read(anchor(i), 0, columns, sides_.data() + i * columns);
  }
}

template <typename T>
void RelatedScan<T>::Anchors::positives(int64_t number, ColumnValues<T>& found) const {
  found.clear();
  const int64_t columns = scan_.relation_.columns();
  const uint8_t* const side = sides(number);
  const uint8_t* const end = side + columns;
  for (const uint8_t* next = std::find(side, end, kPositive); next != end;
       next = std::find(next + 1, end, kPositive)) {
    T value;
    scan_.values(anchor(number), next - side, 1, &value);
    if (std::isfinite(value)) found.add(next - side, value);
  }
}

template <typename T>
void RelatedScan<T>::Anchors::negatives(const std::vector<NegativesWanted<T>>& wanted,
                                        std::vector<NegativesFound<T>>& found) const {
  const int64_t columns = scan_.relation_.columns();
  for (int64_t i = 0; i < size(); ++i) {
    const NegativesWanted<T>& want = wanted[static_cast<size_t>(i)];
    NegativesFound<T>& of_anchor = found[static_cast<size_t>(i)];
    of_anchor.inside.clear();
    of_anchor.nearest = std::numeric_limits<T>::infinity();
    if (!want.any()) continue;
    T values[kColumnsAtOnce];
    for (int64_t first = 0; first < columns; first += kColumnsAtOnce) {
      const int64_t count = std::min(kColumnsAtOnce, columns - first);
      scan_.values(anchor(i), first, count, values);
      for (int64_t j = 0; j < count; ++j) {
        if (sides(i)[first + j] != kNegative || !std::isfinite(values[j])) continue;
        if (want.nearest) of_anchor.nearest = std::min(of_anchor.nearest, values[j]);
        if (want.range.holds(values[j])) of_anchor.inside.add(first + j, values[j]);
      }
    }
  }
}

template class RelatedScan<float>;
template class RelatedScan<double>;

}  // namespace tripoint::cpu
