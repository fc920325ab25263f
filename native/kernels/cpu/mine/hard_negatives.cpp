#include "kernels/cpu/mine/hard_negatives.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>

#include "kernels/cpu/mine/row_scan.h"

namespace tripoint::cpu {
namespace {

constexpr int64_t kRowsOfTask = 16;

int64_t tasks_of(int64_t rows) { return (rows + kRowsOfTask - 1) / kRowsOfTask; }

// With more positives in a row, each negative looks for its positives instead.
constexpr size_t kFewPositives = 16;

// The bytes of a row of a mask, where they lie or copied.
const uint8_t* bytes_of(const Mask& mask, int64_t row, std::vector<uint8_t>& copy) {
  if (!mask.bits && mask.column_stride == 1) return mask.data + row * mask.row_stride;
  for (size_t j = 0; j < copy.size(); ++j) {
    copy[j] = mask(row, static_cast<int64_t>(j)) ? 1 : 0;
  }
  return copy.data();
}

// Mines one row after the other. Scores are turned so that greater means more similar.
template <typename T>
class RowMiner {
 public:
  RowMiner(const FloatMatrix& scores, const Mask& positive, const Mask* ignored,
           const Mining& mining)
      : scores_(scores),
        positive_(positive),
        ignored_(ignored),
        mining_(mining),
        has_margin_(mining.margin.has_value()),
        margin_(static_cast<T>(mining.margin.value_or(0))),
        copied_(static_cast<size_t>(scores.columns)),
        values_(static_cast<size_t>(scores.columns)),
        positive_bytes_(static_cast<size_t>(scores.columns)),
        ignored_bytes_(static_cast<size_t>(scores.columns)) {}

  // Calls take(positive, negative) for each tuple of a row, and left_out() for each positive
  // without one.
  template <typename Take, typename LeftOut>
  void mine(int64_t row, Take&& take, LeftOut&& left_out) {
    read(row);
    if (positives_.empty()) return;
    if (mining_.per_anchor) positives_.assign(1, least_similar_positive());
    if (mining_.all) {
      list_negatives();
    } else {
      find_nearest();
    }
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
        const Negative& best = nearest_[p];
        found = best.column >= 0 && admits(reference, best.value);
        if (found) take(positive, best.column);
      }
      if (!found) left_out();
    }
  }

 private:
  struct Negative {
    T value;
    int64_t column;  // −1 where there is none
  };
  struct Ranked {
    T value;  // a NaN, which admits nothing by its value, last
    size_t positive;
  };

  T value(int64_t column) const {
    const T value = given_[column];
    return mining_.distances ? -value : value;
  }

  void read(int64_t row) {
    constexpr FloatType kOwn = sizeof(T) == 4 ? FloatType::kFloat32 : FloatType::kFloat64;
    if (scores_.type == kOwn && scores_.column_stride == 1) {
      given_ = static_cast<const T*>(scores_.data) + row * scores_.row_stride;
    } else {
      load_row(scores_, row, copied_.data());
      given_ = copied_.data();
    }
    const uint8_t* const positive = bytes_of(positive_, row, positive_bytes_);
    const uint8_t* const ignored =
        ignored_ == nullptr ? nullptr : bytes_of(*ignored_, row, ignored_bytes_);
    kernels_.show(given_, mining_.distances, positive, ignored, scores_.columns, values_.data());
    const bool skip_self = !mining_.keep_diagonal && scores_.rows == scores_.columns;
    if (skip_self) values_[static_cast<size_t>(row)] = std::numeric_limits<T>::quiet_NaN();
    positives_.clear();
    list_positives(positive, ignored, skip_self ? row : -1);
  }

  // Masks are mostly 0, so eight columns are looked at together.
  void list_positives(const uint8_t* positive, const uint8_t* ignored, int64_t self) {
    constexpr int64_t kStep = 8;
    for (int64_t j = 0; j < scores_.columns; j += kStep) {
      const int64_t end = std::min(j + kStep, scores_.columns);
      if (end == j + kStep) {
        uint64_t eight;
        std::memcpy(&eight, positive + j, sizeof eight);
        if (eight == 0) continue;
      }
      for (int64_t column = j; column < end; ++column) {
        if (positive[column] != 0 && column != self &&
            (ignored == nullptr || ignored[column] == 0)) {
          positives_.push_back(column);
        }
      }
    }
  }

