#include "kernels/cpu/loss/contrastive_softmax.h"

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

// Two operators that differ in what is lost and in their names.
struct Kind {
  const char* name;
  const char* raw_name;
  cpu::Contrast contrast;
};
constexpr Kind kNtXent{"nt_xent", "tripoint::nt_xent_raw", cpu::Contrast::kEachPositive};
constexpr Kind kSupCon{"sup_con", "tripoint::sup_con_raw", cpu::Contrast::kEachAnchor};

struct Call {
  abi::TensorHandle embeddings;
  RelatedArguments related;
  double temperature;
  std::string similarity;
  std::string reduction;

  explicit Call(const uint64_t* stack) {
    Arguments arguments(stack);
    embeddings = arguments.tensor();
    related.read_labels(arguments);
    temperature = arguments.real();
    similarity = arguments.text();
    reduction = arguments.text();
    related.read_rest(arguments);
  }

  cpu::ContrastiveSoftmax checked(const Kind& kind) const {
    if (!(temperature > 0) || !std::isfinite(temperature)) {
      refuse(kind.name, "temperature must be a finite number above 0.");
    }
    return {similarity_of(kind.name, similarity), kind.contrast, temperature,
            mean_of(kind.name, reduction)};
  }
};

void compute(const Kind& kind, uint64_t* stack) {
  const Call call(stack);
  const abi::TensorView embeddings = abi::view(call.embeddings.get());
  const cpu::FloatMatrix rows = float_matrix(kind.name, "embeddings", embeddings);
  const cpu::ContrastiveSoftmax wanted = call.checked(kind);
  abi::TensorHandle loss = new_tensor(loss_dtype(embeddings.dtype), {});
  abi::TensorHandle gradient =
      new_tensor(embeddings.dtype, {call.related.gradient_rows(embeddings), rows.columns});
  abi::TensorHandle losses = new_tensor(TP_INT64, {});
  abi::TensorHandle above_zero = new_tensor(TP_INT64, {});
  void* const target = elements<void>(gradient);
  const cpu::ContrastiveSoftmaxResult result =
      call.related.by_labels()
          ? cpu::contrastive_softmax(rows, call.related.labels(kind.name, embeddings), wanted,
                                     parallel_loop(), target)
          : cpu::contrastive_softmax(call.related.batch(kind.name, embeddings), wanted,
                                     parallel_loop(), target);
  set_loss(loss, result.loss);
  *elements<int64_t>(losses) = result.losses;
  *elements<int64_t>(above_zero) = result.above_zero;
  Results results(stack);
  results.tensor(std::move(loss));
  results.tensor(std::move(gradient));
  results.tensor(std::move(losses));
  results.tensor(std::move(above_zero));
}

void shape(const Kind& kind, uint64_t* stack) {
  const Call call(stack);
  const int32_t dtype = call.related.check_shapeless(kind.name, call.embeddings.get());
  call.checked(kind);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  Results results(stack);
  results.tensor(meta_scalar(embeddings, loss_dtype(dtype)));
  results.tensor(meta_like(call.related.joined(embeddings), dtype));
  results.tensor(meta_scalar(embeddings, TP_INT64));
  results.tensor(meta_scalar(embeddings, TP_INT64));
}

void differentiate(const abi::BoxedOperator& raw, uint64_t* stack) {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  const Call call(stack);
  const at::Tensor& embeddings = abi::tensor_of(call.embeddings.get());
  const RelatedArguments& related = call.related;
  const abi::Stack found =
      raw(detach.tensor(embeddings), related.labels(), call.temperature, call.similarity,
          call.reduction, related.detached_references(), related.reference_labels(),
          related.positive_mask(), related.ignore_mask());
  const at::Tensor joined = related.joined(embeddings);
  give_face(stack, {&joined}, found);
}

}  // namespace

void nt_xent_raw_cpu(uint64_t* stack, uint64_t, uint64_t) { compute(kNtXent, stack); }
void nt_xent_raw_meta(uint64_t* stack, uint64_t, uint64_t) { shape(kNtXent, stack); }
void nt_xent(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find(kNtXent.raw_name);
  differentiate(raw, stack);
}

void sup_con_raw_cpu(uint64_t* stack, uint64_t, uint64_t) { compute(kSupCon, stack); }
void sup_con_raw_meta(uint64_t* stack, uint64_t, uint64_t) { shape(kSupCon, stack); }
void sup_con(uint64_t* stack, uint64_t, uint64_t) {
  static const abi::BoxedOperator& raw = abi::BoxedOperator::find(kSupCon.raw_name);
  differentiate(raw, stack);
}

}  // namespace tripoint::ops
