#include "kernels/cpu/loss/multiple_negatives.h"

#include <cmath>
#include <utility>

#include "abi/boxed_call.h"
#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/operators.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

constexpr const char* kName = "multiple_negatives";

struct Call {
  abi::TensorHandle anchors;
  abi::TensorHandle candidates;
  double scale;
  std::string similarity;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    anchors = arguments.tensor();
    candidates = arguments.tensor();
    scale = arguments.real();
    similarity = arguments.text();
  }

  cpu::MultipleNegatives checked() const {
    if (!(scale > 0) || !std::isfinite(scale)) {
      refuse(kName, "scale must be a finite number above 0.");
    }
    return {similarity_of(kName, similarity), scale};
  }
};

void check_one_dtype(int32_t anchors, int32_t candidates) {
  if (anchors == candidates) return;
  refuse(kName, "anchors and candidates must be of one type, not " + name_of_dtype(anchors) +
                    " and " + name_of_dtype(candidates) + ".");
}

}  // namespace

void multiple_negatives_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView anchors = abi::view(call.anchors.get());
  const abi::TensorView candidates = abi::view(call.candidates.get());
  const cpu::FloatMatrix left = float_matrix(kName, "anchors", anchors);
  const cpu::FloatMatrix right = float_matrix(kName, "candidates", candidates);
  check_one_dtype(anchors.dtype, candidates.dtype);
  const cpu::MultipleNegatives wanted = call.checked();
  if (left.columns != right.columns || left.rows > right.rows) {
    refuse(kName, "candidates must have as many columns as anchors " + shape_of(anchors) +
                      " and no fewer rows, but has the shape " + shape_of(candidates) + ".");
  }
  abi::TensorHandle loss = new_tensor(loss_dtype(anchors.dtype), {});
  abi::TensorHandle of_anchors = new_tensor(anchors.dtype, {left.rows, left.columns});
  abi::TensorHandle of_candidates = new_tensor(anchors.dtype, {right.rows, right.columns});
  set_loss(loss,
           cpu::multiple_negatives(left, right, wanted, parallel_loop(),
                                   {elements<void>(of_anchors), elements<void>(of_candidates)}));
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(of_anchors));
  results.tensor(std::move(of_candidates));
}

void multiple_negatives_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = check_shapeless_matrix(kName, "anchors", call.anchors.get());
  check_one_dtype(dtype, check_shapeless_matrix(kName, "candidates", call.candidates.get()));
  call.checked();
  const at::Tensor& anchors = abi::tensor_of(call.anchors.get());
  const at::Tensor& candidates = abi::tensor_of(call.candidates.get());
  Results results(stack);
  results.tensor(meta_scalar(anchors, loss_dtype(dtype)));
  results.tensor(meta_like(anchors, dtype));
  results.tensor(meta_like(candidates, dtype));
}

void multiple_negatives(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw =
      abi::BoxedOperator::find("tripoint::multiple_negatives_raw");
  const Call call(stack);
  const at::Tensor& anchors = abi::tensor_of(call.anchors.get());
  const at::Tensor& candidates = abi::tensor_of(call.candidates.get());
  const abi::Stack found =
      raw(detach.tensor(anchors), detach.tensor(candidates), call.scale, call.similarity);
  give_face(stack, {&anchors, &candidates}, found);
}

}  // namespace tripoint::ops
