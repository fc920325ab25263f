#include "kernels/cpu/mine/margin_triplets.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "kernels/cpu/mine/range_scan.h"
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

// The positives of a block of anchors, one anchor after the other, and what may go with each.
template <typename T>
struct BlockPositives {
  std::vector<int32_t> columns;
  std::vector<ValueRange<T>> ranges;
  std::vector<size_t> starts{0};  // of an anchor's

  void add(const ColumnValues<T>& positives, const Gaps<T>& gaps) {
    columns.insert(columns.end(), positives.columns.begin(), positives.columns.end());
    for (const T value : positives.values) ranges.push_back(gaps.beside(value));
    starts.push_back(columns.size());
  }

  // What the last anchor wants of its negatives.
  NegativesWanted<T> wanted() const {
    constexpr T kGreatest = std::numeric_limits<T>::max();
    NegativesWanted<T> wanted{{kGreatest, -kGreatest}, {}};
    wanted.cuts.reserve(2 * (starts.back() - starts[starts.size() - 2]));
    for (size_t p = starts[starts.size() - 2]; p < starts.back(); ++p) {
      const ValueRange<T>& range = ranges[p];
      if (range.empty()) continue;
      wanted.range.above = std::min(wanted.range.above, range.above);
      wanted.range.upto = std::max(wanted.range.upto, range.upto);
      if (range.above > -kGreatest) wanted.cuts.push_back(range.above);
      if (range.upto < kGreatest) wanted.cuts.push_back(range.upto);
    }
    std::sort(wanted.cuts.begin(), wanted.cuts.end());
    return wanted;
  }
};

}  // namespace

MarginTriplets::MarginTriplets(const RelatedBatch& batch, Nearness nearness, bool normalize,
                               TripletKind kind, double margin, Screening screening,
                               const Parallel& parallel)
    : parallel_(parallel) {
  if (batch.embeddings.type == FloatType::kFloat64) {
    mine(batch, nearness, normalize, kind, margin, screening);
  } else {
    mine(batch, nearness, normalize, kind, static_cast<float>(margin), screening);
  }
}

template <typename T>
void MarginTriplets::mine(const RelatedBatch& batch, Nearness nearness, bool normalize,
                          TripletKind kind, T margin, Screening screening) {
  const RelatedScan<T> scan(batch, nearness, normalize, screening, parallel_);
  const Gaps<T> gaps(scan, kind, margin);
  found_.resize(static_cast<size_t>(scan.blocks()));
  starts_.assign(found_.size() + 1, 0);
  scan.each_block([&](int64_t number, const typename RelatedScan<T>::Anchors& anchors) {
    const auto size = static_cast<size_t>(anchors.size());
    BlockPositives<T> positives;
    std::vector<NegativesWanted<T>> wanted(size);
    std::vector<NegativesFound<T>> negatives(size);
    ColumnValues<T> of_anchor;
    for (size_t i = 0; i < size; ++i) {
      anchors.positives(static_cast<int64_t>(i), of_anchor);
      positives.add(of_anchor, gaps);
      wanted[i] = positives.wanted();
    }
    anchors.negatives(wanted, negatives);

    const RangeScanKernels<T>& kernels = range_scan_kernels<T>();
    const auto each_positive = [&](auto&& positive) {
      for (size_t i = 0; i < size; ++i) {
        const ColumnValues<T>& inside = negatives[i].inside;
        if (inside.values.empty()) continue;
        for (size_t p = positives.starts[i]; p < positives.starts[i + 1]; ++p) {
          positive(i, p, inside);
        }
      }
    };
    Found& found = found_[static_cast<size_t>(number)];
    int64_t total = 0;
    each_positive([&](size_t i, size_t p, const ColumnValues<T>& inside) {
      const ValueRange<T>& range = positives.ranges[p];
      const int64_t count =
          kernels.count(inside.values.data(), inside.size(), range.above, range.upto);
      const int64_t anchor = anchors.anchor(static_cast<int64_t>(i));
      found.runs.push_back({static_cast<int32_t>(anchor), positives.columns[p], count});
      total += count;
    });
    starts_[static_cast<size_t>(number + 1)] = total;
    found.negatives = scratch_array<int32_t>(static_cast<size_t>(total + 1));
    int32_t* target = found.negatives.get();
    auto run = found.runs.begin();
    each_positive([&](size_t, size_t p, const ColumnValues<T>& inside) {
      const ValueRange<T>& range = positives.ranges[p];
      if (run->count > 0) {
        kernels.take(inside.values.data(), inside.columns.data(), inside.size(), range.above,
                     range.upto, target);
      }
      target += (run++)->count;
    });
    std::erase_if(found.runs, [](const Run& run) { return run.count == 0; });
    found.runs.shrink_to_fit();
  });
  for (size_t block = 0; block < found_.size(); ++block) starts_[block + 1] += starts_[block];
}

void MarginTriplets::write(int64_t* anchor, int64_t* positive, int64_t* negative) {
  run(parallel_, count(), static_cast<int64_t>(found_.size()), [&](int64_t begin, int64_t end) {
    for (auto block = static_cast<size_t>(begin); block < static_cast<size_t>(end); ++block) {
      int64_t at = starts_[block];
      Found& found = found_[block];
      std::copy_n(found.negatives.get(), starts_[block + 1] - at, negative + at);
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
