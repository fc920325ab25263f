#include "kernels/cpu/mine/batch_easy_hard.h"

#include <cmath>
#include <optional>
#include <string>
#include <utility>

#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/operators.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "ops/related.h"
#include "ops/screening.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

constexpr const char* kName = "batch_easy_hard";

cpu::Difficulty difficulty_of(const std::string& argument, const std::string& strategy) {
  if (strategy == "easy") return cpu::Difficulty::kEasy;
  if (strategy == "semihard") return cpu::Difficulty::kSemihard;
  if (strategy == "hard") return cpu::Difficulty::kHard;
  refuse(kName,
         argument + " must be \"easy\", \"semihard\" or \"hard\", not \"" + strategy + "\".");
}

void check_bound(const char* argument, const std::optional<double>& bound) {
  if (bound && std::isnan(*bound)) refuse(kName, std::string(argument) + " must not be NaN.");
}

struct Call {
  abi::TensorHandle embeddings;
  RelatedArguments related;
  std::string pos_strategy;
  std::string neg_strategy;
  cpu::EasyHardSide positive;
  cpu::EasyHardSide negative;
  std::string distance;
  bool normalize;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    related.read_labels(arguments);
    pos_strategy = arguments.text();
    neg_strategy = arguments.text();
    positive.least = arguments.optional_real();
    positive.greatest = arguments.optional_real();
    negative.least = arguments.optional_real();
    negative.greatest = arguments.optional_real();
    distance = arguments.text();
    normalize = arguments.boolean();
    related.read_rest(arguments);
  }

  void check() {
    positive.difficulty = difficulty_of("pos_strategy", pos_strategy);
    negative.difficulty = difficulty_of("neg_strategy", neg_strategy);
    if (positive.difficulty == cpu::Difficulty::kSemihard &&
        negative.difficulty == positive.difficulty) {
      refuse(kName, "pos_strategy and neg_strategy cannot both be \"semihard\".");
    }
    check_bound("pos_min", positive.least);
    check_bound("pos_max", positive.greatest);
    check_bound("neg_min", negative.least);
    check_bound("neg_max", negative.greatest);
  }
};

}  // namespace

void batch_easy_hard_cpu(uint64_t* stack, uint64_t, uint64_t) {
  Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::Nearness nearness = nearness_of(kName, call.distance);
  call.check();
  abi::TensorHandle positive = new_tensor(TP_INT64, {rows.rows});
  abi::TensorHandle negative = new_tensor(TP_INT64, {rows.rows});
  const cpu::EasyHardResult result{elements<int64_t>(positive), elements<int64_t>(negative)};
  if (call.related.by_labels()) {
    cpu::batch_easy_hard(rows, call.related.labels(kName, embeddings), nearness, call.normalize,
                         call.positive, call.negative, screening(kName), parallel_loop(), result);
  } else {
    cpu::batch_easy_hard(call.related.batch(kName, embeddings), nearness, call.normalize,
                         call.positive, call.negative, screening(kName), parallel_loop(), result);
  }
  Results results(stack);
  results.tensor(std::move(positive));
  results.tensor(std::move(negative));
}

void batch_easy_hard_meta(uint64_t* stack, uint64_t, uint64_t) {
  Call call(stack);
  call.related.check_shapeless(kName, call.embeddings.get());
  nearness_of(kName, call.distance);
  call.check();
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_per_row(embeddings, TP_INT64));
  results.tensor(meta_per_row(embeddings, TP_INT64));
}

}  // namespace tripoint::ops
