#include "ops/parallel.h"

#include <torch/csrc/stable/c/shim.h>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>

#include "abi/tensor_access.h"

namespace tripoint::ops {
namespace {

struct Loop {
  Loop(const cpu::Tasks& tasks_of_loop, int64_t count_of_tasks)
      : tasks(tasks_of_loop), count(count_of_tasks) {}

  const cpu::Tasks& tasks;
  const int64_t count;
  std::atomic<int64_t> next{0};
  std::mutex lock;
  std::exception_ptr failure;

  // No exception may leave through LibTorch's C function.
  void work() noexcept {
    try {
      for (int64_t task = next++; task < count; task = next++) tasks(task, task + 1);
    } catch (...) {
      next = count;
      const std::lock_guard<std::mutex> guard(lock);
      if (!failure) failure = std::current_exception();
    }
  }
};

void run_in_parallel(int64_t count, cpu::Tasks tasks) {
  uint32_t threads = 1;
  abi::check(torch_get_num_threads(&threads), "tell its number of threads");
  const int64_t workers = std::min<int64_t>(threads, count);
  if (workers <= 1) return tasks(0, count);
  Loop loop(tasks, count);
  abi::check(torch_parallel_for(
                 0, workers, 1,
                 [](int64_t begin, int64_t end, void* context) {
                   for (int64_t worker = begin; worker < end; ++worker) {
                     static_cast<Loop*>(context)->work();
                   }
                 },
                 &loop),
             "run a loop in parallel");
  if (loop.failure) std::rethrow_exception(loop.failure);
}

}  // namespace

cpu::Parallel parallel_loop() {
  static constexpr auto kLoop = [](int64_t count, cpu::Tasks tasks) {
    run_in_parallel(count, tasks);
  };
  return kLoop;
}

}  // namespace tripoint::ops
