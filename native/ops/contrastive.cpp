#include "kernels/cpu/loss/contrastive.h"

#include <cmath>
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

constexpr const char* kName = "contrastive";

struct Call {
  abi::TensorHandle embeddings;
  RelatedArguments related;
  double positive_margin;
  double negative_margin;
  std::string distance;
  bool normalize;
  std::string reduction;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    related.read_labels(arguments);
    positive_margin = arguments.real();
    negative_margin = arguments.real();
    distance = arguments.text();
    normalize = arguments.boolean();
    reduction = arguments.text();
    related.read_rest(arguments);
  }

  cpu::Contrastive checked() const {
    if (!std::isfinite(positive_margin) || !std::isfinite(negative_margin)) {
      refuse(kName, "pos_margin and neg_margin must be finite numbers.");
    }
    const cpu::Nearness nearness = nearness_of(kName, distance);
    // Margins of products, of which the distance is turned.
    const double sign = nearness == cpu::Nearness::kDot ? -1 : 1;
    return {nearness, normalize, sign * positive_margin, sign * negative_margin,
            mean_of(kName, reduction)};
  }
};

}  // namespace

void contrastive_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const cpu::Contrastive wanted = call.checked();
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient;
  const auto make_gradient = [&] {
    gradient = new_tensor(embeddings.dtype, {call.related.gradient_rows(embeddings), rows.columns});
    return elements<void>(gradient);
  };
  cpu::ContrastiveResult found;
  if (call.related.by_labels()) {
    const cpu::IntegerVector labels = call.related.labels(kName, embeddings);
    found = cpu::contrastive(rows, labels, wanted, parallel_loop(), make_gradient());
  } else {
    const cpu::RelatedBatch batch = call.related.batch(kName, embeddings);
    found = cpu::contrastive(batch, wanted, parallel_loop(), make_gradient());
  }
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
  const int32_t dtype = call.related.check_shapeless(kName, call.embeddings.get());
  call.checked();
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(call.related.joined(embeddings), dtype));
  for (int count = 0; count < 4; ++count) results.tensor(meta_scalar(embeddings, TP_INT64));
}

void contrastive(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::contrastive_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const at::Tensor joined = call.related.joined(embeddings);
  const abi::Stack found = raw(
      detach.tensor(embeddings), call.related.labels(), call.positive_margin, call.negative_margin,
      call.distance, call.normalize, call.reduction, call.related.detached_references(),
      call.related.reference_labels(), call.related.positive_mask(), call.related.ignore_mask());
  give_face(stack, {&joined}, found);
}

}  // namespace tripoint::ops
