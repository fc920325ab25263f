#ifndef TRIPOINT_KERNELS_CPU_LOSS_SORTED_THRESHOLDS_H
#define TRIPOINT_KERNELS_CPU_LOSS_SORTED_THRESHOLDS_H

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace tripoint::cpu {

// Ascending thresholds as the loops over a row of a tile read them. A distance falls into a bucket,
// whose number grows with it; those of the bucket's thresholds that lie beyond it are searched in
// `steps` halvings.
template <typename T>
struct ThresholdView {
  const T* beyond;  // beyond[-1] is below all distances, and so many after the last are beyond them
  const int32_t* starts;  // of a bucket: how many thresholds lie in buckets below it
  T least;
  T scale;        // buckets a unit of distance
  T last_bucket;  // its number
  int32_t count;
  int32_t steps;  // 0: few enough to be compared with one by one
};

// The thresholds of an anchor: its distances to positives, plus the margin.
template <typename T>
class SortedThresholds {
 public:
  void clear() { unsorted_.clear(); }
  void add(T distance, int64_t column) {
    unsorted_.push_back({distance, static_cast<int32_t>(column)});
  }
  void sort(T margin);

  int64_t size() const { return static_cast<int64_t>(unsorted_.size()); }
  T distance(int64_t rank) const { return sorted_[static_cast<size_t>(rank)].distance; }
  int64_t column(int64_t rank) const { return sorted_[static_cast<size_t>(rank)].column; }
  const ThresholdView<T>& view() const { return view_; }

  // How many of them a distance is not active with, where `active` says so for one of them. They
  // are the lowest ones, since rounding keeps order. `guess` is about as many.
  template <typename Active>
  int64_t inactive(int64_t guess, Active&& active) const {
    int64_t step = 1;
    int64_t begin = guess;
    int64_t end = guess;
    while (begin > 0 && active(distance(begin - 1))) {
      end = begin - 1;
      begin = std::max<int64_t>(begin - step, 0);
      step *= 2;
    }
    for (step = 1; end < size() && !active(distance(end)); step *= 2) {
      begin = end + 1;
      end = std::min(end + step, size());
    }
    while (begin < end) {
      const int64_t middle = (begin + end) / 2;
      if (active(distance(middle))) {
        end = middle;
      } else {
        begin = middle + 1;
      }
    }
    return begin;
  }

 private:
  struct Threshold {
    T distance;
    int32_t column;

    bool operator<(const Threshold& other) const { return distance < other.distance; }
  };

  void sort_in_buckets(T margin);

  std::vector<Threshold> unsorted_;
  std::vector<Threshold> sorted_;
  std::vector<T> beyond_;
  std::vector<int32_t> starts_;
  std::vector<int32_t> buckets_;
  ThresholdView<T> view_{};
};

}  // namespace tripoint::cpu

#endif