  void list_negatives() {
    negatives_.clear();
    for (int64_t column = 0; column < scores_.columns; ++column) {
      const T value = values_[static_cast<size_t>(column)];
      if (!std::isnan(value)) negatives_.push_back({value, column});
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
  void find_nearest() {
    if (mining_.strategy == Strategy::kHardest || mining_.strategy == Strategy::kHard) {
      nearest_.assign(positives_.size(), nearest_to(Counted::kAll, 0));
    } else if (positives_.size() <= kFewPositives) {
      const bool semihard = mining_.strategy == Strategy::kSemihard;
      nearest_.clear();
      for (const int64_t positive : positives_) {
        nearest_.push_back(
            nearest_to(semihard ? Counted::kBelow : Counted::kFarther, value(positive)));
      }
    } else {
      find_nearest_of_many();
    }
  }

  Negative nearest_to(Counted counted, T reference) const {
    const T greatest =
        kernels_.greatest(values_.data(), scores_.columns, counted, reference, margin_);
    // It may be that of no negative.
    if (std::isinf(greatest) && greatest < 0 && counted != Counted::kAll &&
        too_similar(reference, greatest)) {
      return {greatest, -1};
    }
    const int64_t column = kernels_.find(values_.data(), scores_.columns, greatest);
    return {greatest, column < scores_.columns ? column : -1};
  }

  // Each negative goes to the least similar positive that it is not too similar for; a positive has
  // its own negatives and those of all positives before it. So a row costs N log P, not N P.
  void find_nearest_of_many() {
    list_negatives();
    ranked_.clear();
    for (size_t p = 0; p < positives_.size(); ++p) {
      const T own = value(positives_[p]);
      ranked_.push_back({std::isnan(own) ? std::numeric_limits<T>::infinity() : own, p});
    }
    std::sort(ranked_.begin(), ranked_.end(),
              [](const Ranked& a, const Ranked& b) { return a.value < b.value; });
    nearest_.assign(positives_.size(), {0, -1});
    for (const Negative& negative : negatives_) {
      const auto first = std::partition_point(
          ranked_.begin(), ranked_.end(),
          [&](const Ranked& ranked) { return too_similar(ranked.value, negative.value); });
      if (first != ranked_.end()) take_nearer(nearest_[first->positive], negative);
    }
    Negative nearest{0, -1};
    for (const Ranked& ranked : ranked_) {
      take_nearer(nearest_[ranked.positive], nearest);
      nearest = nearest_[ranked.positive];
    }
  }

  static void take_nearer(Negative& nearest, const Negative& other) {
    if (other.column < 0) return;
    if (nearest.column < 0 || other.value > nearest.value ||
        (other.value == nearest.value && other.column < nearest.column)) {
      nearest = other;
    }
  }

  const FloatMatrix& scores_;
  const Mask& positive_;
  const Mask* const ignored_;
  const Mining& mining_;
  const bool has_margin_;
  const T margin_;
  const RowScanKernels<T>& kernels_ = row_scan_kernels<T>();
  std::vector<T> copied_;
  const T* given_ = nullptr;  // scores of the row
  std::vector<T> values_;     // of its negatives; NaN elsewhere
  std::vector<uint8_t> positive_bytes_;
  std::vector<uint8_t> ignored_bytes_;
  std::vector<int64_t> positives_;
  std::vector<Negative> negatives_;  // where they are listed
  std::vector<Ranked> ranked_;       // positives by similarity
  std::vector<Negative> nearest_;    // of each positive
};

// Calls body(miner, row) for all rows.
template <typename T, typename Body>
void for_rows(const FloatMatrix& scores, const Mask& positive, const Mask* ignored,
              const Mining& mining, const Parallel& parallel, Body&& body) {
  run(parallel, scores.rows * scores.columns, tasks_of(scores.rows),
      [&](int64_t begin, int64_t end) {
        RowMiner<T> miner(scores, positive, ignored, mining);
        for (int64_t row = begin * kRowsOfTask; row < std::min(end * kRowsOfTask, scores.rows);
             ++row) {
          body(miner, row);
        }
      });
}

}  // namespace

HardNegatives::HardNegatives(const FloatMatrix& scores, const Mask& positive, const Mask* ignored,
                             const Mining& mining, const Parallel& parallel)
    : scores_(scores),
      positive_(positive),
      ignored_(ignored),
      mining_(mining),
      parallel_(parallel),
      starts_(static_cast<size_t>(scores.rows) + 1),
      tuples_(static_cast<size_t>(mining.all ? 0 : tasks_of(scores.rows))) {
  std::vector<int64_t> left_out(static_cast<size_t>(scores.rows));
  const auto mine = [&](auto& miner, int64_t row) {
    int64_t count = 0;
    int64_t without = 0;
    const auto take = [&](int64_t positive, int64_t negative) {
      ++count;
      if (!mining_.all) {
        tuples_[static_cast<size_t>(row / kRowsOfTask)].push_back({positive, negative});
      }
    };
    miner.mine(row, take, [&] { ++without; });
    starts_[static_cast<size_t>(row) + 1] = count;
    left_out[static_cast<size_t>(row)] = without;
  };
  if (scores_.type == FloatType::kFloat64) {
    for_rows<double>(scores_, positive_, ignored_, mining_, parallel_, mine);
  } else {
    for_rows<float>(scores_, positive_, ignored_, mining_, parallel_, mine);
  }
  for (size_t row = 1; row < starts_.size(); ++row) {
    starts_[row] += starts_[row - 1];
    left_out_ += left_out[row - 1];
  }
}

void HardNegatives::write(int64_t* anchor, int64_t* positive, int64_t* negative) const {
  if (!mining_.all) {
    copy(anchor, positive, negative);
    return;
  }
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

void HardNegatives::copy(int64_t* anchor, int64_t* positive, int64_t* negative) const {
  run(parallel_, count() * 8, static_cast<int64_t>(tuples_.size()),
      [&](int64_t begin, int64_t end) {
        for (int64_t task = begin; task < end; ++task) {
          int64_t row = task * kRowsOfTask;
          int64_t next = starts_[static_cast<size_t>(row)];
          for (const Tuple& tuple : tuples_[static_cast<size_t>(task)]) {
            while (starts_[static_cast<size_t>(row) + 1] <= next) ++row;
            anchor[next] = row;
            positive[next] = tuple.positive;
            negative[next] = tuple.negative;
            ++next;
          }
        }
      });
}

}  // namespace tripoint::cpu
