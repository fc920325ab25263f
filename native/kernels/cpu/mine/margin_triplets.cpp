#include "kernels/cpu/mine/margin_triplets.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/cpu/mine/related_scan.h"

namespace tripoint::cpu {
namespace {

// Which negatives go with a positive: those that are farther by more than one number and by no more
// than another.
template <typename T>
class Gaps {
 public:
  Gaps(const RelatedScan<T>& scan, TripletKind kind, T margin) : scan_(scan) {
    switch (kind) {
      case TripletKind::kAll:
        most_ = margin;
        break;
      case TripletKind::kHard:
        most_ = std::min(margin, T{0});
        break;
      case TripletKind::kSemihard:
        above_ = T{0};
        most_ = margin;
        break;
      case TripletKind::kEasy:
        above_ = margin;
        break;
    }
  }

  // The values that a negative may have.
  ValueRange<T> beside(T positive) const {
    const T distance = scan_.distance(positive);
    return {above_ ? last_within(distance, *above_) : -std::numeric_limits<T>::infinity(),
            most_ ? last_within(distance, *most_) : std::numeric_limits<T>::max()};
  }

 private:
  // The greatest value of a gap up to a limit.
  T last_within(T distance, T limit) const {
    return last_that(scan_.value_near(distance + limit),
                     [&](T value) { return scan_.distance(value) - distance <= limit; });
  }

  const RelatedScan<T>& scan_;
  std::optional<T> above_;
  std::optional<T> most_;
};

template <typename T>
NegativesWanted<T> wanted_by(const std::vector<ValueRange<T>>& ranges) {
  NegativesWanted<T> wanted{{std::numeric_limits<T>::max(), -std::numeric_limits<T>::max()}, {}};
  for (const ValueRange<T>& range : ranges) {
    if (range.empty()) continue;
    wanted.range.above = std::min(wanted.range.above, range.above);
    wanted.range.upto = std::max(wanted.range.upto, range.upto);
    wanted.cuts.push_back(range.above);
    wanted.cuts.push_back(range.upto);
  }
  std::sort(wanted.cuts.begin(), wanted.cuts.end());
  return wanted;
}

}  // namespace

MarginTriplets::MarginTriplets(const RelatedBatch& batch, Nearness nearness, bool normalize,
                               TripletKind kind, double margin, const Parallel& parallel)
    : parallel_(parallel) {
  if (batch.embeddings.type == FloatType::kFloat64) {
    mine(batch, nearness, normalize, kind, margin);
  } else {
    mine(batch, nearness, normalize, kind, static_cast<float>(margin));
  }
}

template <typename T>
void MarginTriplets::mine(const RelatedBatch& batch, Nearness nearness, bool normalize,
                          TripletKind kind, T margin) {
  const RelatedScan<T> scan(batch, nearness, normalize, parallel_);
  const Gaps<T> gaps(scan, kind, margin);
  found_.resize(static_cast<size_t>(scan.blocks()));
  starts_.assign(found_.size() + 1, 0);
  scan.each_block([&](int64_t number, const typename RelatedScan<T>::Anchors& anchors) {
    const auto size = static_cast<size_t>(anchors.size());
    std::vector<std::vector<int32_t>> positives(size);
    std::vector<std::vector<ValueRange<T>>> ranges(size);
    std::vector<NegativesWanted<T>> wanted(size);
    std::vector<NegativesFound<T>> negatives(size);
    ColumnValues<T> of_anchor;
    for (size_t i = 0; i < size; ++i) {
      anchors.positives(static_cast<int64_t>(i), of_anchor);
      positives[i] = of_anchor.columns;
      for (const T value : of_anchor.values) ranges[i].push_back(gaps.beside(value));
      wanted[i] = wanted_by(ranges[i]);
    }
    anchors.negatives(wanted, negatives);

    Found& found = found_[static_cast<size_t>(number)];
    for (size_t i = 0; i < size; ++i) {
      const ColumnValues<T>& inside = negatives[i].inside;
      for (size_t p = 0; p < ranges[i].size(); ++p) {
        const size_t before = found.negatives.size();
        for (size_t n = 0; n < inside.values.size(); ++n) {
          if (ranges[i][p].holds(inside.values[n])) found.negatives.push_back(inside.columns[n]);
        }
        const auto count = static_cast<int64_t>(found.negatives.size() - before);
        if (count == 0) continue;
        const int64_t anchor = anchors.anchor(static_cast<int64_t>(i));
        found.runs.push_back({static_cast<int32_t>(anchor), positives[i][p], count});
      }
    }
    found.negatives.shrink_to_fit();
    starts_[static_cast<size_t>(number + 1)] = static_cast<int64_t>(found.negatives.size());
  });
  for (size_t block = 0; block < found_.size(); ++block) starts_[block + 1] += starts_[block];
}

void MarginTriplets::write(int64_t* anchor, int64_t* positive, int64_t* negative) {
  run(parallel_, count(), static_cast<int64_t>(found_.size()), [&](int64_t begin, int64_t end) {
    for (auto block = static_cast<size_t>(begin); block < static_cast<size_t>(end); ++block) {
      int64_t at = starts_[block];
      Found& found = found_[block];
      std::copy(found.negatives.begin(), found.negatives.end(), negative + at);
      for (const Run& run : found.runs) {
        std::fill_n(anchor + at, run.count, run.anchor);
        std::fill_n(positive + at, run.count, run.positive);
        at += run.count;
      }
      found = {};
    }
  });
}

}  // namespace tripoint::cpu
