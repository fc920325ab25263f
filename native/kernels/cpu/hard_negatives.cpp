#include "kernels/cpu/hard_negatives.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 4;

// Mines one row after the other. Scores are turned so that greater means more similar.
template <typename T>
class RowMiner {
 public:
  RowMiner(const FloatMatrix& scores, const BoolMatrix& positive, const BoolMatrix* ignored,
           const Mining& mining)
      : scores_(scores),
        positive_(positive),
        ignored_(ignored),
        mining_(mining),
        has_margin_(mining.margin.has_value()),
        margin_(static_cast<T>(mining.margin.value_or(0))),
        values_(static_cast<size_t>(scores.columns)) {}

  // Calls take(positive, negative) for each tuple of a row, and left_out() for each positive
  // without one.
  template <typename Take, typename LeftOut>
  void mine(int64_t row, Take&& take, LeftOut&& left_out) {
    read(row);
    if (positives_.empty()) return;
    if (mining_.per_anchor) positives_.assign(1, least_similar_positive());
    if (!mining_.all) find_nearest();
    for (size_t p = 0; p < positives_.size(); ++p) {
      const int64_t positive = positives_[p];
      const T reference = value(positive);
      bool found = false;
      if (mining_.all) {
        for (const Negative& negative : negatives_) {
          if (!admits(reference, negative.value)) continue;
          take(positive, negative.column);
          found = true;
        }
      } else {
        const Negative* const best = nearest_[p];
        found = best != nullptr && admits(reference, best->value);
        if (found) take(positive, best->column);
      }
      if (!found) left_out();
    }
  }

 private:
  struct Negative {
    T value;
    int64_t column;
  };
  struct Ranked {
    T value;  // a NaN, which admits nothing by its value, last
    size_t positive;
  };

  T value(int64_t column) const { return values_[static_cast<size_t>(column)]; }

  void read(int64_t row) {
    load_row(scores_, row, values_.data());
    if (mining_.distances) {
      for (T& value : values_) value = -value;
    }
    const bool skip_self = !mining_.keep_diagonal && scores_.rows == scores_.columns;
    positives_.clear();
    negatives_.clear();
    for (int64_t column = 0; column < scores_.columns; ++column) {
      if ((skip_self && column == row) || (ignored_ != nullptr && (*ignored_)(row, column))) {
        continue;
      }
      if (positive_(row, column)) {
        positives_.push_back(column);
      } else if (!std::isnan(value(column))) {
        negatives_.push_back({value(column), column});
      }
    }
  }

  int64_t least_similar_positive() const {
    int64_t least = positives_.front();
    for (const int64_t column : positives_) {
      if (value(column) < value(least) ||
          (std::isnan(value(least)) && !std::isnan(value(column)))) {
        least = column;
      }
    }
    return least;
  }

  bool admits(T positive, T negative) const {
    switch (mining_.strategy) {
      case Strategy::kHardest:
        return true;
      case Strategy::kHard:
        return negative > positive;
      case Strategy::kSemihard:
        return negative < positive && (!has_margin_ || positive - negative < margin_);
      case Strategy::kEasy:
        return positive - negative > margin_;
    }
    return false;
  }

  // Whether a negative is more similar than those that the strategy admits for a positive. Such
  // negatives are the most similar ones, since rounding keeps order; of the others, the most
  // similar is admitted or none is.
  bool too_similar(T positive, T negative) const {
    switch (mining_.strategy) {
      case Strategy::kSemihard:
        return !(negative < positive);
      case Strategy::kEasy:
        return !(positive - negative > margin_);
      default:
        return false;
    }
  }

