#include "kernels/cpu/screen/whole_rows.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <vector>

#include "kernels/cpu/rows/pair.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

// Every two pairs that the bound tells apart are so by the pair kernel, and so are a pair and a
// value.
template <typename T>
void expect_sound(const test::ScreenBatch& batch, KeyKind kind) {
  const int64_t width = padded_width<T>(batch.columns);
  const int64_t size = std::min<int64_t>(batch.rows, 40);
  std::vector<T> rows(static_cast<size_t>(size * width), 0);
  for (int64_t i = 0; i < size; ++i) {
    for (int64_t k = 0; k < batch.columns; ++k) {
      rows[static_cast<size_t>(i * width + k)] =
          static_cast<T>(batch.values[static_cast<size_t>(i * batch.columns + k)]);
    }
  }
  WholeScale<T> scale;
  scale.centre.assign(static_cast<size_t>(width), 0);
  if (kind == KeyKind::kSquaredDistance) {
    std::copy(rows.begin(), rows.begin() + width, scale.centre.begin());
  }
  double longest = 0;
  for (int64_t i = 0; i < size; ++i) {
    longest = std::max(
        longest, squared_length(&rows[static_cast<size_t>(i * width)], scale.centre.data(), width));
  }
  const double extent = 1.01 * std::sqrt(longest);
  scale.per_unit = static_cast<T>(kLongestInUnits / extent);
  if (!std::isnormal(scale.per_unit) || !(16 * extent * extent < std::numeric_limits<T>::max())) {
    return;
  }
  const double unit = 1 / static_cast<double>(scale.per_unit);
  const KeyBound bound =
      KeyBound::of<T>(kind, batch.columns, width,
                      4 * kLongestInUnits * std::numeric_limits<T>::epsilon() + 1e-6, unit * unit);
  if (!bound.usable()) return;
  WholeRows<T> wholes(size, batch.columns, kind);
  for (int64_t i = 0; i < size; ++i) {
    ASSERT_TRUE(wholes.put(i, &rows[static_cast<size_t>(i * width)], 1, scale, scale.per_unit));
  }
  std::vector<int32_t> tile(kIntegerTile * kIntegerTile);
  integer_kernels().squared_distances(wholes.rows(), 0, size, wholes.rows(), 0, size, tile.data());
  struct Pair {
    int32_t key;
    T value;
  };
  std::vector<Pair> pairs;
  for (int64_t p = 0; p < size; ++p) {
    for (int64_t q = p + 1; q < size; ++q) {
      const T* const x = &rows[static_cast<size_t>(p * width)];
      const T* const y = &rows[static_cast<size_t>(q * width)];
      T value;
      if (kind == KeyKind::kProduct) {
        pair_kernels<T>().products(x, y, width, 1, &value);
        value = -value;
      } else {
        pair_kernels<T>().squared_distances(x, y, width, 1, &value);
      }
      pairs.push_back({tile[static_cast<size_t>(p * kIntegerTile + q)], value});
    }
  }
  for (const Pair& one : pairs) {
    ASSERT_GE(one.key, kLeastKey);
    ASSERT_LE(one.key, kGreatestKey);
    const int32_t farther = bound.farther(one.key);
    const int32_t nearer = bound.nearer(one.key);
    const double value =
        static_cast<double>(one.value) / (unit * unit) * (kind == KeyKind::kProduct ? 2 : 1);
    const int32_t beyond = bound.beyond(value);
    const int32_t before = bound.before(value);
    for (const Pair& other : pairs) {
      if (other.key > farther || other.key > beyond) {
        ASSERT_GT(other.value, one.value);
      }
      if (other.key < nearer || other.key < before) {
        ASSERT_LT(other.value, one.value);
      }
    }
  }
}

TEST(KeyBound, NeverContradictsThePairKernel) {
  for (uint64_t seed = 0; seed < 4; ++seed) {
    for (const test::ScreenBatch& batch : test::screen_batches(seed, 96)) {
      for (const KeyKind kind : {KeyKind::kSquaredDistance, KeyKind::kProduct}) {
        SCOPED_TRACE(testing::Message()
                     << batch.name << " seed " << seed << " kind " << static_cast<int>(kind));
        expect_sound<float>(batch, kind);
        expect_sound<double>(batch, kind);
      }
    }
  }
}

TEST(KeyBound, TakesValuesFarBeyondAllKeys) {
  const double far = std::numeric_limits<double>::infinity();
  for (const KeyKind kind : {KeyKind::kSquaredDistance, KeyKind::kProduct}) {
    const KeyBound bound = KeyBound::of<float>(kind, 10, 16, 0.1, 1e-6);
    EXPECT_EQ(bound.beyond(far), kGreatestKey);
    EXPECT_EQ(bound.before(far), kGreatestKey);
    EXPECT_EQ(bound.beyond(-far), kLeastKey);
    EXPECT_EQ(bound.before(-far), kLeastKey);
  }
}

TEST(WholeRows, KeepKeysOfRowsApartAndOfThoseThatNeverCountOutside) {
  const int64_t columns = 6;
  const int64_t width = padded_width<float>(columns);
  const WholeScale<float> scale{std::vector<float>(static_cast<size_t>(width), 0), 1000};
  std::vector<float> row(static_cast<size_t>(width), 0);
  for (const KeyKind kind : {KeyKind::kSquaredDistance, KeyKind::kProduct}) {
    WholeRows<float> wholes(3, columns, kind);
    row[0] = 16;
    ASSERT_TRUE(wholes.put(0, row.data(), 1, scale, scale.per_unit));
    wholes.put_apart(1);
    wholes.put_never(2);
    row[0] = 16.1f;
    EXPECT_FALSE(wholes.put(2, row.data(), 1, scale, scale.per_unit));
    row[0] = std::numeric_limits<float>::quiet_NaN();
    EXPECT_FALSE(wholes.put(2, row.data(), 1, scale, scale.per_unit));
    std::vector<int32_t> tile(kIntegerTile * kIntegerTile);
    integer_kernels().squared_distances(wholes.rows(), 0, 1, wholes.rows(), 0, 3, tile.data());
    EXPECT_EQ(tile[0], kind == KeyKind::kProduct ? -2 * 16000 * 16000 : 0);
    EXPECT_LT(tile[1], kLeastKey);
    EXPECT_GT(tile[2], kGreatestKey);
  }
}

TEST(WholeRows, MeasureLengthsInDouble) {
  std::vector<float> row(32, 3e30f), centre(32, 1e30f);
  EXPECT_NEAR(squared_length(row.data(), centre.data(), 32) / (32 * 4e60), 1, 1e-6);
  EXPECT_NEAR(squared_length(row.data(), 32) / (32 * 9e60), 1, 1e-6);
}

}  // namespace
}  // namespace tripoint::cpu
