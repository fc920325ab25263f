// The C++ side of the case call_overhead, with no code of ours but the operator: a batch's loss
// forward and backward, as a user of LibTorch writes it in C++. A library, which the Java side
// loads beside its own, so that both take turns in one process.
#include <ATen/core/Tensor.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/ops/from_blob.h>

#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>

namespace {

using Given = const std::optional<at::Tensor>&;
using BatchHard = std::tuple<at::Tensor, at::Tensor, at::Tensor>(const at::Tensor&, Given labels,
                                                                 double, std::string_view, bool,
                                                                 Given ref_emb, Given ref_labels,
                                                                 Given positive_mask,
                                                                 Given ignore_mask);

struct Batch {
  at::Tensor embeddings;
  at::Tensor labels;
  double margin;
  c10::TypedOperatorHandle<BatchHard> batch_hard;
};

}  // namespace

// float32 [rows, columns] and int64 [rows], copied. The batch lasts as long as the process.
extern "C" void* batch_make(float* embeddings, int64_t* labels, int64_t rows, int64_t columns,
                            double margin) {
  return new Batch{at::from_blob(embeddings, {rows, columns}).clone().requires_grad_(),
                   at::from_blob(labels, {rows}, at::kLong).clone(), margin,
                   c10::Dispatcher::singleton()
                       .findSchemaOrThrow("tripoint::batch_hard", "")
                       .typed<BatchHard>()};
}

// Leaves the gradient with the batch, as the next call finds it without one.
extern "C" float batch_step(void* made) {
  auto& batch = *static_cast<Batch*>(made);
  const at::Tensor loss = std::get<0>(
      batch.batch_hard.call(batch.embeddings, batch.labels, batch.margin, "euclidean", false,
                            std::nullopt, std::nullopt, std::nullopt, std::nullopt));
  loss.backward();
  const at::Tensor gradient = batch.embeddings.grad();
  batch.embeddings.mutable_grad().reset();
  return *loss.const_data_ptr<float>();
}
