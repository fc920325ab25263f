#include "kernels/cpu/loss/triplet_margin.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace tripoint::cpu {
namespace {

constexpr int64_t kTripletsOfTask = 64;
constexpr int64_t kRowsOfTask = 64;

// The roles that a row has in triplets.
constexpr int64_t kRoles = 3;
constexpr int64_t kAnchor = 0;
constexpr int64_t kPositive = 1;

int64_t at(const IntegerVector& vector, int64_t place) {
  return static_cast<const int64_t*>(vector.data)[place * vector.stride];
}

// A triplet's loss, and its derivatives by the differences of its three pairs.
template <typename T>
struct Slopes {
  T loss = 0;
  T to_positive = 0;
  T to_negative = 0;
  T between = 0;  // positive and negative
};

template <typename T>
class Triplets {
 public:
  Triplets(const FloatMatrix& embeddings, const TripletRows& triplets, const TripletMargin& rule,
           const Parallel& parallel)
      : rows_(embeddings, in_order(embeddings.rows), metric_of(rule.nearness), parallel,
              rule.normalize),
        own_(rows_, rule.nearness),
        triplets_(triplets),
        rule_(rule),
        values_(rule.nearness, {}, {}),
        parallel_(parallel),
        count_(triplets.anchor.size),
        slopes_(static_cast<size_t>(count_)) {}

  TripletMarginResult run_all(FloatType type, void* gradient) {
    run(parallel_, 2 * count_ * rows_.width(), (count_ + kTripletsOfTask - 1) / kTripletsOfTask,
        [&](int64_t begin, int64_t end) {
          for (int64_t t = begin * kTripletsOfTask; t < std::min(end * kTripletsOfTask, count_);
               ++t) {
            slopes_[static_cast<size_t>(t)] = evaluate(t);
          }
        });
    TripletMarginResult result{0, 0};
    double sum_above = 0;
    double sum = 0;
    for (const Slopes<T>& one : slopes_) {
      sum += static_cast<double>(one.loss);
      if (!(one.loss > 0)) continue;
      sum_above += static_cast<double>(one.loss);
      ++result.active;
    }
    if (rule_.mean == LossMean::kAboveZero) sum = sum_above;
    const double share = 1 / divisor_of(rule_.mean, count_, result.active);
    result.loss = sum * share;
    gather(static_cast<T>(share), type, gradient);
    return result;
  }

 private:
  static std::vector<int64_t> in_order(int64_t size) {
    std::vector<int64_t> order(static_cast<size_t>(size));
    std::iota(order.begin(), order.end(), 0);
    return order;
  }

  T distance(int64_t i, int64_t j) const {
    T value;
    values_.of(rows_, i, rows_, j, 1, &value);
    return distance_of(value, rule_.nearness);
  }

  Slopes<T> evaluate(int64_t triplet) const {
    const int64_t anchor = at(triplets_.anchor, triplet);
    const int64_t positive = at(triplets_.positive, triplet);
    const int64_t negative = at(triplets_.negative, triplet);
    const T to_positive = distance(anchor, positive);
    const T to_negative = distance(anchor, negative);
    const T between = rule_.swap ? distance(positive, negative) : to_negative;
    const T violation = to_positive - std::min(to_negative, between) + static_cast<T>(rule_.margin);
    Slopes<T> slopes;
    T slope;
    if (rule_.smooth) {
      const double v = violation;
      slopes.loss = static_cast<T>(std::max(v, 0.0) + std::log1p(std::exp(-std::abs(v))));
      slope = static_cast<T>(1 / (1 + std::exp(-v)));
    } else {
      slopes.loss = violation < 0 ? T{0} : violation;
      slope = violation > 0 ? T{1} : violation <= 0 ? T{0} : violation;
    }
    const bool counts = rule_.mean != LossMean::kAboveZero || slopes.loss > 0;
    if (slope == 0 || !counts) return slopes;
    slopes.to_positive = slope * slope_of(rows_, to_positive, rule_.nearness);
    const T own = !rule_.swap || to_negative < between ? T{1}
                  : to_negative == between             ? T{0.5}
                                                       : T{0};
    slopes.to_negative = -slope * own * slope_of(rows_, to_negative, rule_.nearness);
    slopes.between = -slope * (1 - own) * slope_of(rows_, between, rule_.nearness);
    return slopes;
  }

