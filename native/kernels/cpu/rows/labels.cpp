#include "kernels/cpu/rows/labels.h"

#include <algorithm>

namespace tripoint::cpu {
namespace {

// Beyond this many values between the least and the greatest label, sorting needs less memory than
// counting.
constexpr uint64_t kCountedSpan = uint64_t{1} << 20;

template <typename Stored>
void read(const IntegerVector& labels, std::vector<int64_t>& values) {
  const Stored* source = static_cast<const Stored*>(labels.data);
  for (int64_t i = 0; i < labels.size; ++i) {
    values[static_cast<size_t>(i)] = static_cast<int64_t>(source[i * labels.stride]);
  }
}

std::vector<int64_t> stable_order(const std::vector<int64_t>& values) {
  const size_t count = values.size();
  std::vector<int64_t> order(count);
  if (count == 0) return order;
  const auto [least, greatest] = std::minmax_element(values.begin(), values.end());
  const uint64_t span = static_cast<uint64_t>(*greatest) - static_cast<uint64_t>(*least);
  const auto first = static_cast<uint64_t>(*least);
  if (span < std::max<uint64_t>(4 * count, 256) && span < kCountedSpan) {
    std::vector<int64_t> next(static_cast<size_t>(span) + 2, 0);
    for (int64_t value : values) ++next[static_cast<uint64_t>(value) - first + 1];
    for (size_t c = 1; c < next.size(); ++c) next[c] += next[c - 1];
    for (size_t i = 0; i < count; ++i) {
      int64_t& position = next[static_cast<uint64_t>(values[i]) - first];
      order[static_cast<size_t>(position++)] = static_cast<int64_t>(i);
    }
  } else {
    for (size_t i = 0; i < count; ++i) order[i] = static_cast<int64_t>(i);
    std::stable_sort(order.begin(), order.end(), [&](int64_t a, int64_t b) {
      return values[static_cast<size_t>(a)] < values[static_cast<size_t>(b)];
    });
  }
  return order;
}

}  // namespace

std::vector<int64_t> values_of(const IntegerVector& labels) {
  std::vector<int64_t> values(static_cast<size_t>(labels.size));
  switch (labels.type) {
    case IntegerType::kInt8:
      read<int8_t>(labels, values);
      break;
    case IntegerType::kInt16:
      read<int16_t>(labels, values);
      break;
    case IntegerType::kInt32:
      read<int32_t>(labels, values);
      break;
    case IntegerType::kInt64:
      read<int64_t>(labels, values);
      break;
  }
  return values;
}

ClassOrder::ClassOrder(const IntegerVector& labels) {
  const std::vector<int64_t> values = values_of(labels);
  row = stable_order(values);
  begin.resize(row.size());
  end.resize(row.size());
  for (size_t first = 0; first < row.size();) {
    size_t last = first + 1;
    const int64_t label = values[static_cast<size_t>(row[first])];
    while (last < row.size() && values[static_cast<size_t>(row[last])] == label) ++last;
    for (size_t position = first; position < last; ++position) {
      begin[position] = static_cast<int64_t>(first);
      end[position] = static_cast<int64_t>(last);
    }
    first = last;
  }
}

int64_t ClassOrder::triplets() const {
  int64_t total = 0;
  for (int64_t first = 0; first < size(); first = end[static_cast<size_t>(first)]) {
    const int64_t members = end[static_cast<size_t>(first)] - first;
    total += members * (members - 1) * (size() - members);
  }
  return total;
}

}  // namespace tripoint::cpu
