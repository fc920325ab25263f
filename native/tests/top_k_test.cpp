#include "kernels/cpu/mine/top_k.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include "kernels/cpu/rows/pair.h"
#include "kernels/cpu/rows/rows.h"
#include "tests/screen_batches.h"
#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Matrix;
using test::Random;
using test::Threads;

constexpr Nearness kAll[] = {Nearness::kEuclidean, Nearness::kSquaredEuclidean, Nearness::kCosine,
                             Nearness::kDot};

struct Found {
  std::vector<double> values;
  std::vector<int64_t> rows;
  int64_t evaluated = 0;

  bool operator==(const Found& other) const { return rows == other.rows && same(other.values); }
  bool same(const std::vector<double>& others) const {
    return std::equal(
        values.begin(), values.end(), others.begin(), others.end(),
        [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); });
  }
};

TopK wanted(Nearness nearness, int64_t k) { return {k, nearness, {}, {}, nullptr, nullptr}; }

bool is_double(const Matrix& queries, const Matrix& corpus) {
  return queries.get().type == FloatType::kFloat64 || corpus.get().type == FloatType::kFloat64;
}

// Bytes are tried on every processor, fast or not.
constexpr TopKScreens kScreens[] = {{false, false}, {false, true}, {true, false}, {true, true}};

// `Screens` are a choice of them, or whether there shall be any.
template <typename Screens>
Found search(const Matrix& queries, const Matrix& corpus, const TopK& wanted, Screens screening,
             int threads) {
  const auto size = static_cast<size_t>(queries.get().rows * wanted.k);
  Found found;
  found.rows.resize(size, 7);
  found.values.resize(size, 7);
  if (is_double(queries, corpus)) {
    found.evaluated = top_k(queries.get(), corpus.get(), wanted, screening, Threads(threads),
                            {found.values.data(), found.rows.data()});
  } else {
    std::vector<float> values(size, 7);
    found.evaluated = top_k(queries.get(), corpus.get(), wanted, screening, Threads(threads),
                            {values.data(), found.rows.data()});
    std::copy(values.begin(), values.end(), found.values.begin());
  }
  return found;
}

// The definition: every pair by the pair kernel, sorted by (value, row).
template <typename T>
Found define(const Matrix& queries, const Matrix& corpus, const TopK& wanted) {
  const Metric metric =
      wanted.nearness == Nearness::kCosine ? Metric::kCosine : Metric::kSquaredEuclidean;
  const auto packed = [&](const FloatMatrix& matrix) {
    std::vector<int64_t> order(static_cast<size_t>(matrix.rows));
    std::iota(order.begin(), order.end(), 0);
    return PackedRows<T>(matrix, order, metric, Threads(1));
  };
  const PackedRows<T> x = packed(queries.get());
  const PackedRows<T> y = packed(corpus.get());
  const auto is_finite = [&](const T* row) {
    return std::all_of(row, row + x.columns(), [](T value) { return std::isfinite(value); });
  };
  const bool dot = wanted.nearness == Nearness::kDot;
  Found found;
  for (int64_t q = 0; q < x.size(); ++q) {
    std::vector<std::pair<T, int64_t>> all;
    for (int64_t c = 0; c < y.size() && is_finite(x.row(q)); ++c) {
      if (!is_finite(y.row(c))) continue;
      if (wanted.skipped != nullptr && (*wanted.skipped)(c, 0)) continue;
      if (wanted.excluded != nullptr) {
        const auto begin = wanted.excluded->rows.begin();
        const auto& offsets = wanted.excluded->offsets;
        const auto at = static_cast<size_t>(q);
        if (std::binary_search(begin + offsets[at], begin + offsets[at + 1], c)) continue;
      }
      T value;
      if (dot) {
        pair_kernels<T>().products(x.row(q), y.row(c), x.width(), 1, &value);
      } else {
        pair_kernels<T>().squared_distances(x.row(q), y.row(c), x.width(), 1, &value);
        x.finish(q, y, c, 1, &value);
      }
      const T given = wanted.nearness == Nearness::kEuclidean ? std::sqrt(value) : value;
      if (std::isnan(given) || (wanted.least && static_cast<double>(given) < *wanted.least) ||
          (wanted.greatest && static_cast<double>(given) > *wanted.greatest)) {
        continue;
      }
      all.push_back({dot ? -value : value, c});
    }
    std::sort(all.begin(), all.end());
    const double far = std::numeric_limits<double>::infinity();
    for (size_t place = 0; place < static_cast<size_t>(wanted.k); ++place) {
      if (place < all.size()) {
        const T value = all[place].first;
        found.values.push_back(dot                                       ? -value
                               : wanted.nearness == Nearness::kEuclidean ? std::sqrt(value)
                                                                         : value);
        found.rows.push_back(all[place].second);
      } else {
        found.values.push_back(!is_finite(x.row(q)) ? std::nan("") : dot ? -far : far);
        found.rows.push_back(-1);
      }
    }
  }
  return found;
}

