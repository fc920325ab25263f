#include <ATen/core/function_schema.h>
#include <torch/csrc/jit/runtime/operator.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "border.h"
#include "boxed_call.h"
#include "modes.h"
#include "values.h"

using namespace tripoint::abi;

struct tp_operator_s {
  explicit tp_operator_s(const std::string& full_name)
      : name(full_name), boxed(BoxedOperator::find(full_name)) {
    const auto& schema = boxed.schema();
    if (schema.is_vararg() || schema.is_varret()) {
      throw Failure(TP_UNSUPPORTED, name + " takes or gives any number of values.");
    }
    for (const auto& argument : schema.arguments()) arguments.emplace_back(argument);
    result_count = static_cast<std::int32_t>(schema.returns().size());
  }

  const std::string name;
  const BoxedOperator& boxed;
  std::vector<ArgumentForm> arguments;
  std::int32_t result_count = 0;
};

namespace {

tp_operator find(const char* name) {
  // Never destroyed: an operator is valid as long as the process.
  static auto& known = *new std::map<std::string, std::unique_ptr<tp_operator_s>, std::less<>>();
  static auto& lock = *new std::mutex();
  const std::lock_guard<std::mutex> guard(lock);
  auto place = known.find(name);
  if (place == known.end()) {
    place = known.emplace(name, std::make_unique<tp_operator_s>(name)).first;
  }
  return place->second.get();
}

// Results on their way out: released unless handed over.
class Results {
 public:
  Results() = default;
  ~Results() {
    for (const auto& value : values_) tripoint::abi::release(value);
  }
  Results(const Results&) = delete;
  Results& operator=(const Results&) = delete;

  void take(Stack& stack) {
    values_.reserve(stack.size());
    for (auto& value : stack) values_.push_back(from_ivalue(std::move(value)));
  }
  void hand_over(tp_value* to) {
    std::copy(values_.begin(), values_.end(), to);
    values_.clear();
  }

 private:
  std::vector<tp_value> values_;
};

void check_call(tp_operator op, const tp_value* arguments, std::int32_t argument_count) {
  require(op, "op");
  if (argument_count < 0) invalid_argument("The number of arguments must not be negative.");
  if (argument_count > 0) require(arguments, "arguments");
  if (static_cast<std::size_t>(argument_count) > op->arguments.size()) {
    invalid_argument(op->name + " takes " + std::to_string(op->arguments.size()) +
                     " arguments, and " + std::to_string(argument_count) + " were given.");
  }
}

Stack run(tp_operator op, const tp_value* arguments, std::int32_t argument_count,
          const tp_modes* modes) {
  Stack stack;
  stack.reserve(std::max<std::size_t>(op->arguments.size(), op->result_count));
  for (std::size_t i = 0; i < op->arguments.size(); ++i) {
    const auto& form = op->arguments[i];
    if (i < static_cast<std::size_t>(argument_count)) {
      stack.push_back(to_ivalue(arguments[i], form, op->name));
    } else {
      stack.push_back(default_of(form, op->name));
    }
  }
  const ModeScope scope(modes);
  op->boxed.call(stack);
  if (stack.size() != static_cast<std::size_t>(op->result_count)) {
    throw Failure(TP_INTERNAL, op->name + " gave " + std::to_string(stack.size()) +
                                   " results, where its schema says " +
                                   std::to_string(op->result_count) + ".");
  }
  return stack;
}

}  // namespace

extern "C" std::int32_t tp_operator_find(const char* name, tp_operator* op,
                                         tp_error* error) noexcept {
  return answer(error, [&] {
    require(name, "name");
    require(op, "op");
    *op = find(name);
  });
}

extern "C" std::int32_t tp_operator_schema(tp_operator op, char* buffer, std::int64_t capacity,
                                           std::int64_t* length, tp_error* error) noexcept {
  return answer(error, [&] {
    require(op, "op");
    std::ostringstream text;
    text << op->boxed.schema();
    write_text(text.str(), buffer, capacity, length);
  });
}

extern "C" std::int32_t tp_operator_names(const char* name_space, char* buffer,
                                          std::int64_t capacity, std::int64_t* length,
                                          tp_error* error) noexcept {
  return answer(error, [&] {
    require(name_space, "name_space");
    const std::string prefix = std::string(name_space) + "::";
    std::set<std::string> names;
    for (const auto& candidate : torch::jit::getAllOperators()) {
      const auto& schema = candidate->schema();
      if (!schema.name().starts_with(prefix) || !candidate->hasOperation() || schema.is_vararg() ||
          schema.is_varret()) {
        continue;
      }
      names.insert(schema.overload_name().empty() ? schema.name()
                                                  : schema.name() + "." + schema.overload_name());
    }
    std::string text;
    for (const auto& name : names) text.append(name).append("\n");
    write_text(text, buffer, capacity, length);
  });
}

extern "C" std::int32_t tp_operator_call(tp_operator op, const tp_value* arguments,
                                         std::int32_t argument_count, tp_value* results,
                                         std::int32_t capacity, std::int32_t* count,
                                         const tp_modes* modes, tp_error* error) noexcept {
  return answer(error, [&] {
    check_call(op, arguments, argument_count);
    if (capacity < op->result_count) {
      invalid_argument(op->name + " has " + std::to_string(op->result_count) +
                       " results, and there is room for " + std::to_string(capacity) + ".");
    }
    if (op->result_count > 0) require(results, "results");
    Stack stack = run(op, arguments, argument_count, modes);
    if (op->result_count == 1) {
      results[0] = from_ivalue(std::move(stack.front()));
    } else {
      Results taken;
      taken.take(stack);
      taken.hand_over(results);
    }
    if (count != nullptr) *count = op->result_count;
  });
}

extern "C" std::int32_t tp_operator_time(tp_operator op, const tp_value* arguments,
                                         std::int32_t argument_count, std::int64_t repeats,
                                         const tp_modes* modes, std::int64_t* nanoseconds,
                                         tp_error* error) noexcept {
  return answer(error, [&] {
    check_call(op, arguments, argument_count);
    require(nanoseconds, "nanoseconds");
    const auto start = std::chrono::steady_clock::now();
    for (std::int64_t i = 0; i < repeats; ++i) {
      Stack stack = run(op, arguments, argument_count, modes);
      for (auto& value : stack) tripoint::abi::release(from_ivalue(std::move(value)));
    }
    const auto taken = std::chrono::steady_clock::now() - start;
    *nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(taken).count();
  });
}