  // Each row gathers what its triplets give it, by their number, so that no two threads add to one
  // row.
  void gather(T share, FloatType type, void* gradient) const {
    const IntegerVector* const roles[kRoles] = {&triplets_.anchor, &triplets_.positive,
                                                &triplets_.negative};
    const int64_t size = rows_.size();
    std::vector<int64_t> next(static_cast<size_t>(size) + 1, 0);
    for_active([&](int64_t t) {
      for (const IntegerVector* role : roles) ++next[static_cast<size_t>(at(*role, t)) + 1];
    });
    for (size_t p = 1; p < next.size(); ++p) next[p] += next[p - 1];
    std::vector<int64_t> parts(static_cast<size_t>(next.back()));
    for_active([&](int64_t t) {
      for (int64_t role = 0; role < kRoles; ++role) {
        int64_t& place = next[static_cast<size_t>(at(*roles[role], t))];
        parts[static_cast<size_t>(place++)] = t * kRoles + role;
      }
    });
    // By now each place is where the next row's parts begin.
    run(parallel_, 4 * static_cast<int64_t>(parts.size()) * rows_.width() + size * rows_.width(),
        (size + kRowsOfTask - 1) / kRowsOfTask, [&](int64_t begin, int64_t end) {
          std::vector<T> sum(static_cast<size_t>(rows_.width()));
          for (int64_t p = begin * kRowsOfTask; p < std::min(end * kRowsOfTask, size); ++p) {
            std::fill(sum.begin(), sum.end(), T{0});
            T weight = 0;
            const int64_t first = p == 0 ? 0 : next[static_cast<size_t>(p) - 1];
            for (int64_t part = first; part < next[static_cast<size_t>(p)]; ++part) {
              weight += add(p, parts[static_cast<size_t>(part)], share, sum.data());
            }
            rows_.backward(p, weight, sum.data());
            store_row(sum.data(), gradient, type, p, rows_.columns());
          }
        });
  }

  template <typename Each>
  void for_active(Each&& each) const {
    for (int64_t t = 0; t < count_; ++t) {
      const Slopes<T>& one = slopes_[static_cast<size_t>(t)];
      if (one.to_positive != 0 || one.to_negative != 0 || one.between != 0) each(t);
    }
  }

  // Adds what one part of a triplet gives to a row, and gives the sum of the weights.
  T add(int64_t row, int64_t part, T share, T* sum) const {
    const int64_t t = part / kRoles;
    const int64_t role = part % kRoles;
    const Slopes<T>& one = slopes_[static_cast<size_t>(t)];
    const int64_t anchor = at(triplets_.anchor, t);
    const int64_t positive = at(triplets_.positive, t);
    const int64_t negative = at(triplets_.negative, t);
    const auto pair = [&](int64_t other, T slope) {
      const T weight = slope * share;
      pair_kernels<T>().add_differences(own_.row(row), rows_.row(other), rows_.width(), 1, &weight,
                                        sum);
      return weight;
    };
    if (role == kAnchor) return pair(positive, one.to_positive) + pair(negative, one.to_negative);
    if (role == kPositive) return pair(anchor, one.to_positive) + pair(negative, one.between);
    return pair(anchor, one.to_negative) + pair(positive, one.between);
  }

  const PackedRows<T> rows_;
  const OwnRows<T> own_;
  const TripletRows& triplets_;
  const TripletMargin& rule_;
  const PairValues<T> values_;
  const Parallel& parallel_;
  const int64_t count_;
  std::vector<Slopes<T>> slopes_;
};

}  // namespace

TripletMarginResult triplet_margin(const FloatMatrix& embeddings, const TripletRows& triplets,
                                   const TripletMargin& rule, const Parallel& parallel,
                                   void* gradient) {
  return embeddings.type == FloatType::kFloat64
             ? Triplets<double>(embeddings, triplets, rule, parallel)
                   .run_all(embeddings.type, gradient)
             : Triplets<float>(embeddings, triplets, rule, parallel)
                   .run_all(embeddings.type, gradient);
}

}  // namespace tripoint::cpu
