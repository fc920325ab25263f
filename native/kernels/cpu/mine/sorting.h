#ifndef TRIPOINT_KERNELS_CPU_MINE_SORTING_H
#define TRIPOINT_KERNELS_CPU_MINE_SORTING_H

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tripoint::cpu {

// Sorts by insertion what is nearly in order, and by comparison what turns out not to be.
template <typename Iterator>
void settle(Iterator begin, Iterator end) {
  constexpr ptrdiff_t kMovesOfItem = 8;
  ptrdiff_t moves = kMovesOfItem * (end - begin);
  if (begin == end) return;
  for (Iterator next = begin + 1; next != end; ++next) {
    if (!(*next < *(next - 1))) continue;
    const auto one = *next;
    Iterator hole = next;
    do {
      *hole = *(hole - 1);
      --hole;
    } while (hole != begin && one < *(hole - 1));
    *hole = one;
    moves -= next - hole;
    if (moves < 0) return std::sort(begin, end);
  }
}

// Items by whole numbers but for the last bits of these, in a few steps an item and without a
// branch.
template <typename Item, typename NumberOf>
class RoughOrder {
 public:
  // Of at least one item; they must stay.
  RoughOrder(const std::vector<Item>& items, NumberOf number_of)
      : items_(items), number_of_(number_of), least_(number_of(items[0])), greatest_(least_) {
    for (const Item& item : items) {
      const uint32_t number = number_of_(item);
      least_ = std::min(least_, number);
      greatest_ = std::max(greatest_, number);
    }
    // A few buckets for each item, so that few share one.
    const int bits = static_cast<int>(std::bit_width(greatest_ - least_));
    shift_ = std::max(bits - static_cast<int>(std::bit_width(items.size())) - 1, 0);
    ends_.resize(bucket_of(greatest_) + size_t{1});
    for (const Item& item : items) ++ends_[bucket_of(number_of_(item))];
    for (size_t bucket = 1; bucket < ends_.size(); ++bucket) ends_[bucket] += ends_[bucket - 1];
  }

  // A number that is no less than the count-th least of the items' numbers, and little more.
  uint32_t upto(size_t count) const {
    const auto found = std::lower_bound(ends_.begin(), ends_.end(), count);
    return last_of(static_cast<uint32_t>(found - ends_.begin()));
  }

  // What `of` makes of each item up to a number, and perhaps of some that are little beyond it. The
  // order can be asked for no more.
  template <typename Of>
  auto take(uint32_t last, Of&& of) {
    std::vector<decltype(of(items_[0]))> taken;
    if (last < least_) return taken;
    const uint32_t bucket = bucket_of(std::min(last, greatest_));
    taken.resize(ends_[bucket]);
    const uint32_t limit = last_of(bucket);
    // From the last on, so that those of a bucket stay in their order.
    for (auto item = items_.rbegin(); item != items_.rend(); ++item) {
      const uint32_t number = number_of_(*item);
      if (number <= limit) taken[--ends_[bucket_of(number)]] = of(*item);
    }
    return taken;
  }

 private:
  uint32_t bucket_of(uint32_t number) const { return (number - least_) >> shift_; }

  // The greatest number of a bucket.
  uint32_t last_of(uint32_t bucket) const {
    const uint32_t rest = (uint32_t{1} << shift_) - 1;
    return least_ + std::min((bucket << shift_) | rest, greatest_ - least_);
  }

  const std::vector<Item>& items_;
  NumberOf number_of_;
  uint32_t least_;
  uint32_t greatest_;
  int shift_;
  std::vector<uint32_t> ends_;  // of the buckets
};

// A number that is no less than the count-th least of these, and little more.
inline int32_t little_above(const int32_t* numbers, int64_t size, int64_t count) {
  constexpr int kBits = 10;
  const auto [least, greatest] = std::minmax_element(numbers, numbers + size);
  const auto distance = [&](int32_t number) {
    return static_cast<uint32_t>(number) - static_cast<uint32_t>(*least);
  };
  const int shift = std::max(static_cast<int>(std::bit_width(distance(*greatest))) - kBits, 0);
  uint32_t counts[size_t{1} << kBits] = {};
  for (int64_t j = 0; j < size; ++j) ++counts[distance(numbers[j]) >> shift];
  int64_t before = 0;
  uint32_t bucket = 0;
  for (; before + counts[bucket] < count; ++bucket) before += counts[bucket];
  const uint32_t last = ((bucket + 1) << shift) - 1;
  return static_cast<int32_t>(static_cast<uint32_t>(*least) + std::min(last, distance(*greatest)));
}

}  // namespace tripoint::cpu

#endif
