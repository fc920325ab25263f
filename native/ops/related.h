#ifndef TRIPOINT_OPS_RELATED_H
#define TRIPOINT_OPS_RELATED_H

#include <cstdint>
#include <optional>

#include "abi/boxed_call.h"
#include "abi/tensor_access.h"
#include "kernels/cpu/base/strided.h"
#include "kernels/cpu/rows/relation.h"
#include "ops/arguments.h"

namespace tripoint::ops {

// The arguments that say with what a batch is compared and who is what of whom: labels after the
// embeddings, and at the end of the schema
//   Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None,
//   Tensor? ignore_mask=None
class RelatedArguments {
 public:
  void read_labels(Arguments& arguments) { labels_ = arguments.optional_tensor(); }
  void read_rest(Arguments& arguments);

  // Whether the batch is its own reference and labels say all.
  bool by_labels() const { return !references_ && !positive_mask_ && !ignore_mask_; }

  // The labels, where that is so.
  cpu::IntegerVector labels(const char* op, const abi::TensorView& embeddings) const;

  // All of them, where it is not. What it refers to lives as long as these arguments.
  cpu::RelatedBatch batch(const char* op, const abi::TensorView& embeddings) const;

  // Rows of a gradient: those of the embeddings and of the references after them.
  int64_t gradient_rows(const abi::TensorView& embeddings) const;

  // Checks on the meta device, whose sizes may be symbols and are not looked at. Gives the
  // embeddings' dtype.
  int32_t check_shapeless(const char* op, AtenTensorHandle embeddings) const;

  // Embeddings and, where there are any, references after them, as one tensor.
  at::Tensor joined(const at::Tensor& embeddings) const;

  // What is given on to the raw operator, in the schema's order: the labels, and the rest with the
  // references detached.
  c10::IValue labels() const { return value(labels_); }
  c10::IValue detached_references() const;
  c10::IValue reference_labels() const { return value(reference_labels_); }
  c10::IValue positive_mask() const { return value(positive_mask_); }
  c10::IValue ignore_mask() const { return value(ignore_mask_); }

 private:
  static c10::IValue value(const abi::TensorHandle& tensor);
  void check_combination(const char* op) const;

  abi::TensorHandle labels_;
  abi::TensorHandle references_;
  abi::TensorHandle reference_labels_;
  abi::TensorHandle positive_mask_;
  abi::TensorHandle ignore_mask_;
};

}  // namespace tripoint::ops

#endif
