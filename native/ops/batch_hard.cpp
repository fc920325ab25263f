#include "kernels/cpu/loss/batch_hard.h"

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

constexpr const char* kName = "batch_hard";

struct Call {
  abi::TensorHandle embeddings;
  abi::TensorHandle labels;
  double margin;
  std::string distance;
  bool soft_margin;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    labels = arguments.tensor();
    margin = arguments.real();
    distance = arguments.text();
    soft_margin = arguments.boolean();
  }
};

}  // namespace

void batch_hard_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::IntegerVector labels = labels_for(kName, abi::view(call.labels.get()), embeddings);
  const cpu::Metric metric = metric_of(kName, call.distance);
  if (!call.soft_margin) check_margin(kName, call.margin);
  if (rows.rows == 0) {
    refuse(kName, "embeddings must have at least one row, but has the shape " +
                      shape_of(embeddings) + ".");
  }
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient = new_tensor(embeddings.dtype, {rows.rows, rows.columns});
  abi::TensorHandle positive = new_tensor(TP_INT64, {rows.rows});
  abi::TensorHandle negative = new_tensor(TP_INT64, {rows.rows});
  set_loss(loss, cpu::batch_hard(rows, labels, metric, call.margin, call.soft_margin,
                                 screening(kName), parallel_loop(),
                                 {elements<void>(gradient), elements<int64_t>(positive),
                                  elements<int64_t>(negative)}));
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  results.tensor(std::move(positive));
  results.tensor(std::move(negative));
}

void batch_hard_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = check_shapeless_batch(kName, call.embeddings.get(), call.labels.get());
  metric_of(kName, call.distance);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const at::Tensor& labels = abi::tensor_of(call.labels.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(embeddings, dtype));
  results.tensor(meta_like(labels, TP_INT64));
  results.tensor(meta_like(labels, TP_INT64));
}

void batch_hard(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::batch_hard_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const abi::Stack found = raw(detach.tensor(embeddings), abi::tensor_of(call.labels.get()),
                               call.margin, call.distance, call.soft_margin);
  give_face(stack, {&embeddings}, found);
}

}  // namespace tripoint::ops
