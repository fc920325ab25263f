#include <cmath>
#include <string>
#include <utility>

#include "kernels/cpu/mine/similarity_pairs.h"
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

constexpr const char* kName = "multi_similarity_miner";

}  // namespace

void multi_similarity_miner_cpu(uint64_t* stack, uint64_t, uint64_t) {
  Arguments arguments(stack);
  const abi::TensorHandle embeddings = arguments.tensor();
  RelatedArguments related;
  related.read_labels(arguments);
  const double epsilon = arguments.real();
  const std::string distance = arguments.text();
  const bool normalize = arguments.boolean();
  related.read_rest(arguments);

  if (std::isnan(epsilon)) refuse(kName, "epsilon must be a number.");
  const cpu::Nearness nearness = nearness_of(kName, distance);
  const cpu::RelatedBatch batch = related.batch(kName, abi::view(embeddings.get()));
  cpu::SimilarityPairs mined(batch, nearness, normalize, epsilon, screening(kName),
                             parallel_loop());
  abi::TensorHandle anchor_positive = new_tensor(TP_INT64, {mined.positives()});
  abi::TensorHandle positive = new_tensor(TP_INT64, {mined.positives()});
  abi::TensorHandle anchor_negative = new_tensor(TP_INT64, {mined.negatives()});
  abi::TensorHandle negative = new_tensor(TP_INT64, {mined.negatives()});
  mined.write_positives(elements<int64_t>(anchor_positive), elements<int64_t>(positive));
  mined.write_negatives(elements<int64_t>(anchor_negative), elements<int64_t>(negative));

  Results results(stack);
  results.tensor(std::move(anchor_positive));
  results.tensor(std::move(positive));
  results.tensor(std::move(anchor_negative));
  results.tensor(std::move(negative));
}

}  // namespace tripoint::ops
