#include <cmath>
#include <string>

#include "kernels/cpu/mine/pair_miners.h"
#include "ops/arguments.h"
#include "ops/checks.h"
#include "ops/mined_pairs.h"
#include "ops/operators.h"
#include "ops/parallel.h"
#include "ops/related.h"
#include "ops/screening.h"

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
  cpu::MinedSides mined =
      cpu::similarity_pairs(batch, nearness, normalize, epsilon, screening(kName), parallel_loop());
  give_pairs(stack, mined);
}

}  // namespace tripoint::ops
