#include "kernels/cpu/loss/batch_all.h"

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

constexpr const char* kName = "batch_all";

struct Call {
  abi::TensorHandle embeddings;
  abi::TensorHandle labels;
  double margin;
  std::string distance;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    labels = arguments.tensor();
    margin = arguments.real();
    distance = arguments.text();
  }
};

}  // namespace

void batch_all_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::IntegerVector labels = labels_for(kName, abi::view(call.labels.get()), embeddings);
  const cpu::Metric metric = metric_of(kName, call.distance);
  check_margin(kName, call.margin);
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient = new_tensor(embeddings.dtype, {rows.rows, rows.columns});
  abi::TensorHandle active = new_tensor(TP_INT64, {});
  abi::TensorHandle valid = new_tensor(TP_INT64, {});
  const cpu::BatchAllResult result =
      cpu::batch_all(rows, labels, metric, call.margin, parallel_loop(), elements<void>(gradient));
  set_loss(loss, result.loss);
  *elements<int64_t>(active) = result.active;
  *elements<int64_t>(valid) = result.valid;
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  results.tensor(std::move(active));
  results.tensor(std::move(valid));
}

void batch_all_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = check_shapeless_batch(kName, call.embeddings.get(), call.labels.get());
  metric_of(kName, call.distance);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(embeddings, dtype));
  results.tensor(meta_scalar(embeddings, TP_INT64));
  results.tensor(meta_scalar(embeddings, TP_INT64));
}

void batch_all(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::batch_all_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const abi::Stack found =
      raw(detach.tensor(embeddings), abi::tensor_of(call.labels.get()), call.margin, call.distance);
  give_face(stack, {&embeddings}, found);
}

}  // namespace tripoint::ops
