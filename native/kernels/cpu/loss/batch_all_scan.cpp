#include "kernels/cpu/loss/batch_all_scan.h"

#include <algorithm>
#include <vector>

namespace tripoint::cpu {
namespace {

constexpr int64_t kBlock = 128;  // anchors whose distances are kept at a time
constexpr int64_t kGroup =
    8;  // anchors of one task: so often is a tile of rows used once it is in the cache
constexpr int64_t kTile = 64;  // rows of such a tile

// Up to this many positives, comparing with each is faster than searching.
constexpr int64_t kFewPositives = 16;

template <typename T>
struct Threshold {
  T distance;
  int64_t position;

  bool operator<(const Threshold& other) const {
    return distance != other.distance ? distance < other.distance : position < other.position;
  }
};

template <typename T>
class Scan {
 public:
  Scan(const BatchAllInput<T>& input, const GradientTarget& target)
      : input_(input),
        rows_(input.rows),
        order_(input.order),
        parallel_(input.parallel),
        size_(input.rows.size()),
        width_(input.rows.width()),
        weights_(static_cast<size_t>(std::min(kBlock, size_) * size_)),
        gradient_(input.rows, target),
        weight_sums_(static_cast<size_t>(size_)),
        losses_(static_cast<size_t>(size_)),
        active_(static_cast<size_t>(size_)) {}

  void run_all() {
    gradient_.clear(parallel_);
    for (int64_t first = 0; first < size_; first += kBlock) {
      const int64_t count = std::min(kBlock, size_ - first);
      const int64_t work = 2 * count * size_ * std::max<int64_t>(width_, 1);
      run(parallel_, work, (count + kGroup - 1) / kGroup, [&](int64_t begin, int64_t end) {
        Scratch scratch(size_);
        for (int64_t group = begin; group < end; ++group) {
          const int64_t start = first + group * kGroup;
          anchors(first, start, std::min(start + kGroup, first + count), scratch);
        }
      });
      run(parallel_, work, (size_ + kTile - 1) / kTile, [&](int64_t begin, int64_t end) {
        for (int64_t tile = begin; tile < end; ++tile) others(first, count, tile * kTile);
      });
    }
  }

  BatchAllSums sums() const {
    BatchAllSums sums{0, 0};
    for (double loss : losses_) sums.loss += loss;
    for (int64_t active : active_) sums.active += active;
    return sums;
  }

  void store_gradient(double scale) {
    run(parallel_, size_ * width_, (size_ + kTile - 1) / kTile, [&](int64_t begin, int64_t end) {
      for (int64_t p = begin * kTile; p < std::min(end * kTile, size_); ++p) {
        T* const row = gradient_.row(p);
        const T weight = static_cast<T>(weight_sums_[static_cast<size_t>(p)] * scale);
        for (int64_t k = 0; k < width_; ++k) row[k] = static_cast<T>(row[k] * scale);
        rows_.backward(p, weight, row);
      }
    });
    gradient_.store(order_.row, parallel_);
  }

 private:
  struct Scratch {
    explicit Scratch(int64_t size) : inactive(static_cast<size_t>(size)) {}
    std::vector<Threshold<T>> thresholds;
    std::vector<double> suffix;       // of the thresholds' distances
    std::vector<int64_t> first_hits;  // negatives whose first active threshold it is
    std::vector<int32_t> inactive;    // thresholds that a negative is not active in
  };

  T* weights_of(int64_t block, int64_t anchor) {
    return weights_.data() + (anchor - block) * size_;
  }

  // The distances of some anchors to all rows, from these the weights of their pairs, and what they
  // give the anchors.
  void anchors(int64_t block, int64_t begin, int64_t end, Scratch& scratch) {
    const PairKernels<T>& kernels = pair_kernels<T>();
    for (int64_t tile = 0; tile < size_; tile += kTile) {
      const int64_t count = std::min(kTile, size_ - tile);
      for (int64_t a = begin; a < end; ++a) {
        T* const values = weights_of(block, a) + tile;
        kernels.squared_distances(rows_.row(a), rows_.row(tile), width_, count, values);
        rows_.finish(a, tile, count, values);
        for (int64_t j = 0; j < count; ++j) values[j] = input_.complete(values[j]);
      }
    }
    for (int64_t a = begin; a < end; ++a) weigh(a, weights_of(block, a), scratch);
    for (int64_t tile = 0; tile < size_; tile += kTile) {
      const int64_t count = std::min(kTile, size_ - tile);
      for (int64_t a = begin; a < end; ++a) {
        kernels.add_differences(rows_.row(a), rows_.row(tile), width_, count,
                                weights_of(block, a) + tile, gradient_.row(a));
      }
    }
  }

  bool active(T positive, T negative, T above) const {
    return input_.loss(positive, negative) > above;
  }

