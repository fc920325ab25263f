#ifndef TRIPOINT_TESTS_SCREEN_BATCHES_H
#define TRIPOINT_TESTS_SCREEN_BATCHES_H

#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "tests/support.h"

namespace tripoint::test {

// Batches that are hard to screen, beside usual ones.
struct ScreenBatch {
  std::string name;
  std::vector<double> values;
  int64_t rows;
  int64_t columns;
};

inline std::vector<ScreenBatch> screen_batches(uint64_t seed, int64_t rows) {
  Random random(seed);
  std::vector<ScreenBatch> batches;
  const auto add = [&](const char* name, int64_t columns, auto&& value) {
    ScreenBatch batch{name, std::vector<double>(static_cast<size_t>(rows * columns)), rows,
                      columns};
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t k = 0; k < columns; ++k) {
        batch.values[static_cast<size_t>(i * columns + k)] = value(i, k);
      }
    }
    batches.push_back(std::move(batch));
  };
  std::normal_distribution<double> normal;
  const auto draw = [&] { return normal(random); };

  add("normal", 33, [&](int64_t, int64_t) { return draw(); });
  const std::vector<double> topics = normal_values(random, 5 * 16);
  for (const double spread : {1.0, 0.2, 1e-3, 1e-7}) {
    add("clustered", 16, [&](int64_t i, int64_t k) {
      return topics[static_cast<size_t>(i % 5 * 16 + k)] + spread * draw();
    });
  }
  add("nearly collapsed", 24, [&](int64_t, int64_t) { return 1 + 1e-3 * draw(); });
  add("collapsed to the last bits", 24, [&](int64_t, int64_t) { return 1 + 1e-7 * draw(); });
  add("collapsed to the last bits of float64", 24,
      [&](int64_t, int64_t) { return 1 + 1e-15 * draw(); });
  add("duplicates", 7, [&, kept = normal_values(random, 7 * 11)](int64_t i, int64_t k) {
    return kept[static_cast<size_t>(i % 11 * 7 + k)];
  });
  // All about as far from the first row: what a bound must keep apart lies within it.
  const std::vector<double> directions = normal_values(random, rows * 20);
  for (const double change : {0.0, 1e-7, 1e-5, 1e-4, 1e-3}) {
    add("near ties on a sphere", 20, [&](int64_t i, int64_t k) {
      if (i % 16 == 0) return 0.0;
      double square = 0;
      for (int64_t q = 0; q < 20; ++q) {
        const double part = directions[static_cast<size_t>(i * 20 + q)];
        square += part * part;
      }
      return directions[static_cast<size_t>(i * 20 + k)] / std::sqrt(square) *
             (1 + change * static_cast<double>(i % 7));
    });
  }
  add("a whole lattice", 3, [&](int64_t i, int64_t k) {
    return static_cast<double>(k == 0 ? i % 7 : k == 1 ? i / 7 % 7 : i / 49);
  });
  add("huge and tiny", 12, [&](int64_t i, int64_t) {
    return draw() * (i % 3 == 0 ? 1e12 : i % 3 == 1 ? 1.0 : 1e-12);
  });
  add("one far away", 12, [&](int64_t i, int64_t) { return draw() + (i == 3 ? 1e5 : 0.0); });
  add("near the greatest number", 5, [&](int64_t, int64_t) { return draw() * 1e37; });
  add("squares below the least number", 5, [&](int64_t, int64_t) { return draw() * 3e-23; });
  add("denormal", 5, [&](int64_t, int64_t) { return draw() * 1e-42; });
  add("rows of zeros", 9, [&](int64_t i, int64_t) { return i % 4 == 0 ? 0.0 : draw(); });
  add("one column", 1, [&](int64_t, int64_t) { return draw(); });
  add("all equal", 6, [&](int64_t, int64_t) { return 0.25; });
  return batches;
}

}  // namespace tripoint::test

#endif
