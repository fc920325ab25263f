#include "kernels/cpu/screen/screen.h"

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

#include "kernels/cpu/mine/hardest.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Matrix;
using test::Random;
using test::Threads;

std::vector<int64_t> in_order(int64_t count) {
  std::vector<int64_t> order(static_cast<size_t>(count));
  std::iota(order.begin(), order.end(), 0);
  return order;
}

TEST(IntegerTile, IsTheDistancesOfWholeNumbers) {
  for (uint64_t seed = 0; seed < 40; ++seed) {
    Random random(seed);
    const int64_t pairs = 1 + static_cast<int64_t>(random() % 70);
    const int64_t size = 3 * kIntegerTile;
    std::vector<int16_t> values(static_cast<size_t>((size + kIntegerMargin) * pairs * 2));
    std::vector<int32_t> squares(static_cast<size_t>(size + kIntegerMargin));
    // Up to the greatest sums that are exact, and of both signs.
    const auto most = static_cast<int>(23000 / std::sqrt(2.0 * static_cast<double>(pairs)));
    for (int16_t& value : values) {
      value =
          static_cast<int16_t>(static_cast<int>(random() % static_cast<uint64_t>(2 * most)) - most);
    }
    const auto at = [&](int64_t row, int64_t k) -> int64_t {
      return values[static_cast<size_t>(integer_place(pairs, row, k / 2) + k % 2)];
    };
    for (int64_t row = 0; row < size; ++row) {
      for (int64_t k = 0; k < 2 * pairs; ++k) {
        squares[static_cast<size_t>(row)] += static_cast<int32_t>(at(row, k) * at(row, k));
      }
    }
    const int64_t row = kIntegerTile * static_cast<int64_t>(random() % 3);
    const int64_t column = kIntegerTile * static_cast<int64_t>(random() % 3);
    const auto row_count = 1 + static_cast<int64_t>(random() % kIntegerTile);
    const auto column_count = 1 + static_cast<int64_t>(random() % kIntegerTile);
    // The columns are those of the same rows in another place.
    const std::vector<int16_t> other_values(values);
    const std::vector<int32_t> other_squares(squares);
    const IntegerRows rows{values.data(), squares.data(), pairs};
    const IntegerRows columns{other_values.data(), other_squares.data(), pairs};
    for (const IntegerKernels* kernels : every_integer_kernels()) {
      std::vector<int32_t> tile(kIntegerTile * kIntegerTile);
      kernels->squared_distances(rows, row, row_count, columns, column, column_count, tile.data());
      for (int64_t i = 0; i < row_count; ++i) {
        for (int64_t j = 0; j < column_count; ++j) {
          int64_t expected = 0;
          for (int64_t k = 0; k < 2 * pairs; ++k) {
            const int64_t difference = at(row + i, k) - at(column + j, k);
            expected += difference * difference;
          }
          ASSERT_EQ(tile[static_cast<size_t>(i * kIntegerTile + j)], expected)
              << "seed " << seed << " " << i << " " << j;
        }
      }
    }
  }
}

TEST(IntegerTile, ScansAreTheirDefinition) {
  for (uint64_t seed = 0; seed < 200; ++seed) {
    Random random(seed);
    const auto count = 1 + static_cast<int64_t>(random() % kIntegerTile);
    std::vector<int32_t> keys(kIntegerTile), limits(kIntegerTile), least(kIntegerTile);
    for (int32_t& key : keys) key = static_cast<int32_t>(random() % 1000) - 500;
    for (int32_t& limit : limits) limit = static_cast<int32_t>(random() % 40) - 520;
    for (int32_t& one : least) one = static_cast<int32_t>(random() % 1000) - 500;
    const auto limit = static_cast<int32_t>(random() % 40) - 520;
    std::vector<int32_t> expected = least;
    int32_t expected_row = std::numeric_limits<int32_t>::max();
    for (int64_t j = 0; j < count; ++j) {
      const auto at = static_cast<size_t>(j);
      expected_row = std::min(expected_row, keys[at]);
      expected[at] = std::min(expected[at], keys[at]);
    }
    for (const IntegerKernels* kernels : every_integer_kernels()) {
      std::vector<int32_t> columns = least;
      EXPECT_EQ(kernels->least(keys.data(), count, columns.data()), expected_row);
      EXPECT_EQ(columns, expected);
      std::vector<int32_t> places(kIntegerTile), expected_places, expected_either;
      for (int32_t j = 0; j < count; ++j) {
        const auto at = static_cast<size_t>(j);
        if (keys[at] <= limit) expected_places.push_back(j);
        if (keys[at] <= limit || keys[at] <= limits[at]) expected_either.push_back(j);
      }
      places.resize(
          static_cast<size_t>(kernels->collect(keys.data(), count, limit, places.data())));
      EXPECT_EQ(places, expected_places);
      places.resize(kIntegerTile);
      places.resize(static_cast<size_t>(
          kernels->collect_either(keys.data(), count, limit, limits.data(), places.data())));
      EXPECT_EQ(places, expected_either);
    }
  }
}

// What the pair kernel says of two positions.
template <typename T>
T value_of(const PackedRows<T>& rows, int64_t p, int64_t q) {
  T value;
  pair_kernels<T>().squared_distances(rows.row(p), rows.row(q), rows.width(), 1, &value);
  rows.finish(p, q, 1, &value);
  return value;
}

