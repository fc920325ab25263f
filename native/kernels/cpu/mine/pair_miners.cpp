#include "kernels/cpu/mine/pair_miners.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/mine/related_scan.h"

namespace tripoint::cpu {
namespace {

template <typename T>
constexpr T kFar = std::numeric_limits<T>::infinity();

// By blocks of anchors: wanted(positives) says what an anchor with these wants of its negatives,
// keep(value, found) whether a positive of that value is kept beside what was found of them.
template <typename T, typename Wanted, typename Keep>
MinedSides mine_pairs(const RelatedScan<T>& scan, Wanted&& wanted_beside, Keep&& keep) {
  MinedSides sides{MinedPairs(scan.blocks()), MinedPairs(scan.blocks())};
  scan.each_block([&](int64_t number, const typename RelatedScan<T>::Anchors& anchors) {
    const auto size = static_cast<size_t>(anchors.size());
    std::vector<ColumnValues<T>> positives(size);
    std::vector<NegativesWanted<T>> wanted(size);
    std::vector<NegativesFound<T>> found(size);
    for (size_t i = 0; i < size; ++i) {
      anchors.positives(static_cast<int64_t>(i), positives[i]);
      wanted[i] = wanted_beside(positives[i]);
    }
    anchors.negatives(wanted, found);

    MinedPairs::OfBlock& kept_positives = sides.positives.block(number);
    MinedPairs::OfBlock& kept_negatives = sides.negatives.block(number);
    kept_positives.first_anchor = kept_negatives.first_anchor = anchors.anchor(0);
    for (size_t i = 0; i < size; ++i) {
      const size_t before = kept_positives.columns.size();
      for (size_t p = 0; p < positives[i].values.size(); ++p) {
        if (keep(positives[i].values[p], found[i])) {
          kept_positives.columns.push_back(positives[i].columns[p]);
        }
      }
      const std::vector<int32_t>& inside = found[i].inside.columns;
      kept_negatives.columns.insert(kept_negatives.columns.end(), inside.begin(), inside.end());
      kept_positives.counts.push_back(static_cast<int32_t>(kept_positives.columns.size() - before));
      kept_negatives.counts.push_back(static_cast<int32_t>(inside.size()));
    }
    kept_positives.columns.shrink_to_fit();
    kept_negatives.columns.shrink_to_fit();
  });
  return sides;
}

template <typename T>
MinedSides similarity_pairs_in(const RelatedBatch& batch, Nearness nearness, bool normalize,
                               T epsilon, Screening screening, const Parallel& parallel) {
  const RelatedScan<T> scan(batch, nearness, normalize, screening, parallel);
  const auto wanted = [&](const ColumnValues<T>& positives) -> NegativesWanted<T> {
    if (positives.values.empty()) return {{-kFar<T>, -kFar<T>}, {}, false};
    const T farthest =
        scan.distance(*std::max_element(positives.values.begin(), positives.values.end()));
    const T upto = last_that(scan.value_near(farthest + epsilon),
                             [&](T value) { return scan.distance(value) - epsilon < farthest; });
    return {{-kFar<T>, upto}, {upto}, true};
  };
  return mine_pairs(scan, wanted, [&](T value, const NegativesFound<T>& negatives) {
    return negatives.nearest < kFar<T> &&
           scan.distance(value) + epsilon > scan.distance(negatives.nearest);
  });
}

template <typename T>
MinedSides margin_pairs_in(const RelatedBatch& batch, Nearness nearness, bool normalize,
                           T positive_margin, T negative_margin, Screening screening,
                           const Parallel& parallel) {
  const RelatedScan<T> scan(batch, nearness, normalize, screening, parallel);
  const T sign = nearness == Nearness::kDot ? T{-1} : T{1};
  const T beyond = sign * positive_margin, within = sign * negative_margin;
  const T upto =
      last_that(scan.value_near(within), [&](T value) { return scan.distance(value) < within; });
  const NegativesWanted<T> wanted{{-kFar<T>, upto}, {upto}, false};
  return mine_pairs(
      scan, [&](const ColumnValues<T>&) { return wanted; },
      [&](T value, const NegativesFound<T>&) { return scan.distance(value) > beyond; });
}

}  // namespace

MinedSides similarity_pairs(const RelatedBatch& batch, Nearness nearness, bool normalize,
                            double epsilon, Screening screening, const Parallel& parallel) {
  return batch.embeddings.type == FloatType::kFloat64
             ? similarity_pairs_in(batch, nearness, normalize, epsilon, screening, parallel)
             : similarity_pairs_in(batch, nearness, normalize, static_cast<float>(epsilon),
                                   screening, parallel);
}

MinedSides margin_pairs(const RelatedBatch& batch, Nearness nearness, bool normalize,
                        double positive_margin, double negative_margin, Screening screening,
                        const Parallel& parallel) {
  return batch.embeddings.type == FloatType::kFloat64
             ? margin_pairs_in(batch, nearness, normalize, positive_margin, negative_margin,
                               screening, parallel)
             : margin_pairs_in(batch, nearness, normalize, static_cast<float>(positive_margin),
                               static_cast<float>(negative_margin), screening, parallel);
}

}  // namespace tripoint::cpu
