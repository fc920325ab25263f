#include "threads.h"

#include <c10/macros/Export.h>

#include <algorithm>
#include <atomic>

#include "border.h"

// Exported by libtorch_cpu.
namespace at {
TORCH_API int get_num_threads();
TORCH_API void set_num_threads(int threads);
}  // namespace at

namespace tripoint::abi {

namespace {
std::atomic<int> wanted{0};     // 0: never set, LibTorch's own choice
thread_local int in_force = 0;  // what this thread was told last
}  // namespace

void apply_thread_count() {
  const int now = wanted.load(std::memory_order_relaxed);
  if (now == in_force) [[likely]]
    return;
  at::set_num_threads(now);
  in_force = now;
}

}  // namespace tripoint::abi

using namespace tripoint::abi;

extern "C" std::int32_t tp_get_num_threads() noexcept {
  std::int32_t threads = 1;
  answer(nullptr, [&] {
    const int now = wanted.load(std::memory_order_relaxed);
    threads = std::max(1, now > 0 ? now : at::get_num_threads());
  });
  return threads;
}

extern "C" std::int32_t tp_set_num_threads(std::int32_t threads, tp_error* error) noexcept {
  return answer(error, [&] {
    if (threads < 1) invalid_argument("The number of threads must be at least 1.");
    at::set_num_threads(threads);
    in_force = threads;
    wanted.store(threads, std::memory_order_relaxed);
  });
}