Found define(const Matrix& queries, const Matrix& corpus, const TopK& wanted) {
  return is_double(queries, corpus) ? define<double>(queries, corpus, wanted)
                                    : define<float>(queries, corpus, wanted);
}

void expect_defined(const Matrix& queries, const Matrix& corpus, const TopK& wanted) {
  const Found expected = define(queries, corpus, wanted);
  for (const int threads : {1, 2, 3, 8}) {
    for (const TopKScreens screens : kScreens) {
      const Found found = search(queries, corpus, wanted, screens, threads);
      ASSERT_EQ(found.rows, expected.rows)
          << threads << " threads, bytes " << screens.bytes << ", wider " << screens.wider;
      ASSERT_TRUE(found == expected)
          << threads << " threads, bytes " << screens.bytes << ", wider " << screens.wider;
    }
    for (const Screening screening : {Screening::kOff, Screening::kOn}) {
      ASSERT_TRUE(search(queries, corpus, wanted, screening, threads) == expected)
          << threads << " threads, screening " << static_cast<int>(screening);
    }
  }
}

TEST(TopK, IsItsDefinitionForEveryTypeAndLayout) {
  for (uint64_t seed = 0; seed < 60; ++seed) {
    Random random(seed);
    const auto below = [&](uint64_t most) { return static_cast<int64_t>(random() % most); };
    const int64_t columns = seed % 10 == 0 ? 0 : 1 + below(40);
    const int64_t rows = seed % 7 == 0 ? below(4) : below(300);
    const int64_t asked = below(70);
    const bool tied = seed % 3 == 0;
    const auto values = [&](int64_t count) {
      return tied ? test::tied_values(random, count) : test::normal_values(random, count);
    };
    const auto type = static_cast<FloatType>(random() % 4);
    const auto other = seed % 5 == 0 ? static_cast<FloatType>(random() % 4) : type;
    const Matrix queries(values(asked * columns), asked, columns, type, below(3), below(2) == 0);
    const Matrix corpus(values(rows * columns), rows, columns, other, below(3), below(2) == 0);
    for (const Nearness nearness : kAll) {
      SCOPED_TRACE(testing::Message()
                   << "seed " << seed << " nearness " << static_cast<int>(nearness));
      expect_defined(queries, corpus, wanted(nearness, below(2) == 0 ? 1 + below(9) : below(400)));
    }
  }
}

