#include "kernels/cpu/rows/labels.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <numeric>

#include "tests/support.h"

namespace tripoint::cpu {
namespace {

using test::Labels;
using test::Random;

void expect_order(const ClassOrder& order, const std::vector<int64_t>& labels) {
  const auto size = static_cast<int64_t>(labels.size());
  std::vector<int64_t> expected(labels.size());
  std::iota(expected.begin(), expected.end(), 0);
  std::stable_sort(expected.begin(), expected.end(), [&](int64_t a, int64_t b) {
    return labels[static_cast<size_t>(a)] < labels[static_cast<size_t>(b)];
  });
  EXPECT_EQ(order.row, expected);
  int64_t triplets = 0;
  for (int64_t p = 0; p < size; ++p) {
    const auto at = static_cast<size_t>(p);
    for (int64_t q = 0; q < size; ++q) {
      const bool same = labels[static_cast<size_t>(order.row[at])] ==
                        labels[static_cast<size_t>(order.row[static_cast<size_t>(q)])];
      EXPECT_EQ(same, order.begin[at] <= q && q < order.end[at]);
    }
    const int64_t members = order.end[at] - order.begin[at];
    triplets += (members - 1) * (size - members);
  }
  EXPECT_EQ(order.triplets(), triplets);
}

TEST(Labels, OfEveryTypeAreBroughtTogether) {
  Random random(3);
  for (int64_t size : {0, 1, 2, 3, 13, 100}) {
    for (int64_t classes : {1, 4, 200}) {
      const std::vector<int64_t> labels =
          test::ragged_labels(random, size, std::min<int64_t>(classes, 100));
      SCOPED_TRACE(testing::Message() << size << " rows, " << classes << " classes");
      expect_order(ClassOrder(Labels<int8_t>(labels, IntegerType::kInt8).get()), labels);
      expect_order(ClassOrder(Labels<int16_t>(labels, IntegerType::kInt16, 3).get()), labels);
      expect_order(ClassOrder(Labels<int32_t>(labels, IntegerType::kInt32).get()), labels);
      expect_order(ClassOrder(Labels<int64_t>(labels, IntegerType::kInt64, 2).get()), labels);
    }
  }
}

TEST(Labels, MayLieFarApart) {
  const std::vector<int64_t> labels = {std::numeric_limits<int64_t>::max(), 0,
                                       std::numeric_limits<int64_t>::min(), 0,
                                       std::numeric_limits<int64_t>::max()};
  expect_order(ClassOrder(Labels<int64_t>(labels, IntegerType::kInt64).get()), labels);
}

}  // namespace
}  // namespace tripoint::cpu
