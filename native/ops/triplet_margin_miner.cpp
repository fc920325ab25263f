#include <cmath>
#include <string>
#include <utility>

#include "kernels/cpu/mine/margin_triplets.h"
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

constexpr const char* kName = "triplet_margin_miner";

cpu::TripletKind kind_of(const std::string& name) {
  if (name == "all") return cpu::TripletKind::kAll;
  if (name == "hard") return cpu::TripletKind::kHard;
  if (name == "semihard") return cpu::TripletKind::kSemihard;
  if (name == "easy") return cpu::TripletKind::kEasy;
  refuse(kName, "type_of_triplets must be \"all\", \"hard\", \"semihard\" or \"easy\", not \"" +
                    name + "\".");
}

}  // namespace

void triplet_margin_miner_cpu(uint64_t* stack, uint64_t, uint64_t) {
  Arguments arguments(stack);
  const abi::TensorHandle embeddings = arguments.tensor();
  RelatedArguments related;
  related.read_labels(arguments);
  const double margin = arguments.real();
  const std::string type = arguments.text();
  const std::string distance = arguments.text();
  const bool normalize = arguments.boolean();
  related.read_rest(arguments);

  if (std::isnan(margin)) refuse(kName, "margin must be a number.");
  const cpu::TripletKind kind = kind_of(type);
  const cpu::Nearness nearness = nearness_of(kName, distance);
  const cpu::RelatedBatch batch = related.batch(kName, abi::view(embeddings.get()));
  cpu::MarginTriplets mined(batch, nearness, normalize, kind, margin, screening(kName),
                            parallel_loop());
  abi::TensorHandle anchor = new_tensor(TP_INT64, {mined.count()});
  abi::TensorHandle positive = new_tensor(TP_INT64, {mined.count()});
  abi::TensorHandle negative = new_tensor(TP_INT64, {mined.count()});
  mined.write(elements<int64_t>(anchor), elements<int64_t>(positive), elements<int64_t>(negative));

  Results results(stack);
  results.tensor(std::move(anchor));
  results.tensor(std::move(positive));
  results.tensor(std::move(negative));
}

}  // namespace tripoint::ops
