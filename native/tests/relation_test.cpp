#include "kernels/cpu/rows/relation.h"

#include <gtest/gtest.h>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Random;

// Truths by row and column, and how they lie in memory.
class Truths {
 public:
  Truths(int64_t rows, int64_t columns, Random& random)
      : columns_(columns), all_(static_cast<size_t>(rows * columns)) {
    for (size_t i = 0; i < all_.size(); ++i) all_[i] = random() % 10 < 3;
  }

  bool operator()(int64_t row, int64_t column) const {
    return all_[static_cast<size_t>(row * columns_ + column)];
  }

  // A byte each, by row, or with the columns apart.
  Mask bytes(bool by_column) {
    const auto rows = static_cast<int64_t>(all_.size()) / columns_;
    bytes_.resize(all_.size());
    const int64_t row_stride = by_column ? 1 : columns_;
    const int64_t column_stride = by_column ? rows : 1;
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        bytes_[static_cast<size_t>(i * row_stride + j * column_stride)] = (*this)(i, j) ? 1 : 0;
      }
    }
    return {bytes_.data(), row_stride, column_stride, false};
  }

  Mask bits() {
    const auto rows = static_cast<int64_t>(all_.size()) / columns_;
    const int64_t width = (columns_ + 7) / 8;
    bits_.assign(static_cast<size_t>(rows * width), 0);
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t j = 0; j < columns_; ++j) {
        if ((*this)(i, j)) bits_[static_cast<size_t>(i * width + j / 8)] |= 1u << j % 8;
      }
    }
    return {bits_.data(), width, 1, true};
  }

 private:
  int64_t columns_;
  std::vector<bool> all_;
  std::vector<uint8_t> bytes_;
  std::vector<uint8_t> bits_;
};

template <typename Expected>
void expect_sides(const Relation& relation, Expected&& expected) {
  int64_t triplets = 0;
  for (int64_t a = 0; a < relation.anchors(); ++a) {
    SideCounts counts;
    for (int64_t c = 0; c < relation.columns(); ++c) {
      counts.positives += expected(a, c) == kPositive ? 1 : 0;
      counts.negatives += expected(a, c) == kNegative ? 1 : 0;
    }
    EXPECT_EQ(relation.count(a).positives, counts.positives);
    EXPECT_EQ(relation.count(a).negatives, counts.negatives);
    triplets += counts.positives * counts.negatives;
    for (int64_t first : {int64_t{0}, int64_t{1}, relation.columns() / 2}) {
      const int64_t count = std::max<int64_t>(relation.columns() - first, 0);
      std::vector<uint8_t> sides(static_cast<size_t>(count), 7);
      relation.read(a, first, count, sides.data());
      for (int64_t j = 0; j < count; ++j) {
        EXPECT_EQ(sides[static_cast<size_t>(j)], expected(a, first + j)) << a << ", " << first + j;
      }
    }
  }
  EXPECT_EQ(relation.triplets(), triplets);
}

TEST(Relation, OfMasksIsWhatTheySayHoweverTheyLie) {
  Random random(5);
  for (const auto& [rows, columns] :
       {std::pair<int64_t, int64_t>{1, 1}, {5, 5}, {3, 17}, {9, 300}, {40, 40}}) {
    Truths positives(rows, columns, random);
    Truths ignored(rows, columns, random);
    for (const bool self : {false, true}) {
      if (self && rows != columns) continue;
      const auto expected = [&](bool with_ignored) {
        return [&, with_ignored](int64_t a, int64_t c) -> int {
          if ((self && a == c) || (with_ignored && ignored(a, c))) return kNeither;
          return positives(a, c) ? kPositive : kNegative;
        };
      };
      for (const bool by_column : {false, true}) {
        const Mask mask = positives.bytes(by_column);
        expect_sides(Relation(mask, rows, columns, self, std::nullopt), expected(false));
        expect_sides(Relation(mask, rows, columns, self, ignored.bytes(!by_column)),
                     expected(true));
      }
      expect_sides(Relation(positives.bits(), rows, columns, self, std::nullopt), expected(false));
      expect_sides(Relation(positives.bits(), rows, columns, self, ignored.bits()), expected(true));
    }
  }
}

TEST(Relation, OfLabelsIsByEquality) {
  Random random(6);
  const std::vector<int64_t> own = test::ragged_labels(random, 23, 4);
  const std::vector<int64_t> theirs = test::ragged_labels(random, 300, 6);
  const Labels<int32_t> labels(own, IntegerType::kInt32, 2);
  const Labels<int32_t> others(theirs, IntegerType::kInt32);
  Truths ignored(23, 300, random);
  expect_sides(
      Relation(labels.get(), std::nullopt, std::nullopt), [&](int64_t a, int64_t c) -> int {
        if (a == c) return kNeither;
        return own[static_cast<size_t>(a)] == own[static_cast<size_t>(c)] ? kPositive : kNegative;
      });
  expect_sides(Relation(labels.get(), others.get(), ignored.bits()),
               [&](int64_t a, int64_t c) -> int {
                 if (ignored(a, c)) return kNeither;
                 return own[static_cast<size_t>(a)] == theirs[static_cast<size_t>(c)] ? kPositive
                                                                                      : kNegative;
               });
}

}  // namespace
}  // namespace tripoint::cpu