TEST(TopK, IsItsDefinitionOnBatchesThatAreHardToScreen) {
  for (const int64_t rows : {1100, 1371}) {
    for (const test::ScreenBatch& batch : test::screen_batches(static_cast<uint64_t>(rows), rows)) {
      const int64_t asked = 51;
      std::vector<double> own(batch.values.begin(), batch.values.begin() + asked * batch.columns);
      for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64}) {
        const Matrix queries(own, asked, batch.columns, type);
        const Matrix corpus(batch.values, rows, batch.columns, type);
        for (const Nearness nearness :
             {Nearness::kSquaredEuclidean, Nearness::kCosine, Nearness::kDot}) {
          SCOPED_TRACE(testing::Message()
                       << batch.name << " rows " << rows << " type " << static_cast<int>(type)
                       << " nearness " << static_cast<int>(nearness));
          const TopK one = wanted(nearness, 10);
          const Found expected = define(queries, corpus, one);
          for (const TopKScreens screens : kScreens) {
            for (const int threads : {1, 3}) {
              ASSERT_TRUE(search(queries, corpus, one, screens, threads) == expected)
                  << threads << " threads, bytes " << screens.bytes << ", wider " << screens.wider;
            }
          }
        }
      }
    }
  }
}

TEST(TopK, FindsManyOfMany) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Random random(200 + seed);
    const auto below = [&](uint64_t most) { return static_cast<int64_t>(random() % most); };
    const int64_t rows = (seed % 2 == 0 ? 1100 : 300) + below(900);
    const int64_t columns = seed % 3 == 2 ? 16 : 1 + below(20);  // as packed rows have, or not
    const int64_t asked = 50 + below(60);
    const auto values = [&](int64_t count) {
      return seed % 2 == 0 ? test::normal_values(random, count) : test::tied_values(random, count);
    };
    const auto type = seed % 3 == 0   ? FloatType::kFloat64
                      : seed % 3 == 1 ? FloatType::kFloat16
                                      : FloatType::kFloat32;
    const Matrix queries(values(asked * columns), asked, columns, type);
    const Matrix corpus(values(rows * columns), rows, columns, type);
    for (const Nearness nearness : kAll) {
      for (const int64_t k : {int64_t{7}, rows / 30, rows / 9, rows / 4, rows / 2}) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " nearness "
                                        << static_cast<int>(nearness) << " k " << k);
        const TopK one = wanted(nearness, k);
        const Found expected = define(queries, corpus, one);
        for (const TopKScreens screens : kScreens) {
          const int threads = screens.bytes ? 1 : 3;
          ASSERT_TRUE(search(queries, corpus, one, screens, threads) == expected)
              << "bytes " << screens.bytes << ", wider " << screens.wider;
        }
      }
    }
  }
}

TEST(TopK, PassesOverWhatIsExcludedSkippedAndOutsideTheWindow) {
  for (uint64_t seed = 0; seed < 6; ++seed) {
    Random random(100 + seed);
    const auto below = [&](uint64_t most) { return static_cast<int64_t>(random() % most); };
    const int64_t columns = 1 + below(24);
    const int64_t rows = 1100 + below(300);
    const int64_t asked = 20 + below(60);
    const auto type = seed % 4 == 0 ? FloatType::kFloat64 : FloatType::kFloat32;
    const Matrix queries(test::normal_values(random, asked * columns), asked, columns, type);
    const Matrix corpus(test::normal_values(random, rows * columns), rows, columns, type);
    Exclusions excluded;
    excluded.offsets.push_back(0);
    for (int64_t q = 0; q < asked; ++q) {
      std::vector<int64_t> own;
      for (int64_t n = below(3) == 0 ? 0 : below(400); n > 0; --n) {
        own.push_back(below(static_cast<uint64_t>(rows)));
      }
      std::sort(own.begin(), own.end());
      excluded.rows.insert(excluded.rows.end(), own.begin(), own.end());
      excluded.offsets.push_back(static_cast<int64_t>(excluded.rows.size()));
    }
    std::vector<uint8_t> skips(static_cast<size_t>(2 * rows));
    for (uint8_t& skip : skips) skip = below(4) == 0 ? 1 : 0;
    const Mask skipped{skips.data(), 2, 1};
    for (const Nearness nearness : kAll) {
      TopK one = wanted(nearness, seed % 2 == 0 ? 1 + below(20) : 60 + below(200));
      const Found all = define(queries, corpus, wanted(nearness, rows));
      std::vector<double> values = all.values;
      std::sort(values.begin(), values.end());
      const double low = values[values.size() / static_cast<size_t>(4 + below(400))];
      const double high = values[values.size() / 2];
      for (int options = 0; options < 16; ++options) {
        SCOPED_TRACE(testing::Message() << "seed " << seed << " nearness "
                                        << static_cast<int>(nearness) << " options " << options);
        one.excluded = (options & 1) != 0 ? &excluded : nullptr;
        one.skipped = (options & 2) != 0 ? &skipped : nullptr;
        one.least = (options & 4) != 0 ? std::optional(low) : std::nullopt;
        one.greatest = (options & 8) != 0 ? std::optional(high) : std::nullopt;
        const Found expected = define(queries, corpus, one);
        for (const TopKScreens screens : kScreens) {
          ASSERT_TRUE(search(queries, corpus, one, screens, 2) == expected)
              << "bytes " << screens.bytes << ", wider " << screens.wider;
        }
      }
    }
  }
}

