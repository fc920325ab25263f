#include "kernels/cpu/mine/hard_negatives.h"

#include <optional>
#include <string>
#include <utility>

#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/operators.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

constexpr const char* kName = "hard_negatives";

cpu::Strategy strategy_of(const std::string& name) {
  if (name == "hardest") return cpu::Strategy::kHardest;
  if (name == "hard") return cpu::Strategy::kHard;
  if (name == "semihard") return cpu::Strategy::kSemihard;
  if (name == "easy") return cpu::Strategy::kEasy;
  refuse(kName,
         "strategy must be \"hardest\", \"hard\", \"semihard\" or \"easy\", not \"" + name + "\".");
}

bool is_per_anchor(const std::string& per) {
  if (per == "positive") return false;
  if (per == "anchor") return true;
  refuse(kName, "per must be \"positive\" or \"anchor\", not \"" + per + "\".");
}

}  // namespace

void hard_negatives_cpu(uint64_t* stack, uint64_t, uint64_t) {
  Arguments arguments(stack);
  const abi::TensorHandle scores_handle = arguments.tensor();
  const abi::TensorHandle positive_handle = arguments.tensor();
  const abi::TensorHandle ignored_handle = arguments.optional_tensor();
  const std::string strategy = arguments.text();
  const std::optional<double> margin = arguments.optional_real();
  const std::string per = arguments.text();
  const bool all = arguments.boolean();
  const bool distances = arguments.boolean();
  const bool keep_diagonal = arguments.boolean();

  const abi::TensorView scores = abi::view(scores_handle.get());
  const cpu::FloatMatrix matrix = float_matrix(kName, "scores", scores);
  const cpu::Mask positive =
      mask_for(kName, "positive_mask", abi::view(positive_handle.get()), scores);
  std::optional<cpu::Mask> ignored;
  if (ignored_handle) {
    ignored = mask_for(kName, "ignore_mask", abi::view(ignored_handle.get()), scores);
  }
  if (margin) check_margin(kName, *margin);
  const cpu::Mining mining{strategy_of(strategy), margin, is_per_anchor(per), all, distances,
                           keep_diagonal};

  const cpu::HardNegatives mined(matrix, positive, ignored ? &*ignored : nullptr, mining,
                                 parallel_loop());
  abi::TensorHandle anchor = new_tensor(TP_INT64, {mined.count()});
  abi::TensorHandle positives = new_tensor(TP_INT64, {mined.count()});
  abi::TensorHandle negatives = new_tensor(TP_INT64, {mined.count()});
  abi::TensorHandle left_out = new_tensor(TP_INT64, {});
  mined.write(elements<int64_t>(anchor), elements<int64_t>(positives),
              elements<int64_t>(negatives));
  *elements<int64_t>(left_out) = mined.left_out();

  Results results(stack);
  results.tensor(std::move(anchor));
  results.tensor(std::move(positives));
  results.tensor(std::move(negatives));
  results.tensor(std::move(left_out));
}

}  // namespace tripoint::ops
