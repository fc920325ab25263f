#include "kernels/cpu/loss/contrastive.h"

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

constexpr const char* kName = "contrastive";

struct Call {
  abi::TensorHandle embeddings;
  abi::TensorHandle labels;
  double positive_margin;
  double negative_margin;
  std::string distance;
  bool normalize;
  std::string reduction;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    labels = arguments.tensor();
    positive_margin = arguments.real();
    negative_margin = arguments.real();
    distance = arguments.text();
    normalize = arguments.boolean();
    reduction = arguments.text();
  }

  cpu::Contrastive checked() const {
    if (!std::isfinite(positive_margin) || !std::isfinite(negative_margin)) {
      refuse(kName, "pos_margin and neg_margin must be finite numbers.");
    }
    if (distance != "euclidean" && distance != "sqeuclidean") {
      refuse(kName, "distance must be \"euclidean\" or \"sqeuclidean\", not \"" + distance + "\".");
    }
    return {metric_of(kName, distance), normalize, positive_margin, negative_margin,
            mean_of(kName, reduction)};
  }
};

}  // namespace

void contrastive_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::IntegerVector labels = labels_for(kName, abi::view(call.labels.get()), embeddings);
  const cpu::Contrastive wanted = call.checked();
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient = new_tensor(embeddings.dtype, {rows.rows, rows.columns});
  const cpu::ContrastiveResult found =
      cpu::contrastive(rows, labels, wanted, parallel_loop(), elements<void>(gradient));
  set_loss(loss, found.positive.loss + found.negative.loss);
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  for (const int64_t count : {found.positive.losses, found.positive.above_zero,
                              found.negative.losses, found.negative.above_zero}) {
    abi::TensorHandle one = new_tensor(TP_INT64, {});
    *elements<int64_t>(one) = count;
    results.tensor(std::move(one));
  }
}

void contrastive_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = check_shapeless_batch(kName, call.embeddings.get(), call.labels.get());
  call.checked();
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(embeddings, dtype));
  for (int count = 0; count < 4; ++count) results.tensor(meta_scalar(embeddings, TP_INT64));
}

void contrastive(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::contrastive_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const abi::Stack found =
      raw(detach.tensor(embeddings), abi::tensor_of(call.labels.get()), call.positive_margin,
          call.negative_margin, call.distance, call.normalize, call.reduction);
  give_face(stack, {&embeddings}, found);
}

}  // namespace tripoint::ops
