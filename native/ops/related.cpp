#include "ops/related.h"

#include <ATen/core/List.h>

#include <string>

#include "ops/checks.h"
#include "ops/outputs.h"
#include "tripoint.h"

namespace tripoint::ops {
namespace {

int64_t columns_of(const abi::TensorView& embeddings, const cpu::FloatMatrix* references) {
  return references != nullptr ? references->rows : embeddings.size(0);
}

}  // namespace

void RelatedArguments::read_rest(Arguments& arguments) {
  references_ = arguments.optional_tensor();
  reference_labels_ = arguments.optional_tensor();
  positive_mask_ = arguments.optional_tensor();
  ignore_mask_ = arguments.optional_tensor();
}

void RelatedArguments::check_combination(const char* op) const {
  if (!labels_ && !positive_mask_) {
    refuse(op, "either labels or positive_mask must be given.");
  }
  if (labels_ && positive_mask_) {
    refuse(op, "labels and positive_mask must not be given together.");
  }
  if (reference_labels_ && !(references_ && labels_)) {
    refuse(op, "ref_labels must not be given without ref_emb and labels.");
  }
  if (references_ && labels_ && !reference_labels_) {
    refuse(op, "ref_emb must have ref_labels where the embeddings have labels.");
  }
}

cpu::IntegerVector RelatedArguments::labels(const char* op,
                                            const abi::TensorView& embeddings) const {
  check_combination(op);
  return labels_for(op, "labels", abi::view(labels_.get()), "embeddings", embeddings);
}

cpu::RelatedBatch RelatedArguments::batch(const char* op, const abi::TensorView& embeddings) const {
  check_combination(op);
  const cpu::FloatMatrix rows = float_matrix(op, "embeddings", embeddings);
  std::optional<cpu::FloatMatrix> references;
  if (references_) {
    const abi::TensorView tensor = abi::view(references_.get());
    references = float_matrix(op, "ref_emb", tensor);
    if (tensor.dtype != embeddings.dtype || references->columns != rows.columns) {
      refuse(op, "ref_emb must have the type and the columns of embeddings, " +
                     name_of_dtype(embeddings.dtype) + " of the shape " + shape_of(embeddings) +
                     ", but is " + name_of_dtype(tensor.dtype) + " of the shape " +
                     shape_of(tensor) + ".");
    }
  }
  const int64_t columns = columns_of(embeddings, references ? &*references : nullptr);
  std::optional<cpu::Mask> ignored;
  if (ignore_mask_) {
    ignored = pair_mask(op, "ignore_mask", abi::view(ignore_mask_.get()), rows.rows, columns);
  }
  if (positive_mask_) {
    const cpu::Mask positives =
        pair_mask(op, "positive_mask", abi::view(positive_mask_.get()), rows.rows, columns);
    return {rows, references, {positives, rows.rows, columns, !references_, ignored}};
  }
  const cpu::IntegerVector own = labels(op, embeddings);
  std::optional<cpu::IntegerVector> theirs;
  if (references_) {
    const abi::TensorView tensor = abi::view(reference_labels_.get());
    theirs = labels_for(op, "ref_labels", tensor, "ref_emb", abi::view(references_.get()));
    if (theirs->type != own.type) {
      refuse(op,
             "ref_labels must be of the type of labels, not " + name_of_dtype(tensor.dtype) + ".");
    }
  }
  return {rows, references, {own, theirs, ignored}};
}

int64_t RelatedArguments::gradient_rows(const abi::TensorView& embeddings) const {
  return embeddings.size(0) + (references_ ? abi::view(references_.get()).size(0) : 0);
}

int32_t RelatedArguments::check_shapeless(const char* op, AtenTensorHandle embeddings) const {
  check_combination(op);
  const int32_t dtype = labels_ ? check_shapeless_batch(op, embeddings, labels_.get())
                                : check_shapeless_matrix(op, "embeddings", embeddings);
  if (references_ && check_shapeless_matrix(op, "ref_emb", references_.get()) != dtype) {
    refuse(op, "ref_emb must have the type of embeddings, " + name_of_dtype(dtype) + ".");
  }
  return dtype;
}

at::Tensor RelatedArguments::joined(const at::Tensor& embeddings) const {
  static const abi::BoxedOperator& cat = abi::BoxedOperator::find("aten::cat");
  if (!references_) return embeddings;
  return cat.tensor(c10::List<at::Tensor>({embeddings, abi::tensor_of(references_.get())}),
                    int64_t{0});
}

c10::IValue RelatedArguments::detached_references() const {
  static const abi::BoxedOperator& detach = abi::BoxedOperator::find("aten::detach");
  return references_ ? c10::IValue(detach.tensor(abi::tensor_of(references_.get())))
                     : c10::IValue();
}

c10::IValue RelatedArguments::value(const abi::TensorHandle& tensor) {
  return tensor ? c10::IValue(abi::tensor_of(tensor.get())) : c10::IValue();
}

}  // namespace tripoint::ops
