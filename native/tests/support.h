#ifndef TRIPOINT_TESTS_SUPPORT_H
#define TRIPOINT_TESTS_SUPPORT_H

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>
#include <exception>
#include <mutex>
#include <new>
#include <random>
#include <thread>
#include <vector>

#include "kernels/cpu/base/parallel.h"
#include "kernels/cpu/base/strided.h"

namespace tripoint::test {

using Random = std::mt19937_64;

// A loop on `threads` threads that take ranges of changing lengths from both ends.
class Threads {
 public:
  explicit Threads(int threads) : threads_(threads) {}

  void operator()(int64_t count, cpu::Tasks tasks) const {
    if (threads_ == 1) return tasks(0, count);
    std::mutex mutex;
    int64_t front = 0;
    int64_t back = count;
    int64_t turn = 0;
    std::exception_ptr failure;
    const auto work = [&] {
      try {
        for (;;) {
          int64_t begin, end;
          {
            const std::lock_guard<std::mutex> lock(mutex);
            if (front >= back) return;
            const int64_t length = std::min<int64_t>(1 + turn % 3, back - front);
            if (turn++ % 2 == 0) {
              begin = front;
              end = front += length;
            } else {
              end = back;
              begin = back -= length;
            }
          }
          tasks(begin, end);
        }
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        failure = std::current_exception();
      }
    };
    std::vector<std::thread> workers;
    for (int t = 0; t < threads_; ++t) workers.emplace_back(work);
    for (std::thread& worker : workers) worker.join();
    if (failure) std::rethrow_exception(failure);
  }

 private:
  int threads_;
};

// Memory that ends where a page begins that must not be touched, so that reading past it faults.
class Guarded {
 public:
  explicit Guarded(size_t bytes) : page_(static_cast<size_t>(sysconf(_SC_PAGESIZE))) {
    length_ = (bytes + page_ - 1) / page_ * page_ + page_;
    void* const start =
        mmap(nullptr, length_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) throw std::bad_alloc();
    start_ = static_cast<char*>(start);
    if (mprotect(start_ + length_ - page_, page_, PROT_NONE) != 0) throw std::bad_alloc();
    data_ = start_ + length_ - page_ - bytes;
  }
  Guarded(const Guarded&) = delete;
  Guarded& operator=(const Guarded&) = delete;
  ~Guarded() { munmap(start_, length_); }

  char* data() const { return data_; }

 private:
  size_t page_;
  size_t length_;
  char* start_;
  char* data_;
};

// A matrix of floats of any type whose last element ends at a guard page. `gap` puts that many
// unused elements between neighbours of a row, and columns can be laid out first.
class Matrix {
 public:
  Matrix(const std::vector<double>& values, int64_t rows, int64_t columns, cpu::FloatType type,
         int64_t gap = 0, bool columns_first = false)
      : memory_(bytes(rows, columns, type, gap)) {
    const int64_t step = gap + 1;
    matrix_ = {memory_.data(),
               type,
               rows,
               columns,
               columns_first ? step : columns * step,
               columns_first ? rows * step : step};
    for (int64_t i = 0; i < rows; ++i) {
      for (int64_t k = 0; k < columns; ++k) {
        put(i * matrix_.row_stride + k * matrix_.column_stride,
            values[static_cast<size_t>(i * columns + k)]);
      }
    }
  }

  const cpu::FloatMatrix& get() const { return matrix_; }

  // The values as they were rounded.
  std::vector<double> values() const {
    std::vector<double> result(static_cast<size_t>(matrix_.rows * matrix_.columns));
    for (int64_t i = 0; i < matrix_.rows; ++i) {
      cpu::load_row(matrix_, i, result.data() + i * matrix_.columns);
    }
    return result;
  }

 private:
  static size_t size_of(cpu::FloatType type) {
    return type == cpu::FloatType::kFloat64 ? 8 : type == cpu::FloatType::kFloat32 ? 4 : 2;
  }
  static size_t bytes(int64_t rows, int64_t columns, cpu::FloatType type, int64_t gap) {
    const int64_t elements = rows * columns;
    if (elements == 0) return 0;
    return static_cast<size_t>((elements - 1) * (gap + 1) + 1) * size_of(type);
  }
  void put(int64_t index, double value) {
    char* const target = memory_.data() + static_cast<size_t>(index) * size_of(matrix_.type);
    const auto narrow = static_cast<float>(value);
    const cpu::Half half = cpu::to_half(narrow);
    const cpu::BFloat16 brain = cpu::to_bfloat16(narrow);
    switch (matrix_.type) {
      case cpu::FloatType::kFloat16:
        std::memcpy(target, &half, sizeof half);
        break;
      case cpu::FloatType::kBFloat16:
        std::memcpy(target, &brain, sizeof brain);
        break;
      case cpu::FloatType::kFloat32:
        std::memcpy(target, &narrow, sizeof narrow);
        break;
      case cpu::FloatType::kFloat64:
        std::memcpy(target, &value, sizeof value);
        break;
    }
  }

  Guarded memory_;
  cpu::FloatMatrix matrix_;
};

// Labels of any integer type, the last of which ends at a guard page.
template <typename Stored>
class Labels {
 public:
  Labels(const std::vector<int64_t>& values, cpu::IntegerType type, int64_t stride = 1)
      : memory_(values.empty()
                    ? 0
                    : ((values.size() - 1) * static_cast<size_t>(stride) + 1) * sizeof(Stored)) {
    vector_ = {memory_.data(), type, static_cast<int64_t>(values.size()), stride};
    for (size_t i = 0; i < values.size(); ++i) {
      const auto value = static_cast<Stored>(values[i]);
      std::memcpy(memory_.data() + i * static_cast<size_t>(stride) * sizeof(Stored), &value,
                  sizeof value);
    }
  }
  const cpu::IntegerVector& get() const { return vector_; }

 private:
  Guarded memory_;
  cpu::IntegerVector vector_;
};

// A contiguous result of a float type, read back as doubles.
class Result {
 public:
  Result(int64_t rows, int64_t columns, cpu::FloatType type)
      : matrix_(std::vector<double>(static_cast<size_t>(rows * columns), 7.0), rows, columns,
                type) {}
  void* data() const { return const_cast<void*>(matrix_.get().data); }
  std::vector<double> values() const { return matrix_.values(); }

 private:
  Matrix matrix_;
};

inline std::vector<double> normal_values(Random& random, int64_t count, double scale = 1) {
  std::normal_distribution<double> normal(0, scale);
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = normal(random);
  return values;
}

// Whole numbers of a small range: distances are exact and often equal.
inline std::vector<double> tied_values(Random& random, int64_t count) {
  std::uniform_int_distribution<int> small(-1, 1);
  std::vector<double> values(static_cast<size_t>(count));
  for (double& value : values) value = small(random);
  return values;
}

// Ragged classes: some labels come often, some once, some never.
inline std::vector<int64_t> ragged_labels(Random& random, int64_t count, int64_t classes) {
  std::vector<int64_t> labels(static_cast<size_t>(count));
  for (int64_t& label : labels) {
    const auto a = static_cast<int64_t>(random() % static_cast<uint64_t>(classes));
    const auto b = static_cast<int64_t>(random() % static_cast<uint64_t>(classes));
    label = std::min(a, b) - 3;
  }
  return labels;
}

}  // namespace tripoint::test

#endif
