#include "boxed_call.h"

#include <torch/csrc/jit/runtime/operator.h>

#include <map>
#include <mutex>

#include "failure.h"

namespace tripoint::abi {

std::unique_ptr<BoxedOperator> make_boxed_operator(std::shared_ptr<torch::jit::Operator> found) {
  std::unique_ptr<BoxedOperator> result(new BoxedOperator());
  result->operation_ = found->getOperation();
  result->schema_ = &found->schema();
  result->operator_ = std::move(found);
  return result;
}

namespace {

std::string full_name_of(std::string_view name, std::string_view overload) {
  std::string full(name);
  if (!overload.empty()) full.append(".").append(overload);
  return full;
}

[[noreturn]] void not_found(const std::string& name, std::string_view overload) {
  std::string there;
  for (const auto& candidate : torch::jit::getAllOperatorsFor(c10::Symbol::fromQualString(name))) {
    there.append(there.empty() ? "" : ", ");
    there.append(full_name_of(name, candidate->schema().overload_name()));
  }
  std::string message =
      "There is no operator " + full_name_of(name, overload) + " in this LibTorch";
  message += there.empty() ? "" : "; there are: " + there;
  throw Failure(TP_NOT_FOUND, message);
}

std::unique_ptr<BoxedOperator> look_up(const std::string& name, const std::string& overload) {
  if (name.find("::") == std::string::npos) {
    invalid_argument("An operator's name has the form \"namespace::name\", not \"" + name + "\".");
  }
  auto found = torch::jit::findOperatorFor(c10::OperatorName(name, overload));
  if (!found) not_found(name, overload);
  if (!found->hasOperation()) {
    throw Failure(TP_UNSUPPORTED, "The operator " + full_name_of(name, overload) +
                                      " exists only inside compiled TorchScript.");
  }
  return make_boxed_operator(std::move(found));
}

}  // namespace

const BoxedOperator& BoxedOperator::find(std::string_view name, std::string_view overload) {
  // Never destroyed: handles to operators outlive the library's static objects.
  static auto& known = *new std::map<std::string, std::unique_ptr<BoxedOperator>, std::less<>>();
  static auto& lock = *new std::mutex();
  const std::string key = full_name_of(name, overload);
  std::lock_guard<std::mutex> guard(lock);
  auto place = known.find(key);
  if (place == known.end()) {
    place = known.emplace(key, look_up(std::string(name), std::string(overload))).first;
  }
  return *place->second;
}

const BoxedOperator& BoxedOperator::find(std::string_view full_name) {
  const auto dot = full_name.find(
      '.', full_name.find("::") == std::string_view::npos ? 0 : full_name.find("::") + 2);
  if (dot == std::string_view::npos) return find(full_name, {});
  return find(full_name.substr(0, dot), full_name.substr(dot + 1));
}

}  // namespace tripoint::abi
