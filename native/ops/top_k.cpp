#include "kernels/cpu/mine/top_k.h"

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "abi/boxed_call.h"
#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/operators.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "ops/screening.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

constexpr const char* kName = "top_k";

struct Call {
  abi::TensorHandle queries;
  abi::TensorHandle corpus;
  int64_t k;
  std::string distance;
  abi::TensorHandle offsets;
  abi::TensorHandle excluded;
  abi::TensorHandle skip;
  std::optional<double> min;
  std::optional<double> max;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    queries = arguments.tensor();
    corpus = arguments.tensor();
    k = arguments.integer();
    distance = arguments.text();
    offsets = arguments.optional_tensor();
    excluded = arguments.optional_tensor();
    skip = arguments.optional_tensor();
    min = arguments.optional_real();
    max = arguments.optional_real();
  }

  // Checks what does not depend on a tensor.
  void check() const {
    if (k < 0) refuse(kName, "k must not be negative, but is " + std::to_string(k) + ".");
    if ((min && std::isnan(*min)) || (max && std::isnan(*max))) {
      refuse(kName, "min and max must be numbers, not NaN.");
    }
    if (static_cast<bool>(offsets) != static_cast<bool>(excluded)) {
      refuse(kName, "excluded_offsets and excluded must be given together.");
    }
  }
};

std::vector<int64_t> copy(const cpu::IntegerVector& vector) {
  std::vector<int64_t> values(static_cast<size_t>(vector.size));
  const auto* const source = static_cast<const int64_t*>(vector.data);
  for (int64_t i = 0; i < vector.size; ++i) {
    values[static_cast<size_t>(i)] = source[i * vector.stride];
  }
  return values;
}

cpu::Exclusions exclusions_of(const Call& call, int64_t queries, int64_t corpus) {
  cpu::Exclusions exclusions;
  exclusions.offsets = copy(index_vector(kName, "excluded_offsets", abi::view(call.offsets.get())));
  exclusions.rows = copy(index_vector(kName, "excluded", abi::view(call.excluded.get())));
  const std::vector<int64_t>& offsets = exclusions.offsets;
  if (static_cast<int64_t>(offsets.size()) != queries + 1 || offsets.front() != 0 ||
      !std::is_sorted(offsets.begin(), offsets.end()) ||
      offsets.back() != static_cast<int64_t>(exclusions.rows.size())) {
    refuse(kName, "excluded_offsets must rise from 0 to the size of excluded, " +
                      std::to_string(exclusions.rows.size()) + ", in " +
                      std::to_string(queries + 1) + " entries.");
  }
  for (const int64_t row : exclusions.rows) {
    if (row < 0 || row >= corpus) {
      refuse(kName, "excluded holds " + std::to_string(row) + ", which is no row of a corpus of " +
                        std::to_string(corpus) + ".");
    }
  }
  for (size_t q = 0; q + 1 < offsets.size(); ++q) {
    std::sort(exclusions.rows.begin() + offsets[q], exclusions.rows.begin() + offsets[q + 1]);
  }
  return exclusions;
}

cpu::Mask skipped_rows(const abi::TensorView& skip, const abi::TensorView& corpus) {
  if (skip.layout != 0 || skip.dtype != TP_BOOL || skip.dim != 1 ||
      skip.size(0) != corpus.size(0)) {
    refuse(kName, "skip must be a bool tensor with one entry for each row of corpus " +
                      shape_of(corpus) + ", but is " + name_of_dtype(skip.dtype) +
                      " of the shape " + shape_of(skip) + ".");
  }
  return {static_cast<const uint8_t*>(skip.data), skip.stride(0), 0};
}

int32_t dtype_of_values(int32_t queries, int32_t corpus) {
  return queries == TP_FLOAT64 ? queries : loss_dtype(corpus);
}

}  // namespace

void top_k_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView queries = abi::view(call.queries.get());
  const abi::TensorView corpus = abi::view(call.corpus.get());
  const cpu::FloatMatrix asked = float_matrix(kName, "queries", queries);
  const cpu::FloatMatrix rows = float_matrix(kName, "corpus", corpus);
  if (asked.columns != rows.columns) {
    refuse(kName, "queries " + shape_of(queries) + " and corpus " + shape_of(corpus) +
                      " must have as many columns.");
  }
  call.check();
  std::optional<cpu::Exclusions> excluded;
  if (call.excluded) excluded = exclusions_of(call, asked.rows, rows.rows);
  std::optional<cpu::Mask> skipped;
  if (call.skip) skipped = skipped_rows(abi::view(call.skip.get()), corpus);
  const cpu::TopK wanted{
      call.k,   nearness_of(kName, call.distance), call.min,
      call.max, excluded ? &*excluded : nullptr,   skipped ? &*skipped : nullptr};
  abi::TensorHandle values =
      new_tensor(dtype_of_values(queries.dtype, corpus.dtype), {asked.rows, call.k});
  abi::TensorHandle indices = new_tensor(TP_INT64, {asked.rows, call.k});
  cpu::top_k(asked, rows, wanted, screening(kName), parallel_loop(),
             {elements<void>(values), elements<int64_t>(indices)});
  Results results(stack);
  results.tensor(std::move(values));
  results.tensor(std::move(indices));
}

void top_k_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t queries = check_shapeless_matrix(kName, "queries", call.queries.get());
  const int32_t corpus = check_shapeless_matrix(kName, "corpus", call.corpus.get());
  call.check();
  nearness_of(kName, call.distance);
  const at::Tensor& like = abi::tensor_of(call.queries.get());
  Results results(stack);
  results.tensor(meta_rows(like, call.k, dtype_of_values(queries, corpus)));
  results.tensor(meta_rows(like, call.k, TP_INT64));
}

}  // namespace tripoint::ops
