#ifndef TRIPOINT_KERNELS_CPU_MINE_SORTING_H
#define TRIPOINT_KERNELS_CPU_MINE_SORTING_H

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <vector>

namespace tripoint::cpu {

// Sorts by insertion what is nearly in order, and by comparison what turns out not to be.
template <typename Iterator>
void settle(Iterator begin, Iterator end) {
  constexpr ptrdiff_t kMovesOfItem = 8;
  ptrdiff_t moves = kMovesOfItem * (end - begin);
  for (Iterator next = begin; next != end; ++next) {
    const auto one = *next;
    Iterator hole = next;
    for (; hole != begin && one < *(hole - 1); --hole) *hole = *(hole - 1);
    *hole = one;
    moves -= next - hole;
    if (moves < 0) return std::sort(begin, end);
  }
}

// An order by numbers but for their last bits, counted from the least number.
struct RoughOrder {
  uint32_t least;
  int shift;

  uint32_t bucket(uint32_t number) const { return (number - least) >> shift; }

  // The greatest that is taken for equal.
  uint32_t last_beside(uint32_t number) const {
    const uint32_t rest = (uint32_t{1} << shift) - 1;
    constexpr uint32_t kMost = std::numeric_limits<uint32_t>::max();
    return least + std::min((number - least) | rest, kMost - least);
  }
};

// Sorts items roughly by whole numbers, in a few steps an item and without a branch.
template <typename Item, typename NumberOf>
RoughOrder sort_roughly(std::vector<Item>& items, NumberOf&& number_of) {
  if (items.empty()) return {0, 0};
  uint32_t least = number_of(items[0]);
  uint32_t greatest = least;
  for (const Item& item : items) {
    const uint32_t number = number_of(item);
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  // A few buckets for each item, so that few share one.
  const int bits = static_cast<int>(std::bit_width(greatest - least));
  const RoughOrder order{least,
                         std::max(bits - static_cast<int>(std::bit_width(items.size())) - 1, 0)};
  std::vector<uint32_t> next(order.bucket(greatest) + 2, 0);
  for (const Item& item : items) ++next[order.bucket(number_of(item)) + 1];
  for (size_t bucket = 1; bucket < next.size(); ++bucket) next[bucket] += next[bucket - 1];
  const std::vector<Item> given(items);
  for (const Item& item : given) items[next[order.bucket(number_of(item))]++] = item;
  return order;
}

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
