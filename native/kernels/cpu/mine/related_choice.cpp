#include "kernels/cpu/mine/related_choice.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "kernels/cpu/mine/anchor_scan.h"

namespace tripoint::cpu {
namespace {

// Fewer are scanned faster than they are screened.
constexpr int64_t kLeastAnchors = 24;
constexpr int64_t kLeastColumns = 192;

// Enough blocks of anchors for many threads, of as many whole groups as that leaves.
constexpr int64_t kLeastBlocks = 16;

int64_t block_of(int64_t anchors) {
  const int64_t groups = anchors / (kLeastBlocks * kIntegerGroup) + 1;
  return std::min(groups * kIntegerGroup, kIntegerTile);
}

}  // namespace

template <typename T>
RelatedChooser<T>::RelatedChooser(const PackedRows<T>& rows, const RelatedBatch& batch,
                                  Nearness nearness, Screening screening, const Parallel& parallel)
    : rows_(rows), batch_(batch), nearness_(nearness), parallel_(parallel) {
  if (screening == Screening::kOff || batch.relation.anchors() < kLeastAnchors ||
      batch.relation.columns() < kLeastColumns || !rows.finite()) {
    return;
  }
  if (nearness == Nearness::kDot) {
    products_.emplace(rows, batch.first_column(), batch.relation.columns(), parallel);
    if (!products_->usable()) products_.reset();
    return;
  }
  screen_.emplace(rows, parallel);
  if (!screen_->usable()) screen_.reset();
}

template <typename T>
std::vector<Chosen<T>> RelatedChooser<T>::choose(const std::vector<Choice>& choices) const {
  std::vector<Wanted<T>> wanted;
  for (const Choice& choice : choices) wanted.emplace_back(rows_, nearness_, choice, nullptr);
  return choose(wanted);
}

template <typename T>
Chosen<T> RelatedChooser<T>::choose(const Choice& choice, const std::vector<T>& beyond) const {
  return std::move(
      choose(std::vector<Wanted<T>>{Wanted<T>(rows_, nearness_, choice, &beyond)}).front());
}

template <typename T>
std::vector<Chosen<T>> RelatedChooser<T>::choose(const std::vector<Wanted<T>>& wanted) const {
  const int64_t anchors = batch_.relation.anchors();
  std::vector<Chosen<T>> chosen(wanted.size());
  for (Chosen<T>& one : chosen) one.found.resize(static_cast<size_t>(anchors));
  const int64_t work = anchors * batch_.relation.columns() * std::max<int64_t>(rows_.width(), 1);
  std::atomic<int64_t> evaluated{0};
  const int64_t width = block_of(anchors);
  const bool has_screen = screen_ || products_;
  run(parallel_, has_screen ? work / 2 : work, (anchors + width - 1) / width,
      [&](int64_t begin, int64_t end) {
        for (int64_t number = begin; number < end; ++number) {
          const Block block(number, width, anchors);
          AnchorScan<T> scan(rows_, batch_, wanted, nearness_, block);
          const int64_t first = batch_.first_column();
          const bool done =
              (screen_ && scan.screened(DistanceTiles<T>(*screen_, nearness_, block, first))) ||
              (products_ && scan.screened(ProductTiles<T>(*products_, block, first)));
          if (!done) scan.plain();
          for (size_t w = 0; w < wanted.size(); ++w) {
            for (int64_t a = block.begin; a < block.end; ++a) {
              chosen[w].found[static_cast<size_t>(a)] = scan.found(w, a);
            }
          }
          evaluated.fetch_add(scan.evaluated(), std::memory_order_relaxed);
        }
      });
  if (!chosen.empty()) chosen.front().evaluated = evaluated.load();
  return chosen;
}

template class RelatedChooser<float>;
template class RelatedChooser<double>;

}  // namespace tripoint::cpu
