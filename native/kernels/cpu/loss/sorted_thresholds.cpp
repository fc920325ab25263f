#include "kernels/cpu/loss/sorted_thresholds.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace tripoint::cpu {
namespace {

// Up to this many thresholds, comparing with each is faster than searching.
constexpr int64_t kFew = 16;

// Buckets a threshold, so that most have one or none, and the most that stay in the near cache.
constexpr int64_t kBucketsOfThreshold = 4;
constexpr int64_t kMostBuckets = 4096;

// Longer buckets are not sorted by insertion.
constexpr int32_t kLongBucket = 16;

}  // namespace

template <typename T>
void SortedThresholds<T>::sort(T margin) {
  view_ = {};
  view_.count = static_cast<int32_t>(size());
  if (size() <= kFew) {
    sorted_ = unsorted_;
    std::sort(sorted_.begin(), sorted_.end());
  } else {
    sort_in_buckets(margin);
  }
  const int64_t after = int64_t{1} << view_.steps;
  beyond_.resize(static_cast<size_t>(1 + size() + after));
  beyond_[0] = -std::numeric_limits<T>::infinity();
  for (int64_t r = 0; r < size(); ++r) {
    // What counts nowhere is that far too, and not below it.
    beyond_[static_cast<size_t>(1 + r)] =
        std::min(distance(r) + margin, std::numeric_limits<T>::max());
  }
  std::fill(beyond_.begin() + 1 + size(), beyond_.end(), std::numeric_limits<T>::infinity());
  view_.beyond = beyond_.data() + 1;
}

template <typename T>
void SortedThresholds<T>::sort_in_buckets(T margin) {
  const auto [nearest, farthest] = std::minmax_element(unsorted_.begin(), unsorted_.end());
  const auto buckets = static_cast<int64_t>(
      std::bit_ceil(static_cast<uint64_t>(std::min(size() * kBucketsOfThreshold, kMostBuckets))));
  view_.least = nearest->distance + margin;
  view_.last_bucket = static_cast<T>(buckets - 1);
  const T scale = view_.last_bucket / ((farthest->distance + margin) - view_.least);
  view_.scale = std::isfinite(scale) ? scale : 0;
  starts_.assign(static_cast<size_t>(buckets + 1), 0);
  buckets_.resize(unsorted_.size());
  for (size_t i = 0; i < unsorted_.size(); ++i) {
    T place = ((unsorted_[i].distance + margin) - view_.least) * view_.scale;
    place = place > 0 ? place : 0;
    place = place < view_.last_bucket ? place : view_.last_bucket;
    buckets_[i] = static_cast<int32_t>(place);
    ++starts_[static_cast<size_t>(buckets_[i] + 1)];
  }
  const int32_t most = *std::max_element(starts_.begin(), starts_.end());
  view_.steps = static_cast<int32_t>(std::bit_width(static_cast<uint32_t>(most)));
  for (size_t b = 1; b < starts_.size(); ++b) starts_[b] += starts_[b - 1];
  view_.starts = starts_.data();
  // Each goes behind those of its bucket that came before, by which the bucket's start moves on to
  // the next one's; it is moved back after.
  sorted_.resize(unsorted_.size());
  for (size_t i = 0; i < unsorted_.size(); ++i) {
    sorted_[static_cast<size_t>(starts_[static_cast<size_t>(buckets_[i])]++)] = unsorted_[i];
  }
  std::copy_backward(starts_.begin(), starts_.end() - 1, starts_.end());
  starts_[0] = 0;
  if (most > kLongBucket) {
    for (size_t b = 0; b + 1 < starts_.size(); ++b) {
      std::sort(sorted_.begin() + starts_[b], sorted_.begin() + starts_[b + 1]);
    }
    return;
  }
  for (size_t i = 1; i < sorted_.size(); ++i) {
    const Threshold moved = sorted_[i];
    size_t place = i;
    for (; place > 0 && moved < sorted_[place - 1]; --place) sorted_[place] = sorted_[place - 1];
    sorted_[place] = moved;
  }
}

template class SortedThresholds<float>;
template class SortedThresholds<double>;

}  // namespace tripoint::cpu