TEST(TopK, TakesWindowsThatLetAllOrNothingThrough) {
  Random random(9);
  const Matrix queries(test::normal_values(random, 20 * 8), 20, 8, FloatType::kFloat32);
  const Matrix corpus(test::normal_values(random, 1200 * 8), 1200, 8, FloatType::kFloat32);
  const double far = std::numeric_limits<double>::infinity();
  for (const Nearness nearness : kAll) {
    for (const auto& [least, greatest] :
         {std::pair(-far, far), {far, far}, {-far, -far}, {2.0, 1.0}, {-1e300, 1e300}, {0., 0.}}) {
      TopK one = wanted(nearness, 5);
      one.least = least;
      one.greatest = greatest;
      SCOPED_TRACE(testing::Message() << static_cast<int>(nearness) << " " << least);
      expect_defined(queries, corpus, one);
    }
  }
}

TEST(TopK, NeverTakesRowsThatAreNotFinite) {
  Random random(4);
  const int64_t rows = 1500;
  const int64_t columns = 9;
  std::vector<double> values = test::normal_values(random, rows * columns);
  const double far = std::numeric_limits<double>::infinity();
  for (int64_t i = 0; i < rows; i += 37) {
    values[static_cast<size_t>(i * columns + i % columns)] = i % 3 == 0   ? std::nan("")
                                                             : i % 3 == 1 ? far
                                                                          : -far;
  }
  for (const FloatType type : {FloatType::kFloat32, FloatType::kFloat64, FloatType::kBFloat16}) {
    const Matrix queries({values.begin(), values.begin() + 80 * columns}, 80, columns, type);
    const Matrix corpus(values, rows, columns, type);
    for (const Nearness nearness : kAll) expect_defined(queries, corpus, wanted(nearness, 6));
  }
}

TEST(TopK, KeepsRowsApartThatASampleDoesNotShow) {
  Random random(5);
  const int64_t rows = 3000;
  const int64_t columns = 12;
  std::vector<double> values = test::normal_values(random, rows * columns);
  for (int64_t i = 1; i < rows; i += 700) {
    for (int64_t k = 0; k < columns; ++k) {
      double& value = values[static_cast<size_t>(i * columns + k)];
      value *= i % 2 == 0 ? 0 : 50;
    }
  }
  const Matrix queries(test::normal_values(random, 70 * columns), 70, columns, FloatType::kFloat32);
  const Matrix corpus(values, rows, columns, FloatType::kFloat32);
  for (const Nearness nearness : kAll) expect_defined(queries, corpus, wanted(nearness, 7));
}

