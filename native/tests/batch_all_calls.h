#ifndef TRIPOINT_TESTS_BATCH_ALL_CALLS_H
#define TRIPOINT_TESTS_BATCH_ALL_CALLS_H

#include <cstdint>
#include <vector>

#include "kernels/cpu/loss/batch_all.h"
#include "tests/support.h"

namespace tripoint::test {

// What batch_all gives for a batch by its labels.
struct AllOutcome {
  double loss;
  int64_t active, valid;
  std::vector<double> gradient;

  bool operator==(const AllOutcome&) const = default;
};

inline AllOutcome all_of(const Matrix& matrix, const std::vector<int64_t>& labels,
                         cpu::Metric metric, double margin, int threads = 1) {
  const cpu::FloatMatrix& rows = matrix.get();
  const Labels<int64_t> stored(labels, cpu::IntegerType::kInt64);
  const Result gradient(rows.rows, rows.columns, rows.type);
  const Threads loop(threads);
  const cpu::BatchAllResult result = cpu::batch_all(
      rows, stored.get(), {cpu::nearness_of(metric), false, margin, cpu::LossMean::kAboveZero},
      loop, gradient.data());
  return {result.loss, result.active, result.valid, gradient.values()};
}

}  // namespace tripoint::test

#endif
