#include "kernels/cpu/mine/row_scan.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Random;

bool counts(Counted counted, double value, double reference, double margin) {
  switch (counted) {
    case Counted::kAll:
      return !std::isnan(value);
    case Counted::kBelow:
      return value < reference;
    case Counted::kFarther:
      return reference - value > margin;
  }
  return false;
}

// Every vector of a row ends at a page that must not be touched.
template <typename T>
void expect_scanned(const RowScanKernels<T>& kernels) {
  constexpr T kFar = std::numeric_limits<T>::infinity();
  constexpr T kNone = std::numeric_limits<T>::quiet_NaN();
  Random random(7);
  for (const int64_t count : {0, 1, 7, 15, 63, 64, 65, 130, 333, 1000}) {
    const auto size = static_cast<size_t>(count);
    const test::Guarded scores_memory(size * sizeof(T));
    const test::Guarded first_memory(size);
    const test::Guarded second_memory(size);
    const test::Guarded shown_memory(size * sizeof(T));
    auto* const scores = reinterpret_cast<T*>(scores_memory.data());
    auto* const first = reinterpret_cast<uint8_t*>(first_memory.data());
    auto* const second = reinterpret_cast<uint8_t*>(second_memory.data());
    auto* const shown = reinterpret_cast<T*>(shown_memory.data());
    for (int turn = 0; turn < 20; ++turn) {
      for (size_t j = 0; j < size; ++j) {
        const auto kind = random() % 12;
        scores[j] = kind == 0   ? kNone
                    : kind == 1 ? -kFar
                    : kind == 2 ? kFar
                                : static_cast<T>(random() % 9) / 4 - 1;
        first[j] = random() % 5 == 0 ? static_cast<uint8_t>(1 + random() % 255) : uint8_t{0};
        second[j] = random() % 5 == 0 ? uint8_t{128} : uint8_t{0};
      }
      const bool turned = turn % 2 == 0;
      const bool both = turn % 3 == 0;
      kernels.show(scores, turned, first, both ? second : nullptr, count, shown);
      for (size_t j = 0; j < size; ++j) {
        if (first[j] != 0 || (both && second[j] != 0) || std::isnan(scores[j])) {
          ASSERT_TRUE(std::isnan(shown[j])) << count << " values, place " << j;
        } else {
          ASSERT_EQ(shown[j], turned ? -scores[j] : scores[j]) << count << " values, place " << j;
        }
      }
      for (const Counted counted : {Counted::kAll, Counted::kBelow, Counted::kFarther}) {
        for (const T reference : {T(-0.75), T(0), T(1), kFar, -kFar, kNone}) {
          T greatest = -kFar;
          for (size_t j = 0; j < size; ++j) {
            if (counts(counted, shown[j], reference, 0.25) && shown[j] > greatest) {
              greatest = shown[j];
            }
          }
          ASSERT_EQ(kernels.greatest(shown, count, counted, reference, T(0.25)), greatest)
              << count << " values, reference " << reference;
          int64_t place = 0;
          while (place < count && shown[place] != greatest) ++place;
          ASSERT_EQ(kernels.find(shown, count, greatest), place);
        }
      }
    }
  }
}

TEST(RowScan, FindsTheGreatestOfWhatIsCounted) {
  expect_scanned(row_scan_kernels<float>());
  expect_scanned(row_scan_kernels<double>());
  expect_scanned(portable_row_scan_kernels<float>());
  expect_scanned(portable_row_scan_kernels<double>());
}

}  // namespace
}  // namespace tripoint::cpu