// Every two pairs of the first rows that the screen tells apart are so by the pair kernel.
template <typename T>
void expect_sound(const PackedRows<T>& rows) {
  const Screen<T> screen(rows, Threads(2));
  if (!screen.usable()) return;
  const int64_t size = std::min<int64_t>(rows.size(), 40);
  std::vector<int32_t> tile(kIntegerTile * kIntegerTile);
  screen.tile(0, size, 0, size, tile.data());
  struct Pair {
    int32_t distance;
    T value;
  };
  std::vector<Pair> pairs;
  for (int64_t p = 0; p < size; ++p) {
    for (int64_t q = p + 1; q < size; ++q) {
      pairs.push_back({tile[static_cast<size_t>(p * kIntegerTile + q)], value_of(rows, p, q)});
    }
  }
  for (const Pair& one : pairs) {
    const int32_t farther = screen.farther(one.distance);
    const int32_t nearer = screen.nearer(one.distance);
    ASSERT_GE(farther, one.distance);
    ASSERT_LE(nearer, one.distance);
    for (const Pair& other : pairs) {
      if (other.distance > farther) {
        ASSERT_GT(other.value, one.value);
      }
      if (other.distance < nearer) {
        ASSERT_LT(other.value, one.value);
      }
    }
  }
}

TEST(Screen, NeverContradictsThePairKernel) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (const test::ScreenBatch& batch : test::screen_batches(seed, 96)) {
      for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64}) {
        const Matrix matrix(batch.values, batch.rows, batch.columns, type);
        for (const Metric metric : {Metric::kEuclidean, Metric::kCosine}) {
          SCOPED_TRACE(testing::Message()
                       << batch.name << " seed " << seed << " type " << static_cast<int>(type)
                       << " metric " << static_cast<int>(metric));
          const std::vector<int64_t> order = in_order(batch.rows);
          if (type == FloatType::kFloat64) {
            expect_sound(PackedRows<double>(matrix.get(), order, metric, Threads(1)));
          } else {
            expect_sound(PackedRows<float>(matrix.get(), order, metric, Threads(1)));
          }
        }
      }
    }
  }
}

template <typename T>
void expect_same_hardest(const Matrix& matrix, const std::vector<int64_t>& labels, Metric metric) {
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const ClassOrder order(stored.get());
  const PackedRows<T> rows(matrix.get(), order.row, metric, Threads(1));
  if (!rows.finite()) return;
  const Hardest<T> plain = find_hardest(rows, order, Screening::kOff, Threads(1));
  for (const int threads : {1, 2, 3, 8}) {
    const Hardest<T> screened = find_hardest(rows, order, Screening::kOn, Threads(threads));
    for (size_t p = 0; p < labels.size(); ++p) {
      ASSERT_EQ(screened.positive[p].index, plain.positive[p].index) << p << " of " << threads;
      ASSERT_EQ(screened.positive[p].value, plain.positive[p].value) << p << " of " << threads;
      ASSERT_EQ(screened.negative[p].index, plain.negative[p].index) << p << " of " << threads;
      ASSERT_EQ(screened.negative[p].value, plain.negative[p].value) << p << " of " << threads;
    }
  }
}

TEST(Screen, LeavesTheHardestAsTheyAre) {
  for (const int64_t size : {256, 287, 400}) {
    for (const test::ScreenBatch& batch : test::screen_batches(static_cast<uint64_t>(size), size)) {
      for (const int64_t classes : {2, 40}) {
        Random random(5);
        const std::vector<int64_t> labels = test::ragged_labels(random, size, classes);
        for (const Metric metric : {Metric::kEuclidean, Metric::kCosine}) {
          SCOPED_TRACE(testing::Message()
                       << batch.name << " size " << size << " metric " << static_cast<int>(metric));
          expect_same_hardest<float>(
              Matrix(batch.values, batch.rows, batch.columns, FloatType::kFloat32), labels, metric);
          expect_same_hardest<double>(
              Matrix(batch.values, batch.rows, batch.columns, FloatType::kFloat64), labels, metric);
        }
      }
    }
  }
}

int64_t evaluated(const std::vector<double>& values, int64_t rows, int64_t columns) {
  const Matrix matrix(values, rows, columns, FloatType::kFloat32);
  std::vector<int64_t> labels(static_cast<size_t>(rows));
  for (size_t i = 0; i < labels.size(); ++i) labels[i] = static_cast<int64_t>(i / 8);
  const Labels<int64_t> stored(labels, IntegerType::kInt64);
  const ClassOrder order(stored.get());
  const PackedRows<float> packed(matrix.get(), order.row, Metric::kEuclidean, Threads(1));
  return find_hardest(packed, order, Screening::kOn, Threads(2)).evaluated;
}

TEST(Screen, LeavesFewPairsOfARandomBatchAndAllOfOneWithoutDifferences) {
  Random random(3);
  const int64_t size = 1000;
  const int64_t pairs = size * (size - 1) / 2;
  EXPECT_LT(evaluated(test::normal_values(random, size * 64), size, 64), pairs / 20);
  EXPECT_EQ(evaluated(test::tied_values(random, size), size, 1), pairs);
  EXPECT_EQ(evaluated(std::vector<double>(static_cast<size_t>(size * 4), 0.5), size, 4), pairs);
}

}  // namespace
}  // namespace tripoint::cpu
