#include <torch/csrc/stable/c/shim.h>

#include <cstdio>

#include "abi/boxed_call.h"
#include "abi/failure.h"
#include "abi/tensor_access.h"
#include "ops/operators.h"

// Missing in a LibTorch older than the range: then nothing is registered, and tp_open says why.
#pragma weak torch_library_impl
#pragma weak torch_parallel_for
#pragma weak torch_get_num_threads
#pragma weak torch_string_length
#pragma weak torch_string_c_str
#pragma weak torch_delete_string

namespace tripoint::ops {
namespace {

constexpr const char* kNamespace = "tripoint";

constexpr const char* kSchemas[] = {
    "hard_negatives(Tensor scores, Tensor positive_mask, *, Tensor? ignore_mask=None, "
    "str strategy=\"hardest\", float? margin=None, str per=\"positive\", bool all=False, "
    "bool distances=False, bool keep_diagonal=False) "
    "-> (Tensor anchor, Tensor positive, Tensor negative, Tensor left_out)",
    "top_k(Tensor queries, Tensor corpus, int k, *, str distance=\"euclidean\", "
    "Tensor? excluded_offsets=None, Tensor? excluded=None, Tensor? skip=None, "
    "float? min=None, float? max=None) -> (Tensor values, Tensor indices)",
    "batch_hard_raw(Tensor embeddings, Tensor? labels, float margin, *, "
    "str distance=\"euclidean\", bool soft_margin=False, Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor grad, Tensor positive, Tensor negative)",
    "batch_hard(Tensor embeddings, Tensor? labels, float margin, *, "
    "str distance=\"euclidean\", bool soft_margin=False, Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor positive, Tensor negative)",
    "batch_all_raw(Tensor embeddings, Tensor? labels, float margin, *, "
    "str distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", "
    "Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None, "
    "Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor grad, Tensor active, Tensor valid)",
    "batch_all(Tensor embeddings, Tensor? labels, float margin, *, "
    "str distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", "
    "Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None, "
    "Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor active, Tensor valid)",
    "batch_easy_hard(Tensor embeddings, Tensor? labels, *, str pos_strategy=\"easy\", "
    "str neg_strategy=\"semihard\", float? pos_min=None, float? pos_max=None, "
    "float? neg_min=None, float? neg_max=None, str distance=\"euclidean\", "
    "bool normalize=False, Tensor? ref_emb=None, Tensor? ref_labels=None, "
    "Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor positive, Tensor negative)",
    "nt_xent_raw(Tensor embeddings, Tensor? labels, float temperature, *, "
    "str similarity=\"cosine\", str reduction=\"mean\", Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor grad, Tensor losses, Tensor above_zero)",
    "nt_xent(Tensor embeddings, Tensor? labels, float temperature, *, "
    "str similarity=\"cosine\", str reduction=\"mean\", Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor losses, Tensor above_zero)",
    "sup_con_raw(Tensor embeddings, Tensor? labels, float temperature, *, "
    "str similarity=\"cosine\", str reduction=\"nonzero_mean\", Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor grad, Tensor losses, Tensor above_zero)",
    "sup_con(Tensor embeddings, Tensor? labels, float temperature, *, "
    "str similarity=\"cosine\", str reduction=\"nonzero_mean\", Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor losses, Tensor above_zero)",
    "multiple_negatives_raw(Tensor anchors, Tensor candidates, float scale, *, "
    "str similarity=\"cosine\") -> (Tensor loss, Tensor grad_anchors, Tensor grad_candidates)",
    "multiple_negatives(Tensor anchors, Tensor candidates, float scale, *, "
    "str similarity=\"cosine\") -> Tensor loss",
    "contrastive_raw(Tensor embeddings, Tensor? labels, float pos_margin, float neg_margin, *, "
    "str distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", "
    "Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None, "
    "Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor grad, Tensor pos_losses, Tensor pos_above_zero, "
    "Tensor neg_losses, Tensor neg_above_zero)",
    "contrastive(Tensor embeddings, Tensor? labels, float pos_margin, float neg_margin, *, "
    "str distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", "
    "Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None, "
    "Tensor? ignore_mask=None) "
    "-> (Tensor loss, Tensor pos_losses, Tensor pos_above_zero, "
    "Tensor neg_losses, Tensor neg_above_zero)",
    "triplet_margin_raw(Tensor embeddings, Tensor anchor, Tensor positive, Tensor negative, "
    "float margin, *, str distance=\"euclidean\", bool normalize=False, bool swap=False, "
    "bool smooth=False, str reduction=\"nonzero_mean\") "
    "-> (Tensor loss, Tensor grad, Tensor active)",
    "triplet_margin(Tensor embeddings, Tensor anchor, Tensor positive, Tensor negative, "
    "float margin, *, str distance=\"euclidean\", bool normalize=False, bool swap=False, "
    "bool smooth=False, str reduction=\"nonzero_mean\") -> (Tensor loss, Tensor active)",
    "triplet_margin_miner(Tensor embeddings, Tensor? labels, float margin, *, "
    "str type_of_triplets=\"all\", str distance=\"euclidean\", bool normalize=False, "
    "Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? positive_mask=None, "
    "Tensor? ignore_mask=None) -> (Tensor anchor, Tensor positive, Tensor negative)",
    "multi_similarity_miner(Tensor embeddings, Tensor? labels, float epsilon, *, "
    "str distance=\"cosine\", bool normalize=False, Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor anchor_positive, Tensor positive, Tensor anchor_negative, Tensor negative)",
    "pair_margin_miner(Tensor embeddings, Tensor? labels, float pos_margin, float neg_margin, *, "
    "str distance=\"euclidean\", bool normalize=False, Tensor? ref_emb=None, "
    "Tensor? ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) "
    "-> (Tensor anchor_positive, Tensor positive, Tensor anchor_negative, Tensor negative)",
};

struct Implementation {
  const char* key;
  const char* name;
  void (*function)(uint64_t* stack, uint64_t arguments, uint64_t results);
};

constexpr Implementation kImplementations[] = {
    {"CPU", "hard_negatives", &hard_negatives_cpu},
    {"CPU", "top_k", &top_k_cpu},
    {"Meta", "top_k", &top_k_meta},
    {"CPU", "batch_hard_raw", &batch_hard_raw_cpu},
    {"Meta", "batch_hard_raw", &batch_hard_raw_meta},
    {"CompositeImplicitAutograd", "batch_hard", &batch_hard},
    {"CPU", "batch_all_raw", &batch_all_raw_cpu},
    {"Meta", "batch_all_raw", &batch_all_raw_meta},
    {"CompositeImplicitAutograd", "batch_all", &batch_all},
    {"CPU", "batch_easy_hard", &batch_easy_hard_cpu},
    {"Meta", "batch_easy_hard", &batch_easy_hard_meta},
    {"CPU", "nt_xent_raw", &nt_xent_raw_cpu},
    {"Meta", "nt_xent_raw", &nt_xent_raw_meta},
    {"CompositeImplicitAutograd", "nt_xent", &nt_xent},
    {"CPU", "sup_con_raw", &sup_con_raw_cpu},
    {"Meta", "sup_con_raw", &sup_con_raw_meta},
    {"CompositeImplicitAutograd", "sup_con", &sup_con},
    {"CPU", "contrastive_raw", &contrastive_raw_cpu},
    {"Meta", "contrastive_raw", &contrastive_raw_meta},
    {"CompositeImplicitAutograd", "contrastive", &contrastive},
    {"CPU", "multiple_negatives_raw", &multiple_negatives_raw_cpu},
    {"Meta", "multiple_negatives_raw", &multiple_negatives_raw_meta},
    {"CompositeImplicitAutograd", "multiple_negatives", &multiple_negatives},
    {"CPU", "triplet_margin_raw", &triplet_margin_raw_cpu},
    {"Meta", "triplet_margin_raw", &triplet_margin_raw_meta},
    {"CompositeImplicitAutograd", "triplet_margin", &triplet_margin},
    {"CPU", "triplet_margin_miner", &triplet_margin_miner_cpu},
    {"CPU", "multi_similarity_miner", &multi_similarity_miner_cpu},
    {"CPU", "pair_margin_miner", &pair_margin_miner_cpu},
};

// The encoding that ops/arguments.h reads, whatever the LibTorch that calls.
constexpr uint64_t kEncoding = TORCH_VERSION_2_10_0;

bool already_registered() {
  try {
    abi::BoxedOperator::find("tripoint::hard_negatives");
    return true;
  } catch (const abi::Failure&) {
    return false;
  }
}

// The libraries are kept for good: operators must outlive whatever order a process ends in.
void register_all() {
  TorchLibraryHandle library = nullptr;
  abi::check(aoti_torch_library_init_fragment(kNamespace, __FILE_NAME__, __LINE__, &library),
             "open a namespace for operators");
  for (const char* schema : kSchemas) {
    abi::check(aoti_torch_library_def(library, schema), "define an operator");
  }
  for (const Implementation& one : kImplementations) {
    TorchLibraryHandle keyed = nullptr;
    abi::check(aoti_torch_library_init_impl(kNamespace, one.key, __FILE_NAME__, __LINE__, &keyed),
               "open a namespace for kernels");
    abi::check(torch_library_impl(keyed, one.name, one.function, kEncoding), "register a kernel");
  }
}

// Runs when the library is loaded, by Java or by Python's torch.ops.load_library. A second copy of
// the library in one process leaves the first one's operators as they are.
[[maybe_unused]] const bool registered = [] {
  try {
    if (torch_library_impl == nullptr || torch_parallel_for == nullptr ||
        torch_get_num_threads == nullptr || torch_string_length == nullptr ||
        torch_string_c_str == nullptr || torch_delete_string == nullptr) {
      return false;
    }
    if (!already_registered()) register_all();
    return true;
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "Tripoint could not register its operators: %s\n", failure.what());
    return false;
  }
}();

}  // namespace
}  // namespace tripoint::ops
