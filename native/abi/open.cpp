#include <ATen/core/function_schema.h>

#include <array>
#include <cstdint>
#include <memory>
#include <sstream>
#include <string>

#include "border.h"
#include "boxed_call.h"
#include "tensor_access.h"
#include "versions.h"

// Before anything else runs: tries, on the LibTorch that was loaded, what all the rest stands on.

using namespace tripoint::abi;

namespace {

[[noreturn]] void refuse(const std::string& found) {
  throw Failure(TP_UNSUPPORTED, "Tripoint " TP_VERSION " runs on LibTorch " +
                                    std::to_string(TP_LIBTORCH_MIN_MAJOR) + "." +
                                    std::to_string(TP_LIBTORCH_MIN_MINOR) + " to " +
                                    std::to_string(TP_LIBTORCH_MAX_MAJOR) + "." +
                                    std::to_string(TP_LIBTORCH_MAX_MINOR) + ". " + found);
}

void expect(bool held, const std::string& what) {
  if (!held) {
    refuse("The LibTorch " + loaded_version().text() +
           " that was loaded is in that range, but is laid out otherwise: " + what + ".");
  }
}

void try_schema() {
  const auto& add = BoxedOperator::find("aten::add", "Tensor");
  std::ostringstream text;
  text << add.schema();
  const std::string expected =
      "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor";
  expect(text.str() == expected, "the schema of aten::add.Tensor reads \"" + text.str() + "\"");
  const auto& arguments = add.schema().arguments();
  expect(arguments.size() == 3 && arguments[2].default_value().has_value() &&
             arguments[2].default_value()->isInt() && arguments[2].default_value()->toInt() == 1,
         "the default of aten::add.Tensor's alpha cannot be read");
}

void try_tensors() {
  std::array<float, 6> memory = {1, 2, 3, 4, 5, 6};
  constexpr std::array<std::int64_t, 2> kSizes = {2, 3};
  int released = 0;
  {
    const TensorHandle wrapped = wrap(
        memory.data(), TP_FLOAT32, TP_CPU, -1, kSizes, nullptr,
        [](void* count) { ++*static_cast<int*>(count); }, &released);
    const TensorView seen = view(wrapped.get());
    expect(seen.data == memory.data() && seen.dim == 2 && seen.numel == 6 && seen.size(0) == 2 &&
               seen.stride(0) == 3 && seen.dtype == TP_FLOAT32 && seen.is_cpu(),
           "a tensor over foreign memory does not read back");

    const auto& add = BoxedOperator::find("aten::add", "Tensor");
    const at::Tensor& operand = tensor_of(wrapped.get());
    const at::Tensor sum = add.tensor(operand, operand, std::int64_t{1});
    const at::Tensor positive = BoxedOperator::find("aten::relu").tensor(sum);
    const TensorView result = view(positive);
    expect(result.numel == 6 && result.dtype == TP_FLOAT32 && result.data != nullptr,
           "the result of a call does not read back");
    for (std::size_t i = 0; i < memory.size(); ++i) {
      expect(static_cast<const float*>(result.data)[i] == 2 * memory[i],
             "aten::add gives wrong values");
    }
  }
  expect(released == 1, "foreign memory is not given back");
}

struct Verdict {
  std::int32_t status;
  tp_error error;
};

Verdict look() noexcept {
  Verdict verdict{};
  verdict.status = answer(&verdict.error, [] {
    const LibTorchVersion version = loaded_version();
    if (!version.in_range()) refuse("The one that was loaded is " + version.text() + ".");
    try {
      try_schema();
      try_tensors();
    } catch (const Failure& failure) {
      expect(failure.status() == TP_UNSUPPORTED, failure.what());
      throw;
    } catch (const std::exception& refused) {
      expect(false, refused.what());
    }
  });
  return verdict;
}

}  // namespace

extern "C" std::int32_t tp_open(tp_error* error) noexcept {
  static const Verdict verdict = look();
  if (verdict.status != TP_OK && error != nullptr) *error = verdict.error;
  return verdict.status;
}
