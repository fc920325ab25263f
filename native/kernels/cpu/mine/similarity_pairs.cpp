#include "kernels/cpu/mine/similarity_pairs.h"

#include <algorithm>
#include <limits>

#include "kernels/cpu/mine/related_scan.h"

namespace tripoint::cpu {

void SimilarityPairs::Side::resize(int64_t size) {
  blocks.resize(static_cast<size_t>(size));
  starts.assign(blocks.size() + 1, 0);
}

void SimilarityPairs::Side::add_up() {
  for (size_t block = 0; block < blocks.size(); ++block) {
    starts[block + 1] = starts[block] + static_cast<int64_t>(blocks[block].columns.size());
  }
}

SimilarityPairs::SimilarityPairs(const RelatedBatch& batch, Nearness nearness, bool normalize,
                                 double epsilon, Screening screening, const Parallel& parallel)
    : parallel_(parallel) {
  if (batch.embeddings.type == FloatType::kFloat64) {
    mine(batch, nearness, normalize, epsilon, screening);
  } else {
    mine(batch, nearness, normalize, static_cast<float>(epsilon), screening);
  }
}

template <typename T>
void SimilarityPairs::mine(const RelatedBatch& batch, Nearness nearness, bool normalize, T epsilon,
                           Screening screening) {
  constexpr T kNone = -std::numeric_limits<T>::infinity();
  const RelatedScan<T> scan(batch, nearness, normalize, screening, parallel_);
  positives_.resize(scan.blocks());
  negatives_.resize(scan.blocks());
  scan.each_block([&](int64_t number, const typename RelatedScan<T>::Anchors& anchors) {
    const auto size = static_cast<size_t>(anchors.size());
    std::vector<ColumnValues<T>> positives(size);
    std::vector<NegativesWanted<T>> wanted(size, {{kNone, kNone}, {}});
    std::vector<NegativesFound<T>> found(size);
    for (size_t i = 0; i < size; ++i) {
      anchors.positives(static_cast<int64_t>(i), positives[i]);
      if (positives[i].values.empty()) continue;
      const T farthest =
          scan.distance(*std::max_element(positives[i].values.begin(), positives[i].values.end()));
      const T upto = last_that(scan.value_near(farthest + epsilon),
                               [&](T value) { return scan.distance(value) - epsilon < farthest; });
      wanted[i] = {{kNone, upto}, {upto}, true};
    }
    anchors.negatives(wanted, found);

    OfBlock& kept_positives = positives_.blocks[static_cast<size_t>(number)];
    OfBlock& kept_negatives = negatives_.blocks[static_cast<size_t>(number)];
    kept_positives.first_anchor = kept_negatives.first_anchor = anchors.anchor(0);
    for (size_t i = 0; i < size; ++i) {
      const size_t before = kept_positives.columns.size();
      const std::vector<int32_t>& inside = found[i].inside.columns;
      if (found[i].nearest < std::numeric_limits<T>::infinity()) {
        const T nearest = scan.distance(found[i].nearest);
        for (size_t p = 0; p < positives[i].values.size(); ++p) {
          if (scan.distance(positives[i].values[p]) + epsilon > nearest) {
            kept_positives.columns.push_back(positives[i].columns[p]);
          }
        }
      }
      kept_negatives.columns.insert(kept_negatives.columns.end(), inside.begin(), inside.end());
      kept_positives.counts.push_back(static_cast<int32_t>(kept_positives.columns.size() - before));
      kept_negatives.counts.push_back(static_cast<int32_t>(inside.size()));
    }
    kept_positives.columns.shrink_to_fit();
    kept_negatives.columns.shrink_to_fit();
  });
  positives_.add_up();
  negatives_.add_up();
}

void SimilarityPairs::write(Side& side, int64_t* anchor, int64_t* column) {
  run(parallel_, side.count(), static_cast<int64_t>(side.blocks.size()),
      [&](int64_t begin, int64_t end) {
        for (auto number = static_cast<size_t>(begin); number < static_cast<size_t>(end);
             ++number) {
          OfBlock& block = side.blocks[number];
          int64_t at = side.starts[number];
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
