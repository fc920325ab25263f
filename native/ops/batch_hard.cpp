#include "kernels/cpu/loss/batch_hard.h"

#include <utility>

#include "abi/boxed_call.h"
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

constexpr const char* kName = "batch_hard";

struct Call {
  abi::TensorHandle embeddings;
  RelatedArguments related;
  double margin;
  std::string distance;
  bool soft_margin;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    related.read_labels(arguments);
    margin = arguments.real();
    distance = arguments.text();
    soft_margin = arguments.boolean();
    related.read_rest(arguments);
  }
};

}  // namespace

void batch_hard_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::Nearness nearness = nearness_of(kName, call.distance);
  if (!call.soft_margin) check_margin(kName, call.margin);
  if (rows.rows == 0) {
    refuse(kName, "embeddings must have at least one row, but has the shape " +
                      shape_of(embeddings) + ".");
  }
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient =
      new_tensor(embeddings.dtype, {call.related.gradient_rows(embeddings), rows.columns});
  abi::TensorHandle positive = new_tensor(TP_INT64, {rows.rows});
  abi::TensorHandle negative = new_tensor(TP_INT64, {rows.rows});
  const cpu::BatchHardResult result{elements<void>(gradient), elements<int64_t>(positive),
                                    elements<int64_t>(negative)};
  if (call.related.by_labels() && nearness != cpu::Nearness::kDot) {
    const cpu::IntegerVector labels = call.related.labels(kName, embeddings);
    set_loss(loss, cpu::batch_hard(rows, labels, metric_of(kName, call.distance), call.margin,
                                   call.soft_margin, screening(kName), parallel_loop(), result));
  } else {
    const cpu::RelatedBatch batch = call.related.batch(kName, embeddings);
    set_loss(loss, cpu::batch_hard(batch, nearness, call.margin, call.soft_margin, screening(kName),
                                   parallel_loop(), result));
  }
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  results.tensor(std::move(positive));
  results.tensor(std::move(negative));
}

void batch_hard_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = call.related.check_shapeless(kName, call.embeddings.get());
  nearness_of(kName, call.distance);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(call.related.joined(embeddings), dtype));
  results.tensor(meta_per_row(embeddings, TP_INT64));
  results.tensor(meta_per_row(embeddings, TP_INT64));
}

void batch_hard(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::batch_hard_raw");
  const Call call(stack);
  const RelatedArguments& related = call.related;
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const abi::Stack found =
      raw(detach.tensor(embeddings), related.labels(), call.margin, call.distance, call.soft_margin,
          related.detached_references(), related.reference_labels(), related.positive_mask(),
          related.ignore_mask());
  const at::Tensor joined = related.joined(embeddings);
  give_face(stack, {&joined}, found);
}

}  // namespace tripoint::ops
