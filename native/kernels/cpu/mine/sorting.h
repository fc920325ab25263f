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
  for (Iterator next = begin; next != end; ++next) {
    const auto one = *next;
    Iterator hole = next;
    for (; hole != begin && one < *(hole - 1); --hole) *hole = *(hole - 1);
    *hole = one;
    moves -= next - hole;
    if (moves < 0) return std::sort(begin, end);
  }
}

// Sorts items by whole numbers, in which they are ordered but for items of equal numbers. Where the
// numbers are spread evenly it takes a few steps an item.
template <typename Item, typename NumberOf>
void sort_by_number(std::vector<Item>& items, NumberOf&& number_of) {
  constexpr size_t kFewest = 32;
  if (items.size() < kFewest) return settle(items.begin(), items.end());
  uint64_t least = number_of(items[0]);
  uint64_t greatest = least;
  for (const Item& item : items) {
    const uint64_t number = number_of(item);
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  // About as many buckets as items.
  const int bits = static_cast<int>(std::bit_width(greatest - least));
  const int shift = std::max(bits - static_cast<int>(std::bit_width(items.size())), 0);
  std::vector<uint32_t> ends(static_cast<size_t>((greatest - least) >> shift) + 2, 0);
  for (const Item& item : items) ++ends[((number_of(item) - least) >> shift) + 1];
  for (size_t bucket = 1; bucket < ends.size(); ++bucket) ends[bucket] += ends[bucket - 1];
  const std::vector<Item> given(items);
  for (const Item& item : given) items[ends[(number_of(item) - least) >> shift]++] = item;
  uint32_t begin = 0;
  for (const uint32_t end : ends) {
    if (end - begin > 1) settle(items.begin() + begin, items.begin() + end);
    begin = end;
  }
}

}  // namespace tripoint::cpu

#endif