  // Turns an anchor's distances into the weights of its pairs: the derivative of the sum of losses
  // by the distance, times the distance's slope.
  void weigh(int64_t anchor, T* distances, Scratch& scratch) {
    const int64_t class_begin = order_.begin[static_cast<size_t>(anchor)];
    const int64_t class_end = order_.end[static_cast<size_t>(anchor)];
    std::vector<Threshold<T>>& thresholds = scratch.thresholds;
    thresholds.clear();
    for (int64_t j = class_begin; j < class_end; ++j) {
      if (j != anchor) thresholds.push_back({distances[j], j});
    }
    const auto count = static_cast<int64_t>(thresholds.size());
    if (count == 0 || class_end - class_begin == size_) {
      std::fill(distances, distances + size_, T{0});
      return;
    }
    std::sort(thresholds.begin(), thresholds.end());
    scratch.suffix.assign(static_cast<size_t>(count) + 1, 0.0);
    for (int64_t r = count; r-- > 0;) {
      scratch.suffix[static_cast<size_t>(r)] =
          scratch.suffix[static_cast<size_t>(r) + 1] + thresholds[static_cast<size_t>(r)].distance;
    }
    scratch.first_hits.assign(static_cast<size_t>(count) + 1, 0);

    double loss = 0;
    double weight_sum = 0;
    int64_t active_triplets = 0;
    const auto negatives = [&](int64_t begin, int64_t end) {
      find_first(distances, begin, end, scratch);
      for (int64_t n = begin; n < end; ++n) {
        int64_t first = scratch.inactive[static_cast<size_t>(n)];
        ++scratch.first_hits[static_cast<size_t>(first)];
        const T distance = distances[n];
        const auto hits = static_cast<double>(count - first);
        loss += scratch.suffix[static_cast<size_t>(first)] -
                hits * (static_cast<double>(distance) - static_cast<double>(input_.margin));
        distances[n] = -static_cast<T>(hits) * rows_.slope(distance);
        weight_sum += distances[n];
        while (first < count && !active(thresholds[static_cast<size_t>(first)].distance, distance,
                                        static_cast<T>(kInactive))) {
          ++first;
        }
        active_triplets += count - first;
      }
    };
    negatives(0, class_begin);
    negatives(class_end, size_);

    int64_t hits = 0;
    for (int64_t r = 0; r < count; ++r) {
      hits += scratch.first_hits[static_cast<size_t>(r)];
      const Threshold<T>& threshold = thresholds[static_cast<size_t>(r)];
      T& weight = distances[threshold.position];
      weight = static_cast<T>(hits) * rows_.slope(threshold.distance);
      weight_sum += weight;
    }
    distances[anchor] = 0;
    // Rounding can leave a sum of terms that are all about 0 below it; none of them is.
    losses_[static_cast<size_t>(anchor)] = loss < 0 ? 0 : loss;
    active_[static_cast<size_t>(anchor)] = active_triplets;
    weight_sums_[static_cast<size_t>(anchor)] += weight_sum;
  }

  // For each negative, how many thresholds it is not active in. They are the lowest ones, since
  // rounding keeps order.
  void find_first(const T* distances, int64_t begin, int64_t end, Scratch& scratch) const {
    int32_t* const inactive = scratch.inactive.data();
    const auto count = static_cast<int64_t>(scratch.thresholds.size());
    if (count <= kFewPositives) {
      std::fill(inactive + begin, inactive + end, 0);
      for (const Threshold<T>& threshold : scratch.thresholds) {
        const T positive = threshold.distance;
        for (int64_t n = begin; n < end; ++n) {
          inactive[n] += active(positive, distances[n], T{0}) ? 0 : 1;
        }
      }
      return;
    }
    for (int64_t n = begin; n < end; ++n) {
      const auto first = std::partition_point(
          scratch.thresholds.begin(), scratch.thresholds.end(),
          [&](const Threshold<T>& t) { return !active(t.distance, distances[n], T{0}); });
      inactive[n] = static_cast<int32_t>(first - scratch.thresholds.begin());
    }
  }

  // What a block of anchors gives the rows of a tile, the anchors in order.
  void others(int64_t block, int64_t count, int64_t tile) {
    const PairKernels<T>& kernels = pair_kernels<T>();
    const int64_t end = std::min(tile + kTile, size_);
    T weights[kTile][kBlock];
    for (int64_t b = 0; b < count; ++b) {
      const T* const source = weights_of(block, block + b);
      for (int64_t p = tile; p < end; ++p) weights[p - tile][b] = source[p];
    }
    for (int64_t p = tile; p < end; ++p) {
      kernels.add_differences(rows_.row(p), rows_.row(block), width_, count, weights[p - tile],
                              gradient_.row(p));
      double sum = 0;
      for (int64_t b = 0; b < count; ++b) sum += weights[p - tile][b];
      weight_sums_[static_cast<size_t>(p)] += sum;
    }
  }

  const BatchAllInput<T>& input_;
  const PackedRows<T>& rows_;
  const ClassOrder& order_;
  const Parallel& parallel_;
  const int64_t size_;
  const int64_t width_;
  std::vector<T> weights_;           // of a block of anchors with all rows; first their distances
  RowSums<T> gradient_;              // not yet divided by the count
  std::vector<double> weight_sums_;  // of each row's pairs
  std::vector<double> losses_;
  std::vector<int64_t> active_;
};

}  // namespace

template <typename T>
BatchAllSums scan_batch_all(const BatchAllInput<T>& input, const GradientTarget& gradient) {
  Scan<T> scan(input, gradient);
  scan.run_all();
  const BatchAllSums sums = scan.sums();
  scan.store_gradient(1 / sums.divisor());
  return sums;
}

template BatchAllSums scan_batch_all(const BatchAllInput<float>&, const GradientTarget&);
template BatchAllSums scan_batch_all(const BatchAllInput<double>&, const GradientTarget&);

}  // namespace tripoint::cpu
