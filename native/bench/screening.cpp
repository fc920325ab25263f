// What screening leaves and takes: batch-hard's mining of one batch, with and without it.
//
// screening N D THREADS reads N · D float32 and N int64 labels from stdin, and prints the pairs
// that the pair kernel looks at for each row, and the milliseconds with screening and without
// (medians).
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "kernels/cpu/mine/hardest.h"

using namespace tripoint::cpu;

int main(int, char** arguments) {
  const int64_t rows = std::atoll(arguments[1]), columns = std::atoll(arguments[2]);
  const int64_t threads = std::atoll(arguments[3]);
  std::vector<float> values(static_cast<size_t>(rows * columns));
  std::vector<int64_t> labels(static_cast<size_t>(rows));
  if (std::fread(values.data(), sizeof(float), values.size(), stdin) != values.size() ||
      std::fread(labels.data(), sizeof(int64_t), labels.size(), stdin) != labels.size()) {
    std::fputs("screening: stdin is too short\n", stderr);
    return 1;
  }
  const auto parallel = [&](int64_t count, Tasks tasks) {
    std::vector<std::thread> all;
    for (int64_t t = 0; t < threads; ++t) {
      all.emplace_back([&, t] { tasks(count * t / threads, count * (t + 1) / threads); });
    }
    for (std::thread& one : all) one.join();
  };
  const Parallel loop(parallel);
  const ClassOrder order({labels.data(), IntegerType::kInt64, rows, 1});
  const PackedRows<float> packed({values.data(), FloatType::kFloat32, rows, columns, columns, 1},
                                 order.row, Metric::kEuclidean, loop);
  double pairs = 0;
  const auto median = [&](Screening screening, int rounds) {
    std::vector<double> times;
    for (int round = 0; round < rounds; ++round) {
      const auto start = std::chrono::steady_clock::now();
      const Hardest<float> found = find_hardest(packed, order, screening, loop);
      times.push_back(
          std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
              .count());
      if (screening == Screening::kOn) pairs = static_cast<double>(found.evaluated);
    }
    std::sort(times.begin(), times.end());
    return times[times.size() / 2];
  };
  const double screened = median(Screening::kOn, 9);
  const double plain = median(Screening::kOff, 3);
  std::printf("%.2f %.2f %.2f\n", pairs / static_cast<double>(rows), screened, plain);
  return 0;
}
