// The C++ side of scripts/benchmark, with no code of ours: what at::mm_out takes on lines "mm_out
// normal N D".
//   mm_out ROUNDS THREADS
#include <ATen/ATen.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <chrono>
#include <iostream>
#include <string>

int main(int, char** arguments) {
  const int rounds = std::stoi(arguments[1]);
  at::set_num_threads(std::stoi(arguments[2]));
  std::cout << "{\"threads\":" << at::get_num_threads() << "}" << std::endl;
  std::string name, data;
  for (std::int64_t n, d; std::cin >> name >> data >> n >> d;) {
    std::cout << "{\"next\":\"call\"}" << std::endl;
    const at::Tensor x = at::randn({n, d}), columns = x.t();
    at::Tensor out = at::empty({n, n});
    const auto time = [&](int repeats) {
      const auto start = std::chrono::steady_clock::now();
      for (int i = 0; i < repeats; ++i) at::mm_out(out, x, columns);
      return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
                 .count() /
             repeats;
    };
    double warm = 0, last = 0;
    for (; warm < 1000; warm += last) last = time(1);
    std::cout << "{\"ms\":[";
    for (int i = 0; i < (last > 2000 ? std::min(rounds, 3) : rounds); ++i)
      std::cout << (i == 0 ? "" : ",") << time(std::max(1, static_cast<int>(10 / last)));
    std::cout << "]}" << std::endl;
  }
}
