#include "kernels/cpu/base/half.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

namespace tripoint::cpu {
namespace {

double half_value(uint32_t bits) {
  const uint32_t exponent = (bits >> 10) & 31u;
  const double fraction = bits & 1023u;
  const double sign = (bits & 0x8000u) != 0 ? -1 : 1;
  if (exponent == 31) {
    return fraction == 0 ? sign * std::numeric_limits<double>::infinity()
                         : std::numeric_limits<double>::quiet_NaN();
  }
  return exponent == 0 ? sign * std::ldexp(fraction, -24)
                       : sign * std::ldexp(1024 + fraction, static_cast<int>(exponent) - 25);
}

TEST(Half, EveryBitPatternIsReadAndWrittenBack) {
  for (uint32_t bits = 0; bits < 0x10000u; ++bits) {
    const Half half{static_cast<uint16_t>(bits)};
    const float value = to_float(half);
    const double expected = half_value(bits);
    if (std::isnan(expected)) {
      EXPECT_TRUE(std::isnan(value)) << bits;
      EXPECT_TRUE(std::isnan(to_float(to_half(value)))) << bits;
    } else {
      ASSERT_EQ(static_cast<double>(value), expected) << bits;
      ASSERT_EQ(std::signbit(value), std::signbit(expected)) << bits;
      ASSERT_EQ(to_half(value).bits, bits);
    }
  }
}

TEST(Half, RoundsToNearestEven) {
  // Between neighbours, below and above, and the middle itself.
  for (uint32_t bits = 0; bits < 0x7bffu; ++bits) {
    const double low = half_value(bits);
    const double high = half_value(bits + 1);
    const auto middle = static_cast<float>((low + high) / 2);  // exact
    const uint32_t even = bits % 2 == 0 ? bits : bits + 1;
    ASSERT_EQ(to_half(middle).bits, even) << bits;
    ASSERT_EQ(to_half(-middle).bits, even | 0x8000u) << bits;
    ASSERT_EQ(to_half(std::nextafter(middle, 0.0f)).bits, bits);
    ASSERT_EQ(to_half(std::nextafter(middle, 1e9f)).bits, bits + 1);
  }
  EXPECT_EQ(to_half(65519.9f).bits, 0x7bffu);
  EXPECT_EQ(to_half(65520.0f).bits, 0x7c00u);
  EXPECT_EQ(to_half(-1e30f).bits, 0xfc00u);
}

TEST(BFloat16, RoundsToNearestEven) {
  std::mt19937 random(5);
  for (int i = 0; i < 100000; ++i) {
    const BFloat16 low{static_cast<uint16_t>(random() % 0x7f7fu)};
    const BFloat16 high{static_cast<uint16_t>(low.bits + 1)};
    const auto middle =
        static_cast<float>((static_cast<double>(to_float(low)) + to_float(high)) / 2);
    ASSERT_EQ(to_bfloat16(to_float(low)).bits, low.bits);
    ASSERT_EQ(to_bfloat16(middle).bits, low.bits % 2 == 0 ? low.bits : high.bits);
    ASSERT_EQ(to_bfloat16(std::nextafter(middle, 0.0f)).bits, low.bits);
    ASSERT_EQ(to_bfloat16(std::nextafter(-middle, -std::numeric_limits<float>::infinity())).bits,
              high.bits | 0x8000u);
  }
  EXPECT_TRUE(std::isnan(to_float(to_bfloat16(std::numeric_limits<float>::quiet_NaN()))));
  EXPECT_EQ(to_bfloat16(std::numeric_limits<float>::infinity()).bits, 0x7f80u);
}

}  // namespace
}  // namespace tripoint::cpu
