#include "kernels/cpu/screen/float_screen.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "tests/related_batches.h"
#include "tests/screen_batches.h"

namespace tripoint::cpu {
namespace {

using test::Random;
using test::Threads;

template <typename T>
class Batch {
 public:
  Batch(const test::ScreenBatch& batch, Nearness nearness)
      : matrix_(batch.values, batch.rows, batch.columns,
                sizeof(T) == 4 ? FloatType::kFloat32 : FloatType::kFloat64),
        rows_(matrix_.get(), order(batch.rows), packing_of(nearness), loop_),
        values_(nearness, {}, {}) {}

  const PackedRows<T>& rows() const { return rows_; }
  T value(int64_t row, int64_t column) const {
    T value;
    values_.of(rows_, row, rows_, column, 1, &value);
    return value;
  }

 private:
  static std::vector<int64_t> order(int64_t size) {
    std::vector<int64_t> order(static_cast<size_t>(size));
    std::iota(order.begin(), order.end(), 0);
    return order;
  }

  const Threads loop_{2};
  const test::Matrix matrix_;
  const PackedRows<T> rows_;
  const PairValues<T> values_;
};

// How far estimates are off, in parts of the bound.
template <typename T>
double expect_bounded(const test::ScreenBatch& batch, Nearness nearness) {
  const Threads loop(2);
  const Batch<T> all(batch, nearness);
  const FloatScreen<T> screen(all.rows(), nearness, Screening::kOn, loop);
  if (!screen.usable()) return 0;
  double worst = 0;
  for (int64_t first = 0; first < batch.rows; first += 61) {
    typename FloatScreen<T>::Tiles tiles(screen, first, std::min<int64_t>(61, batch.rows - first));
    for (int64_t column = 0; column < batch.rows; column += kFloatTile) {
      const int64_t count = std::min(kFloatTile, batch.rows - column);
      tiles.take(column, count);
      for (int64_t i = 0; i < std::min<int64_t>(61, batch.rows - first); ++i) {
        for (int64_t j = 0; j < count; ++j) {
          const double off = std::abs(static_cast<double>(tiles.value(i, j)) -
                                      static_cast<double>(all.value(first + i, column + j)));
          EXPECT_LE(off, tiles.doubt(i, j)) << batch.name << " " << static_cast<int>(nearness);
          worst = std::max(worst, off / static_cast<double>(tiles.doubt(i, j)));
        }
      }
    }
  }
  return worst;
}

TEST(FloatScreen, IsOffByNoMoreThanItSays) {
  if (float_tile_kernels<float>() == nullptr) {
    GTEST_SKIP() << "this processor has no fused multiply-add";
  }
  double worst = 0;
  for (const test::ScreenBatch& batch : test::screen_batches(3, 150)) {
    for (const Nearness nearness : test::kNearnesses) {
      worst = std::max(worst, expect_bounded<float>(batch, nearness));
      expect_bounded<double>(batch, nearness);
    }
  }
  EXPECT_GT(worst, 0.001);
}

TEST(FloatScreen, MarksWhatMayBeInRange) {
  if (float_tile_kernels<float>() == nullptr) {
    GTEST_SKIP() << "this processor has no fused multiply-add";
  }
  const Threads loop(2);
  int64_t doubtful = 0, marked = 0;
  for (const test::ScreenBatch& batch : test::screen_batches(4, kFloatTile)) {
    const Batch<float> all(batch, Nearness::kSquaredEuclidean);
    const FloatScreen<float> screen(all.rows(), Nearness::kSquaredEuclidean, Screening::kOn, loop);
    if (!screen.usable()) continue;
    FloatScreen<float>::Tiles tiles(screen, 0, batch.rows);
    tiles.take(0, batch.rows);
    for (int64_t i = 0; i < batch.rows; ++i) {
      std::vector<float> values;
      uint8_t sides[kFloatTile], marks[kFloatTile];
      for (int64_t j = 0; j < batch.rows; ++j) {
        values.push_back(all.value(i, j));
        sides[j] = static_cast<uint8_t>((i + j) % 3);
      }
      const float above = values[20], upto = std::max(values[20], values[50]);
      const std::vector<float> few{above, upto};
      std::vector<float> many(values);
      std::sort(many.begin(), many.end());
      for (const std::vector<float>& cuts : {few, many}) {
        const int64_t nominees = tiles.nominate(i, sides, above, upto, marks);
        tiles.doubt(i, cuts, nominees, marks);
        int64_t counted = 0;
        for (int64_t j = 0; j < batch.rows; ++j) {
          const auto at = static_cast<size_t>(j);
          counted += marks[j] != kNotMarked ? 1 : 0;
          doubtful += marks[j] == kDoubtful ? 1 : 0;
          const bool inside = values[at] > above && values[at] <= upto;
          if (sides[j] != kNegative) {
            EXPECT_EQ(marks[j], kNotMarked);
          } else if (marks[j] == kNotMarked) {
            EXPECT_FALSE(inside) << batch.name;
          } else if (marks[j] == kMarked) {
            for (const float cut : cuts) EXPECT_EQ(values[at] > cut, tiles.value(i, j) > cut);
          }
        }
        EXPECT_EQ(counted, nominees);
        marked += counted;
      }
    }
  }
  EXPECT_GT(marked, 10000);
  EXPECT_GT(marked, doubtful);
  EXPECT_GT(doubtful, 1000);
}

TEST(FloatScreen, IsNotUsedWhereItWouldNotHold) {
  const Threads loop(2);
  for (const test::ScreenBatch& batch : test::screen_batches(5, 40)) {
    const Batch<float> all(batch, Nearness::kEuclidean);
    EXPECT_FALSE(
        FloatScreen<float>(all.rows(), Nearness::kEuclidean, Screening::kOff, loop).usable());
    if (batch.name == "near the greatest number") {
      EXPECT_FALSE(
          FloatScreen<float>(all.rows(), Nearness::kEuclidean, Screening::kOn, loop).usable());
    }
  }
}

}  // namespace
}  // namespace tripoint::cpu
