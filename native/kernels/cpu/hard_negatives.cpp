#include "kernels/cpu/hard_negatives.h"

#include <algorithm>
#include <cmath>

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 4;

// From this many positives in a row on, its negatives are sorted once instead of looked through for
// each.
constexpr size_t kManyPositives = 8;

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
    if (mining_.per_anchor) {
      positives_.assign(1, least_similar_positive());
    }
    // Comparing with each positive anew would be quadratic in the row.
    const bool sorted = !mining_.all && positives_.size() >= kManyPositives;
    if (sorted) sort_negatives();
    for (const int64_t positive : positives_) {
      const T reference = value(positive);
      bool found = false;
      if (mining_.all) {
        for (const int64_t negative : negatives_) {
          if (!admits(reference, value(negative))) continue;
          take(positive, negative);
          found = true;
        }
      } else {
        const int64_t best = sorted ? best_of_sorted(reference) : best_of_all(reference);
        found = best >= 0;
        if (found) take(positive, best);
      }
      if (!found) left_out();
    }
  }

 private:
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
        negatives_.push_back(column);
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

  int64_t best_of_all(T positive) const {
    int64_t best = -1;
    for (const int64_t column : negatives_) {
      if ((best < 0 || value(column) > value(best)) && admits(positive, value(column))) {
        best = column;
      }
    }
    return best;
  }

  void sort_negatives() {
    std::sort(negatives_.begin(), negatives_.end(), [&](int64_t a, int64_t b) {
      return value(a) != value(b) ? value(a) > value(b) : a < b;
    });
  }

  // From the most similar on, the negatives that are too similar come first; the one after them is
  // admitted or none is.
  int64_t best_of_sorted(T positive) const {
    const auto too_similar = [&](int64_t column) {
      switch (mining_.strategy) {
        case Strategy::kSemihard:
          return !(value(column) < positive);
        case Strategy::kEasy:
          return !(positive - value(column) > margin_);
        default:
          return false;
      }
    };
    const auto first = std::partition_point(negatives_.begin(), negatives_.end(), too_similar);
    return first != negatives_.end() && admits(positive, value(*first)) ? *first : -1;
  }

  const FloatMatrix& scores_;
  const BoolMatrix& positive_;
  const BoolMatrix* const ignored_;
  const Mining& mining_;
  const bool has_margin_;
  const T margin_;
  std::vector<T> values_;
  std::vector<int64_t> positives_;
  std::vector<int64_t> negatives_;
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
