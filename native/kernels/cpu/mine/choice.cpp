#include "kernels/cpu/mine/choice.h"

#include <algorithm>
#include <atomic>
#include <utility>

#include "kernels/cpu/base/triangle.h"
#include "kernels/cpu/mine/choice_keys.h"
#include "kernels/cpu/mine/choice_pairs.h"
#include "kernels/cpu/mine/screened_choice.h"
#include "kernels/cpu/mine/wanted.h"

namespace tripoint::cpu {
namespace {

// Fewer rows are scanned faster than they are screened.
constexpr int64_t kLeastScreened = 192;

template <typename T>
class PlainScan {
 public:
  PlainScan(const PackedRows<T>& rows, const ClassOrder& order, const Wanted<T>& wanted)
      : rows_(rows),
        order_(order),
        wanted_(wanted),
        blocks_((rows.size() + kTile - 1) / kTile),
        locks_(blocks_),
        found_(static_cast<size_t>(rows.size())) {}

  Chosen<T> run_all(const Parallel& parallel) {
    const int64_t size = rows_.size();
    run_triangle(blocks_, size * size * std::max<int64_t>(rows_.width(), 1) / 2, parallel,
                 [&](int64_t upper, int64_t lower) { scan(upper, lower); });
    return {std::move(found_), evaluated_.load()};
  }

 private:
  static constexpr int64_t kTile = 64;
  static_assert(kTile <= kMostEvaluated);

  void scan(int64_t upper, int64_t lower) {
    const Block above(upper, kTile, rows_.size());
    const Block below(lower, kTile, rows_.size());
    const int64_t pairs = pairs_of(order_, wanted_.choice().side, above, below);
    if (pairs == 0) return;
    Least<T> of_rows[kTile];
    Least<T> of_columns[kTile];
    evaluate_pairs(wanted_, order_, above, below, of_rows, of_columns);
    evaluated_.fetch_add(pairs, std::memory_order_relaxed);
    merge(upper, above, of_rows, locks_, found_);
    merge(lower, below, of_columns, locks_, found_);
  }

  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Wanted<T>& wanted_;
  int64_t blocks_;
  BlockLocks locks_;
  std::atomic<int64_t> evaluated_{0};
  std::vector<Least<T>> found_;
};

}  // namespace

template <typename T>
Chooser<T>::Chooser(const PackedRows<T>& rows, const ClassOrder& order, Nearness nearness,
                    Screening screening, const Parallel& parallel)
    : rows_(rows), order_(order), nearness_(nearness), parallel_(parallel) {
  if (screening == Screening::kOff || rows.size() < kLeastScreened || !rows.finite() ||
      nearness == Nearness::kDot) {
    return;
  }
  screen_.emplace(rows, parallel);
  if (!screen_->usable()) screen_.reset();
}

template <typename T>
Chosen<T> Chooser<T>::choose(const Choice& choice, const std::vector<T>* beyond) const {
  const Wanted<T> wanted(rows_, nearness_, choice, beyond);
  if (screen_) {
    const ChoiceKeys<DistanceBound<T>> keys(DistanceBound<T>(*screen_, nearness_), choice);
    std::optional<Chosen<T>> chosen =
        choose_screened(rows_, order_, wanted, *screen_, keys, parallel_);
    if (chosen) return std::move(*chosen);
  }
  return PlainScan<T>(rows_, order_, wanted).run_all(parallel_);
}

template class Chooser<float>;
template class Chooser<double>;

}  // namespace tripoint::cpu