  // The nearest negative of each positive: of those that are not too similar, the most similar.
  // Each negative goes to the least similar positive that it is not too similar for; a positive has
  // its own negatives and those of all positives before it. So a row costs N log P, not N P.
  void find_nearest() {
    ranked_.clear();
    for (size_t p = 0; p < positives_.size(); ++p) {
      const T own = value(positives_[p]);
      ranked_.push_back({std::isnan(own) ? std::numeric_limits<T>::infinity() : own, p});
    }
    std::sort(ranked_.begin(), ranked_.end(),
              [](const Ranked& a, const Ranked& b) { return a.value < b.value; });
    nearest_.assign(positives_.size(), nullptr);
    for (const Negative& negative : negatives_) {
      const auto first = std::partition_point(
          ranked_.begin(), ranked_.end(),
          [&](const Ranked& ranked) { return too_similar(ranked.value, negative.value); });
      if (first != ranked_.end()) take_nearer(nearest_[first->positive], &negative);
    }
    const Negative* nearest = nullptr;
    for (const Ranked& ranked : ranked_) {
      if (nearest != nullptr) take_nearer(nearest_[ranked.positive], nearest);
      nearest = nearest_[ranked.positive];
    }
  }

  static void take_nearer(const Negative*& nearest, const Negative* other) {
    if (nearest == nullptr || other->value > nearest->value ||
        (other->value == nearest->value && other->column < nearest->column)) {
      nearest = other;
    }
  }

  const FloatMatrix& scores_;
  const BoolMatrix& positive_;
  const BoolMatrix* const ignored_;
  const Mining& mining_;
  const bool has_margin_;
  const T margin_;
  std::vector<T> values_;
  std::vector<int64_t> positives_;
  std::vector<Negative> negatives_;
  std::vector<Ranked> ranked_;            // positives by similarity
  std::vector<const Negative*> nearest_;  // of each positive
};

// Calls body(miner, row) for all rows.
template <typename T, typename Body>
void for_rows(const FloatMatrix& scores, const BoolMatrix& positive, const BoolMatrix* ignored,
              const Mining& mining, const Parallel& parallel, Body&& body) {
  const int64_t tasks = (scores.rows + kRowsOfTask - 1) / kRowsOfTask;
  run(parallel, scores.rows * scores.columns, tasks, [&](int64_t begin, int64_t end) {
    RowMiner<T> miner(scores, positive, ignored, mining);
    for (int64_t row = begin * kRowsOfTask; row < std::min(end * kRowsOfTask, scores.rows); ++row) {
      body(miner, row);
    }
  });
}

}  // namespace

HardNegatives::HardNegatives(const FloatMatrix& scores, const BoolMatrix& positive,
                             const BoolMatrix* ignored, const Mining& mining,
                             const Parallel& parallel)
    : scores_(scores),
      positive_(positive),
      ignored_(ignored),
      mining_(mining),
      parallel_(parallel),
      starts_(static_cast<size_t>(scores.rows) + 1) {
  std::vector<int64_t> left_out(static_cast<size_t>(scores.rows));
  const auto count = [&](auto& miner, int64_t row) {
    int64_t tuples = 0;
    int64_t without = 0;
    miner.mine(
        row, [&](int64_t, int64_t) { ++tuples; }, [&] { ++without; });
    starts_[static_cast<size_t>(row) + 1] = tuples;
    left_out[static_cast<size_t>(row)] = without;
  };
  if (scores_.type == FloatType::kFloat64) {
    for_rows<double>(scores_, positive_, ignored_, mining_, parallel_, count);
  } else {
    for_rows<float>(scores_, positive_, ignored_, mining_, parallel_, count);
  }
  for (size_t row = 1; row < starts_.size(); ++row) {
    starts_[row] += starts_[row - 1];
    left_out_ += left_out[row - 1];
  }
}

void HardNegatives::write(int64_t* anchor, int64_t* positive, int64_t* negative) const {
  const auto write = [&](auto& miner, int64_t row) {
    int64_t next = starts_[static_cast<size_t>(row)];
    if (next == starts_[static_cast<size_t>(row) + 1]) return;
    miner.mine(
        row,
        [&](int64_t p, int64_t n) {
          anchor[next] = row;
          positive[next] = p;
          negative[next] = n;
          ++next;
        },
        [] {});
  };
  if (scores_.type == FloatType::kFloat64) {
    for_rows<double>(scores_, positive_, ignored_, mining_, parallel_, write);
  } else {
    for_rows<float>(scores_, positive_, ignored_, mining_, parallel_, write);
  }
}

}  // namespace tripoint::cpu
