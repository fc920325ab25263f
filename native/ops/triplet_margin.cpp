#include "kernels/cpu/loss/triplet_margin.h"

#include <string>
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

constexpr const char* kName = "triplet_margin";

struct Call {
  abi::TensorHandle embeddings;
  abi::TensorHandle anchor;
  abi::TensorHandle positive;
  abi::TensorHandle negative;
  double margin;
  std::string distance;
  bool normalize;
  bool swap;
  bool smooth;
  std::string reduction;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    anchor = arguments.tensor();
    positive = arguments.tensor();
    negative = arguments.tensor();
    margin = arguments.real();
    distance = arguments.text();
    normalize = arguments.boolean();
    swap = arguments.boolean();
    smooth = arguments.boolean();
    reduction = arguments.text();
  }

  cpu::TripletMargin rule() const {
    check_margin(kName, margin);
    return {nearness_of(kName, distance), normalize, margin, swap, smooth,
            mean_of(kName, reduction)};
  }
};

cpu::IntegerVector rows_of(const char* argument, const abi::TensorHandle& handle,
                           const abi::TensorView& embeddings, int64_t count) {
  const abi::TensorView tensor = abi::view(handle.get());
  const cpu::IntegerVector rows = index_vector(kName, argument, tensor);
  if (rows.size != count) {
    refuse(kName, std::string(argument) + " must have one entry for each of anchor's " +
                      std::to_string(count) + ", but has the shape " + shape_of(tensor) + ".");
  }
  for (int64_t place = 0; place < count; ++place) {
    const int64_t row = static_cast<const int64_t*>(rows.data)[place * rows.stride];
    if (row < 0 || row >= embeddings.size(0)) {
      refuse(kName, std::string(argument) + " holds " + std::to_string(row) +
                        ", which is no row of embeddings " + shape_of(embeddings) + ".");
    }
  }
  return rows;
}

}  // namespace

void triplet_margin_raw_cpu(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kName, "embeddings", embeddings);
  const int64_t count = index_vector(kName, "anchor", abi::view(call.anchor.get())).size;
  const cpu::TripletRows triplets{rows_of("anchor", call.anchor, embeddings, count),
                                  rows_of("positive", call.positive, embeddings, count),
                                  rows_of("negative", call.negative, embeddings, count)};
  const cpu::TripletMargin rule = call.rule();
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient = new_tensor(embeddings.dtype, {rows.rows, rows.columns});
  abi::TensorHandle active = new_tensor(TP_INT64, {});
  const cpu::TripletMarginResult result =
      cpu::triplet_margin(rows, triplets, rule, parallel_loop(), elements<void>(gradient));
  set_loss(loss, result.loss);
  *elements<int64_t>(active) = result.active;
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  results.tensor(std::move(active));
}

void triplet_margin_raw_meta(uint64_t* stack, uint64_t, uint64_t) {
  const Call call(stack);
  const int32_t dtype = check_shapeless_matrix(kName, "embeddings", call.embeddings.get());
  call.rule();
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(embeddings, dtype));
  results.tensor(meta_scalar(embeddings, TP_INT64));
}

void triplet_margin(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find("tripoint::triplet_margin_raw");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const abi::Stack found =
      raw(detach.tensor(embeddings), abi::tensor_of(call.anchor.get()),
          abi::tensor_of(call.positive.get()), abi::tensor_of(call.negative.get()), call.margin,
          call.distance, call.normalize, call.swap, call.smooth, call.reduction);
  give_face(stack, {&embeddings}, found);
}

}  // namespace tripoint::ops
