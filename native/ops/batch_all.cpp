#include "kernels/cpu/loss/batch_all.h"

#include <utility>

#include "abi/boxed_call.h"
#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/operators.h"
#include "ops/outputs.h"
#include "ops/parallel.h"
#include "ops/related.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

constexpr const char* kName = "batch_all";

struct Call {
  abi::TensorHandle embeddings;
  RelatedArguments related;
  double margin;
  std::string distance;
  bool normalize;
  std::string reduction;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    related.read_labels(arguments);
    margin = arguments.real();
    distance = arguments.text();
    normalize = arguments.boolean();
    reduction = arguments.text();
    related.read_rest(arguments);
  }

  cpu::BatchAll checked() const {
    check_margin(kName, margin);
    return {nearness_of(kName, distance), normalize, margin, mean_of(kName, reduction)};
  }
};

}  // namespace

void batch_all_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::BatchAll wanted = call.checked();
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle active = new_tensor(TP_INT64, {});
  abi::TensorHandle valid = new_tensor(TP_INT64, {});
  abi::TensorHandle gradient;
  const auto make_gradient = [&] {
    gradient = new_tensor(embeddings.dtype, {call.related.gradient_rows(embeddings), rows.columns});
    return elements<void>(gradient);
  };
  cpu::BatchAllResult result;
  if (call.related.by_labels()) {
    const cpu::IntegerVector labels = call.related.labels(kName, embeddings);
    result = cpu::batch_all(rows, labels, wanted, parallel_loop(), make_gradient());
  } else {
    const cpu::RelatedBatch batch = call.related.batch(kName, embeddings);
    result = cpu::batch_all(batch, wanted, parallel_loop(), make_gradient());
  }
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
  const int32_t dtype = call.related.check_shapeless(kName, call.embeddings.get());
  call.checked();
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(call.related.joined(embeddings), dtype));
  results.tensor(meta_scalar(embeddings, TP_INT64));
  results.tensor(meta_scalar(embeddings, TP_INT64));
}

void batch_all(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::batch_all_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const at::Tensor joined = call.related.joined(embeddings);
  const abi::Stack found = raw(detach.tensor(embeddings), call.related.labels(), call.margin,
                               call.distance, call.normalize, call.reduction,
                               call.related.detached_references(), call.related.reference_labels(),
                               call.related.positive_mask(), call.related.ignore_mask());
  give_face(stack, {&joined}, found);
}

}  // namespace tripoint::ops