TEST(TopK, IsRightInDoubleToo) {
  Random random(6);
  const int64_t rows = 2000;
  const int64_t columns = 30;
  const std::vector<double> x = test::normal_values(random, 16 * columns);
  const std::vector<double> y = test::normal_values(random, rows * columns);
  const Matrix queries(x, 16, columns, FloatType::kFloat32);
  const Matrix corpus(y, rows, columns, FloatType::kFloat32);
  for (const Nearness nearness : kAll) {
    const Found found = search(queries, corpus, wanted(nearness, 5), Screening::kOn, 2);
    for (size_t q = 0; q < 16; ++q) {
      std::vector<double> all;
      for (size_t c = 0; c < static_cast<size_t>(rows); ++c) {
        double square = 0, dot = 0, own = 0, other = 0;
        for (size_t k = 0; k < static_cast<size_t>(columns); ++k) {
          const double a = x[q * static_cast<size_t>(columns) + k];
          const double b = y[c * static_cast<size_t>(columns) + k];
          square += (a - b) * (a - b);
          dot += a * b;
          own += a * a;
          other += b * b;
        }
        all.push_back(nearness == Nearness::kEuclidean          ? std::sqrt(square)
                      : nearness == Nearness::kSquaredEuclidean ? square
                      : nearness == Nearness::kCosine           ? 1 - dot / std::sqrt(own * other)
                                                                : -dot);
      }
      std::sort(all.begin(), all.end());
      for (size_t place = 0; place < 5; ++place) {
        const double value = found.values[q * 5 + place];
        EXPECT_NEAR(nearness == Nearness::kDot ? -value : value, all[place], 1e-4);
      }
    }
  }
}

// How many pairs are given to the pair kernel, of each query.
double evaluated(const std::vector<double>& values, int64_t rows, int64_t columns,
                 TopKScreens screens) {
  const int64_t asked = 100;
  const Matrix queries({values.begin(), values.begin() + asked * columns}, asked, columns,
                       FloatType::kFloat32);
  const Matrix corpus(values, rows, columns, FloatType::kFloat32);
  return static_cast<double>(
             search(queries, corpus, wanted(Nearness::kCosine, 10), screens, 2).evaluated) /
         static_cast<double>(asked);
}

TEST(TopK, LooksAtFewPairsBesideManyThatAreWanted) {
  Random random(8);
  const int64_t rows = 2000;
  const int64_t columns = 16;
  const int64_t k = 200;
  // So many that chance leaves a few of them too few nominees.
  const int64_t asked = 3000;
  for (const bool classes : {false, true}) {
    const auto values = [&](int64_t count) {
      std::vector<double> values = test::normal_values(random, count * columns);
      // Rows of eight classes take turns, as rows of a sample might.
      for (int64_t i = 0; classes && i < count; ++i)
        values[static_cast<size_t>(i * columns + i % 8)] += 6;
      return values;
    };
    const Matrix queries(values(asked), asked, columns, FloatType::kFloat32);
    const Matrix corpus(values(rows), rows, columns, FloatType::kFloat32);
    for (const Nearness nearness : {Nearness::kEuclidean, Nearness::kDot}) {
      const Found found = search(queries, corpus, wanted(nearness, k), TopKScreens{true, true}, 2);
      EXPECT_EQ(found.rows, define(queries, corpus, wanted(nearness, k)).rows);
      EXPECT_LT(found.evaluated, asked * (k + 20));
    }
  }
}

TEST(TopK, LeavesFewPairsOfARandomCorpusAndAllOfOneWithoutDifferences) {
  Random random(3);
  const std::vector<double> random_rows = test::normal_values(random, 5000 * 64);
  EXPECT_LT(evaluated(random_rows, 5000, 64, {false, true}), 12);
  EXPECT_LT(evaluated(random_rows, 5000, 64, {true, false}), 300);
  for (const TopKScreens screens : kScreens) {
    EXPECT_EQ(evaluated(std::vector<double>(5000 * 4, 0.5), 5000, 4, screens), 5000);
  }
}

}  // namespace
}  // namespace tripoint::cpu
