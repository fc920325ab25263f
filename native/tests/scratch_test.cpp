#include "kernels/cpu/base/scratch.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <utility>

namespace tripoint::cpu {
namespace {

class Scratch : public testing::TestWithParam<size_t> {};

TEST_P(Scratch, IsAlignedAndWritableToItsEndEachTime) {
  const size_t size = GetParam();
  for (int turn = 0; turn < 3; ++turn) {
    ScratchArray<float> array = scratch_array<float>(size);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(array.get()) % 64, 0u);
    std::fill_n(array.get(), size, 1.0F);
    const ScratchArray<float> moved = std::move(array);
    EXPECT_EQ(std::count(moved.get(), moved.get() + size, 1.0F), static_cast<int64_t>(size));
  }
}

constexpr size_t kMapped = kMappedBytes / sizeof(float);

INSTANTIATE_TEST_SUITE_P(Sizes, Scratch,
                         testing::Values(0, 1, 17, kMapped - 1, kMapped, kMapped + 1,
                                         3 * kMapped + 1023));

TEST(ScratchArray, AnImpossibleSizeIsRefused) {
  EXPECT_THROW(scratch_array<double>(size_t{1} << 59), std::bad_alloc);
}

}  // namespace
}  // namespace tripoint::cpu
