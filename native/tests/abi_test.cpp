// The C ABI, through its header alone. The same program is run on every LibTorch of the supported
// range.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "tripoint.h"

namespace {

using Ints = std::vector<std::int64_t>;
using Floats = std::vector<float>;

constexpr tp_modes kNoGrad = {0, 0, -1, -1, 0};
constexpr tp_modes kInference = {1, 1, -1, -1, 0};

// ---- a small C++ face of the C ABI
// ----------------------------------------------------------------------------------

struct Error : tp_error {
  Error() : tp_error{} {}
};

#define ASSERT_OK(call)                        \
  do {                                         \
    Error error;                               \
    tp_error* e = &error;                      \
    const std::int32_t status = (call);        \
    ASSERT_EQ(status, TP_OK) << error.message; \
  } while (false)

// Owns what a tp_value holds.
class Value {
 public:
  Value() = default;
  explicit Value(const tp_value& owned) : value_(owned) {}
  Value(Value&& other) noexcept : value_(std::exchange(other.value_, {})) {}
  Value& operator=(Value&& other) noexcept {
    std::swap(value_, other.value_);
    return *this;
  }
  ~Value() {
    if (value_.tag == TP_TENSOR) tp_tensor_release(value_.as.tensor);
    if (value_.tag == TP_OBJECT || value_.tag == TP_GENERATOR) tp_object_release(value_.as.object);
  }
  const tp_value& raw() const { return value_; }
  tp_tensor tensor() const {
    EXPECT_EQ(value_.tag, TP_TENSOR);
    return value_.as.tensor;
  }
  tp_object object() const {
    EXPECT_TRUE(value_.tag == TP_OBJECT || value_.tag == TP_GENERATOR);
    return value_.as.object;
  }
  explicit operator bool() const { return value_.tag != TP_NONE; }

 private:
  tp_value value_{};
};

Value owned(tp_tensor tensor) {
  tp_value value{};
  value.tag = TP_TENSOR;
  value.as.tensor = tensor;
  return Value(value);
}

struct Info : tp_tensor_info {
  Ints shape;
  Ints steps;
};

Info describe(tp_tensor tensor) {
  Info info{};
  std::int64_t sizes[64];
  std::int64_t strides[64];
  Error error;
  EXPECT_EQ(tp_tensor_describe(tensor, &info, sizes, strides, 64, &error), TP_OK) << error.message;
  info.shape.assign(sizes, sizes + info.dim);
  info.steps.assign(strides, strides + info.dim);
  return info;
}

// Arguments. Lists and texts must outlive the call, so they are taken by reference to something
// that does.
tp_value arg(const Value& value) { return value.raw(); }
tp_value arg(tp_tensor tensor) {
  tp_value value{};
  value.tag = TP_TENSOR;
  value.as.tensor = tensor;
  return value;
}
tp_value tagged(tp_tag tag) {
  tp_value value{};
  value.tag = tag;
  return value;
}
tp_value none() { return tagged(TP_NONE); }
tp_value by_default() { return tagged(TP_DEFAULT); }
tp_value arg(std::int64_t number) {
  tp_value value = tagged(TP_INT);
  value.as.integer = number;
  return value;
}
tp_value arg(int number) { return arg(static_cast<std::int64_t>(number)); }
tp_value arg(double number) {
  tp_value value = tagged(TP_DOUBLE);
  value.as.real = number;
  return value;
}
tp_value arg(bool truth) {
  tp_value value = tagged(TP_BOOLEAN);
  value.as.integer = truth ? 1 : 0;
  return value;
}
tp_value arg(const char* text) {
  tp_value value = tagged(TP_STRING);
  value.as.text = text;
  value.length = static_cast<std::int64_t>(std::strlen(text));
  return value;
}
tp_value arg(const Ints& list) {
  tp_value value = tagged(TP_INT_LIST);
  value.as.integers = list.data();
  value.length = static_cast<std::int64_t>(list.size());
  return value;
}
tp_value arg(const std::vector<double>& list) {
  tp_value value = tagged(TP_DOUBLE_LIST);
  value.as.reals = list.data();
  value.length = static_cast<std::int64_t>(list.size());
  return value;
}
tp_value arg(const std::vector<tp_tensor>& list, tp_tag tag = TP_TENSOR_LIST) {
  tp_value value = tagged(tag);
  value.as.tensors = list.data();
  value.length = static_cast<std::int64_t>(list.size());
  return value;
}
tp_value arg(const std::vector<tp_value>& list, tp_tag tag) {
  tp_value value = tagged(tag);
  value.as.values = list.data();
  value.length = static_cast<std::int64_t>(list.size());
  return value;
}
tp_value device(std::int32_t type, std::int32_t index = -1) {
  tp_value value = tagged(TP_DEVICE);
  value.as.integer = (static_cast<std::int64_t>(index) << 32) | static_cast<std::uint32_t>(type);
  return value;
}

tp_operator find(const char* name) {
  tp_operator op = nullptr;
  Error error;
  EXPECT_EQ(tp_operator_find(name, &op, &error), TP_OK) << error.message;
  return op;
}

std::vector<Value> call_all(const char* name, const std::vector<tp_value>& arguments,
                            const tp_modes* modes = nullptr) {
  tp_value results[8] = {};
  std::int32_t count = 0;
  Error error;
  const tp_operator op = find(name);
  if (op == nullptr) return {};
  const std::int32_t status =
      tp_operator_call(op, arguments.data(), static_cast<std::int32_t>(arguments.size()), results,
                       8, &count, modes, &error);
  EXPECT_EQ(status, TP_OK) << name << ": " << error.message;
  std::vector<Value> values;
  for (std::int32_t i = 0; i < count; ++i) values.emplace_back(results[i]);
  return values;
}

Value call(const char* name, const std::vector<tp_value>& arguments,
           const tp_modes* modes = nullptr) {
  auto values = call_all(name, arguments, modes);
  EXPECT_EQ(values.size(), 1u) << name;
  return values.empty() ? Value() : std::move(values[0]);
}

// A call that must be refused; gives the message.
std::string refused(const char* name, const std::vector<tp_value>& arguments, tp_status expected,
                    const tp_modes* modes = nullptr) {
  tp_value result = tagged(TP_DICT);
  std::int32_t count = -7;
  Error error;
  const std::int32_t status =
      tp_operator_call(find(name), arguments.data(), static_cast<std::int32_t>(arguments.size()),
                       &result, 1, &count, modes, &error);
  EXPECT_EQ(status, expected) << name << ": " << error.message;
  EXPECT_EQ(error.code, expected);
  EXPECT_EQ(count, -7) << "an output was written by a call that failed";
  EXPECT_EQ(result.tag, TP_DICT) << "an output was written by a call that failed";
  return error.message;
}

// Own memory, copied in.
template <typename T>
Value make(const std::vector<T>& values, const Ints& sizes, tp_dtype dtype) {
  tp_tensor tensor = nullptr;
  Error error;
  EXPECT_EQ(tp_tensor_allocate(dtype, TP_CPU, -1, 0, static_cast<std::int32_t>(sizes.size()),
                               sizes.data(), &tensor, &error),
            TP_OK)
      << error.message;
  const Info info = describe(tensor);
  EXPECT_EQ(info.numel, static_cast<std::int64_t>(values.size()));
  if (!values.empty()) std::memcpy(info.data, values.data(), values.size() * sizeof(T));
  return owned(tensor);
}
Value floats(const Floats& values, const Ints& sizes) { return make(values, sizes, TP_FLOAT32); }
Value longs(const Ints& values, const Ints& sizes) { return make(values, sizes, TP_INT64); }

template <typename T>
std::vector<T> read(tp_tensor tensor, tp_dtype dtype) {
  const Value whole = call("aten::contiguous", {arg(tensor)});
  const Info info = describe(whole.tensor());
  EXPECT_EQ(info.dtype, dtype);
  const T* data = static_cast<const T*>(info.data);
  return std::vector<T>(data, data + info.numel);
}
Floats read_floats(const Value& value) { return read<float>(value.tensor(), TP_FLOAT32); }
Ints read_longs(const Value& value) { return read<std::int64_t>(value.tensor(), TP_INT64); }

void expect_near(const Value& value, const Floats& expected, float tolerance = 1e-6f) {
  const Floats found = read_floats(value);
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    EXPECT_NEAR(found[i], expected[i], tolerance) << "at " << i;
  }
}

Value requires_grad(Value value) {
  Error error;
  EXPECT_EQ(tp_tensor_set_requires_grad(value.tensor(), 1, &error), TP_OK) << error.message;
  return value;
}

Value grad_of(const Value& value) {
  tp_tensor grad = nullptr;
  Error error;
  EXPECT_EQ(tp_tensor_grad(value.tensor(), &grad, &error), TP_OK) << error.message;
  return grad == nullptr ? Value() : owned(grad);
}

template <typename Call>
std::string text_of(Call&& call) {
  std::int64_t length = 0;
  Error error;
  EXPECT_EQ(call(nullptr, 0, &length, &error), TP_OK) << error.message;
  std::string text(static_cast<std::size_t>(length) + 1, '\0');
  EXPECT_EQ(call(text.data(), length + 1, &length, &error), TP_OK) << error.message;
  text.resize(static_cast<std::size_t>(length));
  return text;
}

class Abi : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { ASSERT_OK(tp_open(e)); }
};

// ---- library
// ---------------------------------------------------------------------------------------------------------

TEST_F(Abi, SaysWhichVersionsItIsAndFound) {
  EXPECT_EQ(tp_abi_version(), TP_ABI_VERSION);
  EXPECT_STREQ(tp_version(), "0.1.0");
  std::int32_t major = 0;
  std::int32_t minor = 0;
  std::int32_t patch = -1;
  tp_libtorch_version(&major, &minor, &patch);
  tp_libtorch_version(nullptr, nullptr, nullptr);
  EXPECT_EQ(major, 2);
  EXPECT_GE(minor, TP_LIBTORCH_MIN_MINOR);
  EXPECT_LE(minor, TP_LIBTORCH_MAX_MINOR);
  EXPECT_GE(patch, 0);
  RecordProperty("libtorch", std::to_string(major) + "." + std::to_string(minor));
  EXPECT_EQ(tp_open(nullptr), TP_OK);
  EXPECT_NE(text_of(tp_libtorch_config).find("PyTorch built with"), std::string::npos);
  EXPECT_FALSE(text_of(tp_cpu_capability).empty());
}

TEST_F(Abi, CutsTextToTheCapacity) {
  char buffer[6] = "?????";
  std::int64_t length = 0;
  ASSERT_OK(tp_libtorch_config(buffer, 6, &length, e));
  EXPECT_STREQ(buffer, "PyTor");
  EXPECT_GT(length, 100);
  ASSERT_OK(tp_libtorch_config(buffer, 1, nullptr, e));
  EXPECT_STREQ(buffer, "");
  EXPECT_EQ(tp_libtorch_config(nullptr, 5, nullptr, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_libtorch_config(buffer, -1, nullptr, nullptr), TP_INVALID_ARGUMENT);
}

TEST_F(Abi, CountsDevices) {
  std::int32_t count = -1;
  ASSERT_OK(tp_device_count(TP_CPU, &count, e));
  EXPECT_EQ(count, 1);
  ASSERT_OK(tp_device_count(TP_META, &count, e));
  EXPECT_EQ(count, 1);
  ASSERT_OK(tp_device_count(TP_CUDA, &count, e));
  EXPECT_GE(count, 0);
  EXPECT_EQ(tp_device_count(77, &count, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_device_count(TP_CPU, nullptr, nullptr), TP_INVALID_ARGUMENT);
  ASSERT_OK(tp_device_synchronize(TP_CPU, -1, e));
  ASSERT_OK(tp_device_synchronize(TP_META, -1, e));
  EXPECT_EQ(tp_device_synchronize(TP_CPU, 3, nullptr), TP_NOT_FOUND);
}

TEST_F(Abi, RefusesCudaWhereThereIsNone) {
  std::int32_t count = 0;
  ASSERT_OK(tp_device_count(TP_CUDA, &count, e));
  if (count == 0) {
    Error error;
    tp_tensor tensor = nullptr;
    EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CUDA, 0, 0, 0, nullptr, &tensor, &error),
              TP_UNSUPPORTED);
    EXPECT_NE(std::string(error.message).find("CUDA"), std::string::npos);
    EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CPU, -1, 1, 0, nullptr, &tensor, &error),
              TP_UNSUPPORTED);
    EXPECT_EQ(tp_device_synchronize(TP_CUDA, 0, &error), TP_UNSUPPORTED);
    tp_object generator = nullptr;
    EXPECT_EQ(tp_generator_new(TP_CUDA, 0, 1, &generator, &error), TP_UNSUPPORTED);
    const tp_modes modes = {1, 0, TP_CUDA, 0, 0};
    refused("aten::relu", {arg(floats({1}, {1}))}, TP_UNSUPPORTED, &modes);
  } else {
    tp_tensor tensor = nullptr;
    EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CUDA, count, 0, 0, nullptr, &tensor, nullptr),
              TP_NOT_FOUND);
  }
}

// LibTorch's own answer for the calling thread, after a call has put the process's number in force.
int threads_in_force() {
  call("aten::relu", {arg(floats({1}, {1}))});
  void* library = dlopen("libtorch_cpu.so", RTLD_LAZY | RTLD_NOLOAD);
  if (library == nullptr) return -1;
  auto* answer = reinterpret_cast<int (*)()>(dlsym(library, "_ZN2at15get_num_threadsEv"));
  dlclose(library);
  return answer == nullptr ? -1 : answer();
}

TEST_F(Abi, SetsThreadsForAllNativeThreads) {
  const std::int32_t before = tp_get_num_threads();
  EXPECT_GE(before, 1);
  EXPECT_EQ(tp_set_num_threads(0, nullptr), TP_INVALID_ARGUMENT);
  ASSERT_OK(tp_set_num_threads(2, e));
  EXPECT_EQ(tp_get_num_threads(), 2);
  EXPECT_EQ(threads_in_force(), 2);
  std::thread([] {
    EXPECT_EQ(tp_get_num_threads(), 2);
    EXPECT_EQ(threads_in_force(), 2);
    std::thread([] { EXPECT_EQ(tp_set_num_threads(1, nullptr), TP_OK); }).join();
    EXPECT_EQ(threads_in_force(), 1) << "in a thread that had another number in force before";
  }).join();
  EXPECT_EQ(threads_in_force(), 1);
  ASSERT_OK(tp_set_num_threads(before, e));
}

// ---- tensors
// ---------------------------------------------------------------------------------------------------------

TEST_F(Abi, DescribesWhatItAllocates) {
  struct Case {
    tp_dtype dtype;
    std::int64_t bytes;
  };
  for (const Case c : {Case{TP_UINT8, 1},
                       {TP_INT8, 1},
                       {TP_INT16, 2},
                       {TP_INT32, 4},
                       {TP_INT64, 8},
                       {TP_FLOAT16, 2},
                       {TP_FLOAT32, 4},
                       {TP_FLOAT64, 8},
                       {TP_COMPLEX64, 8},
                       {TP_COMPLEX128, 16},
                       {TP_BOOL, 1},
                       {TP_BFLOAT16, 2}}) {
    const Ints sizes = {2, 3, 5};
    tp_tensor tensor = nullptr;
    ASSERT_OK(tp_tensor_allocate(c.dtype, TP_CPU, -1, 0, 3, sizes.data(), &tensor, e));
    const Value value = owned(tensor);
    const Info info = describe(tensor);
    EXPECT_EQ(info.dtype, c.dtype);
    EXPECT_EQ(info.element_size, c.bytes);
    EXPECT_EQ(info.device_type, TP_CPU);
    EXPECT_EQ(info.device_index, -1);
    EXPECT_EQ(info.layout, 0);
    EXPECT_EQ(info.requires_grad, 0);
    EXPECT_EQ(info.numel, 30);
    EXPECT_EQ(info.storage_offset, 0);
    EXPECT_EQ(info.storage_bytes, 30 * c.bytes);
    EXPECT_EQ(info.shape, sizes);
    EXPECT_EQ(info.steps, (Ints{15, 5, 1}));
    EXPECT_NE(info.data, nullptr);
    EXPECT_EQ(info.data, info.storage);
  }
}

TEST_F(Abi, DescribesViewsScalarsMetaAndEmptyTensors) {
  const Value base = floats({0, 1, 2, 3, 4, 5}, {2, 3});
  const Value view = call("aten::select.int", {arg(base), arg(1), arg(1)});
  const Info info = describe(view.tensor());
  EXPECT_EQ(info.shape, (Ints{2}));
  EXPECT_EQ(info.steps, (Ints{3}));
  EXPECT_EQ(info.storage_offset, 1);
  EXPECT_EQ(info.storage, describe(base.tensor()).storage);
  EXPECT_EQ(info.data, static_cast<char*>(info.storage) + 4);

  const Info scalar = describe(floats({7}, {}).tensor());
  EXPECT_EQ(scalar.dim, 0);
  EXPECT_EQ(scalar.numel, 1);

  const Info empty = describe(floats({}, {0, 4}).tensor());
  EXPECT_EQ(empty.numel, 0);
  EXPECT_EQ(empty.shape, (Ints{0, 4}));

  tp_tensor meta = nullptr;
  const Ints sizes = {1000000, 1000000};
  ASSERT_OK(tp_tensor_allocate(TP_FLOAT64, TP_META, -1, 0, 2, sizes.data(), &meta, e));
  const Value held = owned(meta);
  const Info shape = describe(meta);
  EXPECT_EQ(shape.device_type, TP_META);
  EXPECT_EQ(shape.data, nullptr);
  EXPECT_EQ(shape.shape, sizes);
  EXPECT_EQ(describe(call("aten::matmul", {held.raw(), held.raw()}).tensor()).shape, sizes);

  const Value sparse = call("aten::to_sparse", {arg(base)});
  const Info other = describe(sparse.tensor());
  EXPECT_NE(other.layout, 0);
  EXPECT_EQ(other.data, nullptr);
  EXPECT_EQ(other.shape, (Ints{2, 3}));
  EXPECT_EQ(other.steps, (Ints{0, 0}));
}

TEST_F(Abi, DescribeWritesOnlyWhatFits) {
  const Value base = floats({0, 1, 2, 3, 4, 5}, {2, 3});
  tp_tensor_info info{};
  std::int64_t sizes[2] = {-5, -5};
  ASSERT_OK(tp_tensor_describe(base.tensor(), &info, sizes, nullptr, 1, e));
  EXPECT_EQ(info.dim, 2);
  EXPECT_EQ(sizes[0], -5);
  ASSERT_OK(tp_tensor_describe(base.tensor(), &info, nullptr, sizes, 2, e));
  EXPECT_EQ(sizes[0], 3);
  EXPECT_EQ(tp_tensor_describe(nullptr, &info, sizes, nullptr, 2, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_tensor_describe(base.tensor(), nullptr, sizes, nullptr, 2, nullptr),
            TP_INVALID_ARGUMENT);
}

void count_release(void* context) { ++*static_cast<int*>(context); }

TEST_F(Abi, WrapsMemoryWithoutCopyingAndGivesItBackOnce) {
  Floats memory = {1, 2, 3, 4, 5, 6};
  int released = 0;
  const Ints sizes = {2, 3};
  tp_tensor tensor = nullptr;
  ASSERT_OK(tp_tensor_wrap(memory.data(), TP_FLOAT32, TP_CPU, -1, 2, sizes.data(), nullptr,
                           count_release, &released, &tensor, e));
  Value whole = owned(tensor);
  EXPECT_EQ(describe(tensor).data, memory.data());
  EXPECT_EQ(describe(tensor).storage_bytes, 24);
  call("aten::mul_.Scalar", {arg(whole), arg(2.0)});
  EXPECT_EQ(memory, (Floats{2, 4, 6, 8, 10, 12}));

  Value row = call("aten::select.int", {arg(whole), arg(0), arg(1)});
  tp_tensor again = nullptr;
  ASSERT_OK(tp_tensor_retain(tensor, &again, e));
  whole = Value();
  EXPECT_EQ(released, 0);
  tp_tensor_release(again);
  EXPECT_EQ(released, 0) << "a view still holds the memory";
  EXPECT_EQ(read_floats(row), (Floats{8, 10, 12}));
  std::thread([moved = std::move(row)]() mutable { moved = Value(); }).join();
  EXPECT_EQ(released, 1);
}

TEST_F(Abi, WrapsStridedMemoryAndMemoryHeldByOthers) {
  Floats memory = {1, 2, 3, 4, 5, 6};
  const Ints sizes = {3, 2};
  const Ints strides = {1, 3};
  tp_tensor tensor = nullptr;
  ASSERT_OK(tp_tensor_wrap(memory.data(), TP_FLOAT32, TP_CPU, 0, 2, sizes.data(), strides.data(),
                           nullptr, nullptr, &tensor, e));
  const Value value = owned(tensor);
  EXPECT_EQ(read_floats(value), (Floats{1, 4, 2, 5, 3, 6}));
}

TEST_F(Abi, GivesBackMemoryOfATensorWithoutElements) {
  int released = 0;
  const Ints sizes = {0, 3};
  float nothing = 0;
  for (void* data : {static_cast<void*>(nullptr), static_cast<void*>(&nothing)}) {
    released = 0;
    tp_tensor tensor = nullptr;
    ASSERT_OK(tp_tensor_wrap(data, TP_FLOAT32, TP_CPU, -1, 2, sizes.data(), nullptr, count_release,
                             &released, &tensor, e));
    EXPECT_EQ(describe(tensor).numel, 0);
    tp_tensor_release(tensor);
    EXPECT_EQ(released, 1) << data;
  }
}

TEST_F(Abi, KeepsWrappedMemoryWhileAutogradHoldsIt) {
  Floats memory = {3, 4};
  int released = 0;
  const Ints sizes = {2};
  tp_tensor tensor = nullptr;
  ASSERT_OK(tp_tensor_wrap(memory.data(), TP_FLOAT32, TP_CPU, -1, 1, sizes.data(), nullptr,
                           count_release, &released, &tensor, e));
  Value x = owned(tensor);
  const Value w = requires_grad(floats({1, 1}, {2}));
  Value product = call("aten::mul.Tensor", {arg(w), arg(x)});
  x = Value();
  EXPECT_EQ(released, 0) << "saved for the gradient";
  Value sum = call("aten::sum", {arg(product)});
  ASSERT_OK(tp_backward(sum.tensor(), nullptr, nullptr, 0, 0, 0, nullptr, e));
  EXPECT_EQ(read_floats(grad_of(w)), (Floats{3, 4}));
  product = Value();
  sum = Value();
  EXPECT_EQ(released, 1);
}

TEST_F(Abi, RefusesWrongWrapsAndNeverCallsBack) {
  float memory[4] = {};
  int released = 0;
  const auto wrap = [&](void* data, std::int32_t dtype, std::int32_t type, std::int32_t dim,
                        Ints sizes, Ints strides) {
    tp_tensor tensor = nullptr;
    const std::int32_t status = tp_tensor_wrap(data, dtype, type, -1, dim, sizes.data(),
                                               strides.empty() ? nullptr : strides.data(),
                                               count_release, &released, &tensor, nullptr);
    EXPECT_EQ(tensor, nullptr);
    return status;
  };
  EXPECT_EQ(wrap(memory, 8, TP_CPU, 1, {4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, -1, TP_CPU, 1, {4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, TP_META, 1, {4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, 55, 1, {4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, TP_CPU, -1, {4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, TP_CPU, 65, Ints(65, 1), {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, TP_CPU, 1, {-4}, {}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(memory, TP_FLOAT32, TP_CPU, 1, {4}, {-1}), TP_INVALID_ARGUMENT);
  EXPECT_EQ(wrap(nullptr, TP_FLOAT32, TP_CPU, 1, {4}, {}), TP_INVALID_ARGUMENT);
  const std::int64_t huge = std::int64_t{1} << 62;
  EXPECT_NE(wrap(memory, TP_FLOAT32, TP_CPU, 2, {huge, huge}, {}), TP_OK);
  EXPECT_NE(wrap(memory, TP_FLOAT32, TP_CPU, 2, {huge, huge}, {1, 1}), TP_OK);
  EXPECT_EQ(released, 0);
}

TEST_F(Abi, RefusesWrongAllocations) {
  tp_tensor tensor = nullptr;
  const Ints huge = {std::int64_t{1} << 46};
  Error error;
  EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CPU, -1, 0, 1, huge.data(), &tensor, &error),
            TP_OUT_OF_MEMORY)
      << error.message;
  const Ints negative = {-1};
  EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CPU, -1, 0, 1, negative.data(), &tensor, nullptr),
            TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_tensor_allocate(TP_FLOAT32, TP_CPU, -1, 0, 1, nullptr, &tensor, nullptr),
            TP_INVALID_ARGUMENT);
  EXPECT_EQ(tensor, nullptr);
  tp_tensor_release(nullptr);
  EXPECT_EQ(tp_tensor_retain(nullptr, &tensor, nullptr), TP_INVALID_ARGUMENT);
}

// ---- finding operators
// -----------------------------------------------------------------------------------------------

TEST_F(Abi, FindsOperatorsAndWritesTheirSchemas) {
  const tp_operator add = find("aten::add.Tensor");
  EXPECT_EQ(add, find("aten::add.Tensor")) << "found once";
  const auto schema = [](tp_operator op) {
    return text_of([op](char* buffer, std::int64_t capacity, std::int64_t* length, tp_error* e) {
      return tp_operator_schema(op, buffer, capacity, length, e);
    });
  };
  EXPECT_EQ(schema(add),
            "aten::add.Tensor(Tensor self, Tensor other, *, Scalar alpha=1) -> Tensor");
  EXPECT_EQ(schema(find("aten::relu")), "aten::relu(Tensor self) -> Tensor");
  EXPECT_EQ(schema(find("aten::einsum")),
            "aten::einsum(str equation, Tensor[] tensors, *, int[]? path=None) -> Tensor");
}

TEST_F(Abi, NamesTheOverloadsThereAre) {
  tp_operator op = nullptr;
  Error error;
  EXPECT_EQ(tp_operator_find("aten::add.Nope", &op, &error), TP_NOT_FOUND);
  EXPECT_NE(std::string(error.message).find("aten::add.Tensor"), std::string::npos);
  EXPECT_EQ(tp_operator_find("aten::no_such_thing", &op, &error), TP_NOT_FOUND);
  EXPECT_EQ(std::string(error.message),
            "There is no operator aten::no_such_thing in this LibTorch");
  EXPECT_EQ(tp_operator_find("relu", &op, &error), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_operator_find("", &op, &error), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_operator_find("::", &op, &error), TP_NOT_FOUND);
  EXPECT_EQ(tp_operator_find(nullptr, &op, &error), TP_INVALID_ARGUMENT);
  EXPECT_EQ(op, nullptr);
}

TEST_F(Abi, ListsTheOperatorsOfANamespaceAndAllCanBeFound) {
  const std::string names =
      text_of([](char* buffer, std::int64_t capacity, std::int64_t* length, tp_error* e) {
        return tp_operator_names("aten", buffer, capacity, length, e);
      });
  std::istringstream lines(names);
  std::string line;
  std::string last;
  int count = 0;
  while (std::getline(lines, line)) {
    EXPECT_LT(last, line);
    last = line;
    ++count;
    tp_operator op = nullptr;
    Error error;
    ASSERT_EQ(tp_operator_find(line.c_str(), &op, &error), TP_OK) << error.message;
  }
  EXPECT_GT(count, 2000);
  EXPECT_NE(names.find("\naten::cdist\n"), std::string::npos);
  EXPECT_NE(names.find("\naten::add.Tensor\n"), std::string::npos);
  EXPECT_EQ(text_of([](char* buffer, std::int64_t capacity, std::int64_t* length, tp_error* e) {
              return tp_operator_names("nowhere", buffer, capacity, length, e);
            }),
            "");
}

// ---- calls, one of each kind
// -----------------------------------------------------------------------------------------

TEST_F(Abi, CallsPointwiseOperators) {
  const Value x = floats({-1, 0, 2, 4}, {4});
  const Value y = floats({1, 2, 3, 4}, {4});
  expect_near(call("aten::relu", {arg(x)}), {0, 0, 2, 4});
  expect_near(call("aten::add.Tensor", {arg(x), arg(y)}), {0, 2, 5, 8});
  expect_near(call("aten::add.Tensor", {arg(x), arg(y), arg(2)}), {1, 4, 8, 12});
  expect_near(call("aten::add.Scalar", {arg(x), arg(0.5)}), {-0.5f, 0.5f, 2.5f, 4.5f});
  expect_near(call("aten::sub.Tensor", {arg(x), arg(y), by_default()}), {-2, -2, -1, 0});
  expect_near(call("aten::mul.Tensor", {arg(x), arg(y)}), {-1, 0, 6, 16});
  expect_near(call("aten::div.Tensor_mode", {arg(y), arg(floats({2}, {1})), arg("floor")}),
              {0, 1, 1, 2});
  expect_near(call("aten::exp", {arg(x)}), {std::exp(-1.f), 1, std::exp(2.f), std::exp(4.f)},
              1e-4f);
  expect_near(call("aten::sqrt", {arg(y)}), {1, std::sqrt(2.f), std::sqrt(3.f), 2});
  expect_near(call("aten::pow.Tensor_Scalar", {arg(y), arg(2)}), {1, 4, 9, 16});
  expect_near(call("aten::clamp", {arg(x), arg(0.0), none()}), {0, 0, 2, 4});
  expect_near(call("aten::clamp", {arg(x), by_default(), arg(1)}), {-1, 0, 1, 1});
  expect_near(call("aten::sigmoid", {arg(floats({0}, {1}))}), {0.5f});
  expect_near(call("aten::gelu", {arg(floats({0}, {1})), arg("tanh")}), {0});
  expect_near(call("aten::softplus", {arg(floats({0}, {1}))}), {std::log(2.f)});
  expect_near(call("aten::maximum", {arg(x), arg(y)}), {1, 2, 3, 4});
  expect_near(
      call("aten::where.self", {arg(call("aten::gt.Scalar", {arg(x), arg(1)})), arg(x), arg(y)}),
      {1, 2, 2, 4});
  expect_near(call("aten::addcmul", {arg(x), arg(y), arg(y), arg(0.5)}), {-0.5f, 2, 6.5f, 12});
}

TEST_F(Abi, CallsReductionsAndSorts) {
  const Value m = floats({3, 1, 2, 6, 5, 4}, {2, 3});
  expect_near(call("aten::sum", {arg(m)}), {21});
  expect_near(call("aten::sum.dim_IntList", {arg(m), arg(Ints{1}), arg(false)}), {6, 15});
  // One number stands for a list of one, as in Python.
  expect_near(call("aten::sum.dim_IntList", {arg(m), arg(0)}), {9, 6, 6});
  expect_near(call("aten::mean", {arg(m), none()}), {3.5f});
  expect_near(call("aten::amax", {arg(m), arg(Ints{0}), arg(true)}), {6, 5, 4});
  expect_near(call("aten::norm.ScalarOpt_dim", {arg(m), arg(2.0), arg(Ints{1}), arg(false)}),
              {std::sqrt(14.f), std::sqrt(77.f)}, 1e-5f);
  expect_near(call("aten::var.correction", {arg(m), arg(Ints{1})}), {1, 1});
  expect_near(call("aten::logsumexp", {arg(floats({0, 0}, {2})), arg(Ints{0})}), {std::log(2.f)});
  expect_near(call("aten::softmax.int", {arg(floats({0, 0}, {1, 2})), arg(1)}), {0.5f, 0.5f});
  expect_near(call("aten::log_softmax.int", {arg(floats({0, 0}, {1, 2})), arg(1)}),
              {-std::log(2.f), -std::log(2.f)});
  expect_near(call("aten::cumsum", {arg(m), arg(1)}), {3, 4, 6, 6, 11, 15});
  auto best = call_all("aten::max.dim", {arg(m), arg(1)});
  ASSERT_EQ(best.size(), 2u);
  expect_near(best[0], {3, 6});
  EXPECT_EQ(read_longs(best[1]), (Ints{0, 0}));
  auto sorted = call_all("aten::sort", {arg(m), arg(1), arg(true)});
  ASSERT_EQ(sorted.size(), 2u);
  expect_near(sorted[0], {3, 2, 1, 6, 5, 4});
  EXPECT_EQ(read_longs(sorted[1]), (Ints{0, 2, 1, 0, 1, 2}));
  auto top = call_all("aten::topk", {arg(m), arg(2)});
  expect_near(top[0], {3, 2, 6, 5});
  EXPECT_EQ(read_longs(call("aten::argmin", {arg(m), arg(1)})), (Ints{1, 2}));
  EXPECT_EQ(read_longs(call("aten::bincount", {arg(longs({0, 2, 2}, {3}))})), (Ints{1, 0, 2}));
  auto unique = call_all("aten::_unique2", {arg(longs({3, 1, 3}, {3})), arg(true), arg(true)});
  ASSERT_EQ(unique.size(), 3u);
  EXPECT_EQ(read_longs(unique[0]), (Ints{1, 3}));
  EXPECT_EQ(read_longs(unique[1]), (Ints{1, 0, 1}));
}

TEST_F(Abi, CallsProducts) {
  const Value a = floats({1, 2, 3, 4}, {2, 2});
  const Value b = floats({5, 6, 7, 8}, {2, 2});
  const Floats product = {19, 22, 43, 50};
  expect_near(call("aten::mm", {arg(a), arg(b)}), product);
  expect_near(call("aten::matmul", {arg(a), arg(b)}), product);
  expect_near(call("aten::addmm", {arg(a), arg(a), arg(b), arg(2.0), arg(1)}), {21, 26, 49, 58});
  expect_near(call("aten::linear", {arg(a), arg(b), none()}), {17, 23, 39, 53});
  const std::vector<tp_tensor> both = {a.tensor(), b.tensor()};
  expect_near(call("aten::einsum", {arg("ij,jk->ik"), arg(both)}), product);
  expect_near(call("aten::bmm", {arg(call("aten::unsqueeze", {arg(a), arg(0)})),
                                 arg(call("aten::unsqueeze", {arg(b), arg(0)}))}),
              product);
  expect_near(call("aten::cdist", {arg(floats({0, 0}, {1, 2})), arg(floats({3, 4, 0, 1}, {2, 2}))}),
              {5, 1});
  expect_near(call("aten::dot", {arg(floats({1, 2}, {2})), arg(floats({3, 4}, {2}))}), {11});
  const Value image = floats({1, 2, 3, 4}, {1, 1, 2, 2});
  const Value kernel = floats({1, 1, 1, 1}, {1, 1, 2, 2});
  expect_near(call("aten::conv2d", {arg(image), arg(kernel)}), {10});
  expect_near(call("aten::max_pool2d", {arg(image), arg(2)}), {4});
  auto spectrum = call_all("aten::linalg_qr", {arg(a)});
  ASSERT_EQ(spectrum.size(), 2u);
  expect_near(call("aten::mm", {arg(spectrum[0]), arg(spectrum[1])}), {1, 2, 3, 4}, 1e-5f);
}

TEST_F(Abi, CallsLossesAndNormalisations) {
  const Value logits = floats({0, 0, 0, 0}, {2, 2});
  const Value target = longs({0, 1}, {2});
  expect_near(call("aten::cross_entropy_loss", {arg(logits), arg(target)}), {std::log(2.f)});
  expect_near(call("aten::nll_loss", {arg(call("aten::log_softmax.int", {arg(logits), arg(1)})),
                                      arg(target), none(), arg(2)}),
              {2 * std::log(2.f)});
  const Value a = floats({0, 0}, {1, 2});
  const Value p = floats({3, 4}, {1, 2});
  const Value n = floats({0, 5}, {1, 2});
  expect_near(call("aten::triplet_margin_loss", {arg(a), arg(p), arg(n), arg(1.0)}), {1}, 1e-5f);
  // An integer where the schema says float.
  expect_near(call("aten::triplet_margin_loss", {arg(a), arg(p), arg(n), arg(2)}), {2}, 1e-5f);
  expect_near(call("aten::layer_norm", {arg(p), arg(Ints{2})}), {-1, 1}, 1e-4f);
  expect_near(call("aten::mse_loss", {arg(a), arg(p)}), {12.5f});
  expect_near(call("aten::embedding", {arg(floats({1, 2, 3, 4}, {2, 2})), arg(longs({1}, {1}))}),
              {3, 4});
  auto normal =
      call_all("aten::native_batch_norm", {arg(floats({1, 3}, {2, 1})), none(), none(), none(),
                                           none(), arg(true), arg(0.1), arg(1e-5)});
  ASSERT_EQ(normal.size(), 3u);
  expect_near(normal[0], {-1, 1}, 1e-4f);
}

TEST_F(Abi, CallsViewsInPlaceAndOut) {
  const Value m = floats({1, 2, 3, 4, 5, 6}, {2, 3});
  const Value t = call("aten::t", {arg(m)});
  EXPECT_EQ(describe(t.tensor()).shape, (Ints{3, 2}));
  EXPECT_EQ(describe(t.tensor()).data, describe(m.tensor()).data);
  expect_near(t, {1, 4, 2, 5, 3, 6});
  EXPECT_EQ(describe(call("aten::view", {arg(m), arg(Ints{3, -1})}).tensor()).shape, (Ints{3, 2}));
  expect_near(call("aten::permute", {arg(m), arg(Ints{1, 0})}), {1, 4, 2, 5, 3, 6});
  expect_near(call("aten::slice.Tensor", {arg(m), arg(1), arg(1), none()}), {2, 3, 5, 6});
  EXPECT_EQ(describe(call("aten::expand", {arg(floats({1}, {1})), arg(Ints{4})}).tensor()).steps,
            (Ints{0}));
  const Value same = call("aten::add_.Scalar", {arg(m), arg(1)});
  EXPECT_EQ(describe(same.tensor()).data, describe(m.tensor()).data);
  expect_near(m, {2, 3, 4, 5, 6, 7});
  call("aten::zero_", {arg(m)});
  call("aten::fill_.Scalar", {arg(m), arg(3)});
  call("aten::copy_", {arg(m), arg(floats({9}, {1}))});
  expect_near(m, {9, 9, 9, 9, 9, 9});
  const Value out = floats({0, 0}, {2});
  call("aten::add.out",
       {arg(floats({1, 2}, {2})), arg(floats({3, 4}, {2})), by_default(), arg(out)});
  expect_near(out, {4, 6});
  const Value result = call("aten::mm.out", {arg(floats({2}, {1, 1})), arg(floats({4}, {1, 1})),
                                             arg(floats({0}, {1, 1}))});
  expect_near(result, {8});
}

TEST_F(Abi, CallsFactories) {
  expect_near(call("aten::zeros", {arg(Ints{2})}), {0, 0});
  expect_near(call("aten::full", {arg(Ints{2}), arg(1.5)}), {1.5f, 1.5f});
  EXPECT_EQ(read_longs(call("aten::arange", {arg(3)})), (Ints{0, 1, 2}));
  const Value ones = call("aten::ones", {arg(Ints{2}), arg(TP_FLOAT64), none(), device(TP_CPU)});
  EXPECT_EQ(read<double>(ones.tensor(), TP_FLOAT64), (std::vector<double>{1, 1}));
  const Value meta = call("aten::empty.memory_format",
                          {arg(Ints{7}), arg(TP_INT64), by_default(), device(TP_META)});
  EXPECT_EQ(describe(meta.tensor()).device_type, TP_META);
  expect_near(call("aten::eye", {arg(2)}), {1, 0, 0, 1});
  expect_near(call("aten::linspace", {arg(0), arg(1), arg(3)}), {0, 0.5f, 1});
  const Value half = call("aten::to.dtype", {arg(ones), arg(TP_BFLOAT16)});
  EXPECT_EQ(describe(half.tensor()).dtype, TP_BFLOAT16);
  EXPECT_EQ(describe(call("aten::to.device", {arg(ones), device(TP_CPU), arg(TP_FLOAT32)}).tensor())
                .dtype,
            TP_FLOAT32);
  EXPECT_EQ(describe(call("aten::zeros_like", {arg(ones)}).tensor()).dtype, TP_FLOAT64);
}

TEST_F(Abi, CallsWithLists) {
  const Value a = floats({1, 2}, {2});
  const Value b = floats({3, 4}, {2});
  const std::vector<tp_tensor> both = {a.tensor(), b.tensor()};
  expect_near(call("aten::cat", {arg(both)}), {1, 2, 3, 4});
  expect_near(call("aten::stack", {arg(both), arg(1)}), {1, 3, 2, 4});

  const Value parts = call("aten::chunk", {arg(a), arg(2)});
  ASSERT_EQ(tp_object_kind(parts.object()), TP_TENSOR_LIST);
  ASSERT_EQ(tp_object_length(parts.object()), 2);
  tp_value second{};
  ASSERT_OK(tp_object_get(parts.object(), 1, &second, e));
  expect_near(Value(second), {2});
  EXPECT_EQ(tp_object_get(parts.object(), 2, &second, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_object_get(parts.object(), -1, &second, nullptr), TP_INVALID_ARGUMENT);
  // A list that an operator gave goes back in as it is.
  expect_near(call("aten::cat", {arg(parts)}), {1, 2});

  const Value m = floats({1, 2, 3, 4, 5, 6}, {2, 3});
  const Value columns = longs({2, 0}, {2});
  const std::vector<tp_tensor> index = {nullptr, columns.tensor()};
  expect_near(call("aten::index.Tensor", {arg(m), arg(index, TP_OPTIONAL_TENSOR_LIST)}),
              {3, 1, 6, 4});
  {
    const Value row = longs({1}, {1});
    const std::vector<tp_tensor> list = {row.tensor()};
    expect_near(call("aten::index.Tensor", {arg(m), arg(list)}), {4, 5, 6});
    call("aten::index_put_", {arg(m), arg(list), arg(floats({0}, {1})), arg(false)});
  }
  expect_near(m, {1, 2, 3, 0, 0, 0});

  const Value sums = call("aten::_foreach_add.Scalar", {arg(both), arg(1)});
  tp_value first{};
  ASSERT_OK(tp_object_get(sums.object(), 0, &first, e));
  expect_near(Value(first), {2, 3});
  const std::vector<tp_value> scalars = {arg(10), arg(0.5)};
  EXPECT_TRUE(call_all("aten::_foreach_mul_.ScalarList", {arg(both), arg(scalars, TP_SCALAR_LIST)})
                  .empty());
  expect_near(a, {10, 20});
  expect_near(b, {1.5f, 2});
  expect_near(call("aten::upsample_nearest1d.vec",
                   {arg(floats({1, 2}, {1, 1, 2})), none(), arg(std::vector<double>{2.0})}),
              {1, 1, 2, 2});
  auto grads = call_all(
      "aten::convolution_backward",
      {arg(floats({1}, {1, 1, 1})), arg(floats({2}, {1, 1, 1})), arg(floats({3}, {1, 1, 1})),
       none(), arg(Ints{1}), arg(Ints{0}), arg(Ints{1}), arg(false), arg(Ints{0}), arg(1), [] {
         static const Ints kMask = {1, 1, 0};
         tp_value mask = arg(kMask);
         mask.tag = TP_BOOLEAN_LIST;
         return mask;
       }()});
  ASSERT_EQ(grads.size(), 3u);
  expect_near(grads[0], {3});
  expect_near(grads[1], {2});
  EXPECT_EQ(grads[2].raw().tag, TP_NONE) << "an undefined tensor is none";
}

TEST_F(Abi, CallsOptimiserSteps) {
  const Value weight = floats({1, 2}, {2});
  const Value slope = floats({0.5f, -0.5f}, {2});
  const Value first = floats({0, 0}, {2});
  const Value second = floats({0, 0}, {2});
  const Value step = floats({1}, {});
  const std::vector<tp_tensor> w = {weight.tensor()};
  const std::vector<tp_tensor> g = {slope.tensor()};
  const std::vector<tp_tensor> m = {first.tensor()};
  const std::vector<tp_tensor> v = {second.tensor()};
  const std::vector<tp_tensor> none_of_them;
  const std::vector<tp_tensor> s = {step.tensor()};
  tp_operator op = find("aten::_fused_adam_");
  const std::vector<tp_value> arguments = {
      arg(w),   arg(g),     arg(m),   arg(v),    arg(none_of_them), arg(s),    arg(0.1),
      arg(0.9), arg(0.999), arg(0.0), arg(1e-8), arg(false),        arg(false)};
  ASSERT_OK(tp_operator_call(op, arguments.data(), static_cast<std::int32_t>(arguments.size()),
                             nullptr, 0, nullptr, &kNoGrad, e));
  expect_near(weight, {0.9f, 2.1f}, 1e-5f);
}

TEST_F(Abi, CallsIndexingOperators) {
  const Value m = floats({1, 2, 3, 4, 5, 6}, {2, 3});
  const Value columns = longs({2, 0}, {2});
  expect_near(call("aten::index_select", {arg(m), arg(1), arg(columns)}), {3, 1, 6, 4});
  expect_near(call("aten::gather", {arg(m), arg(1), arg(longs({2, 0}, {2, 1}))}), {3, 4});
  expect_near(call("aten::scatter.src",
                   {arg(m), arg(1), arg(longs({0, 0}, {2, 1})), arg(floats({9, 8}, {2, 1}))}),
              {9, 2, 3, 8, 5, 6});
  expect_near(call("aten::index_add",
                   {arg(m), arg(0), arg(longs({1}, {1})), arg(floats({1, 1, 1}, {1, 3}))}),
              {1, 2, 3, 5, 6, 7});
  const Value big = call("aten::gt.Scalar", {arg(m), arg(4)});
  EXPECT_EQ(describe(big.tensor()).dtype, TP_BOOL);
  expect_near(call("aten::masked_fill.Scalar", {arg(m), arg(big), arg(0)}), {1, 2, 3, 4, 0, 0});
  expect_near(call("aten::masked_select", {arg(m), arg(big)}), {5, 6});
  EXPECT_EQ(read_longs(call("aten::nonzero", {arg(big)})), (Ints{1, 1, 1, 2}));
  expect_near(call("aten::triu", {arg(m)}), {1, 2, 3, 0, 5, 6});
}

TEST_F(Abi, GivesNumbersTextsTruthsAndDevices) {
  EXPECT_EQ(call("aten::item", {arg(longs({42}, {}))}).raw().as.integer, 42);
  const Value real = call("aten::item", {arg(floats({0.5f}, {}))});
  EXPECT_EQ(real.raw().tag, TP_DOUBLE);
  EXPECT_EQ(real.raw().as.real, 0.5);
  const Value truth = call("aten::equal", {arg(floats({1}, {1})), arg(floats({1}, {1}))});
  EXPECT_EQ(truth.raw().tag, TP_BOOLEAN);
  EXPECT_EQ(truth.raw().as.integer, 1);
  EXPECT_EQ(call("aten::size.int", {arg(floats({1, 2}, {1, 2})), arg(1)}).raw().as.integer, 2);

  const Value text = call("aten::upper", {arg("gr\xC3\xBC\xC3\x9F")});
  ASSERT_EQ(text.raw().tag, TP_OBJECT);
  EXPECT_EQ(tp_object_kind(text.object()), TP_STRING);
  const auto read = [&](char* buffer, std::int64_t capacity, std::int64_t* length, tp_error* e) {
    return tp_object_text(text.object(), buffer, capacity, length, e);
  };
  EXPECT_EQ(text_of(read), "GR\xC3\xBC\xC3\x9F");
  char cut[4];
  ASSERT_OK(tp_object_text(text.object(), cut, 4, nullptr, e));
  EXPECT_STREQ(cut, "GR") << "cut between characters";

  const Value words = call("aten::split.str", {arg("a b c"), none(), arg(-1)});
  EXPECT_EQ(tp_object_kind(words.object()), TP_STRING_LIST);
  EXPECT_EQ(tp_object_length(words.object()), 3);
  const std::vector<tp_value> parts = {arg("x"), arg("yz")};
  const Value joined = call("aten::join", {arg("-"), arg(parts, TP_STRING_LIST)});
  EXPECT_EQ(tp_object_length(joined.object()), 4);
  const Value sizes = call("aten::size", {arg(floats({1, 2}, {1, 2}))});
  EXPECT_EQ(tp_object_kind(sizes.object()), TP_INT_LIST);
  tp_value entry{};
  ASSERT_OK(tp_object_get(sizes.object(), 1, &entry, e));
  EXPECT_EQ(entry.as.integer, 2);
  EXPECT_EQ(tp_object_get(words.object(), 0, nullptr, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_object_text(words.object(), nullptr, 0, nullptr, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_object_kind(nullptr), TP_OBJECT);
  EXPECT_EQ(tp_object_length(nullptr), 0);
  tp_object_release(nullptr);
}

TEST_F(Abi, TakesDefaultsLeftOutOrAskedFor) {
  const Value m = floats({2, 4, 6, 8}, {2, 2});
  const Floats expected = {1.4142135f, 1.4142135f};
  expect_near(call("aten::std.correction", {arg(m), arg(1)}), expected);
  expect_near(call("aten::std.correction", {arg(m), arg(1), by_default(), by_default()}), expected);
  Error error;
  const std::string message = refused("aten::add.Tensor", {arg(m)}, TP_INVALID_ARGUMENT);
  EXPECT_NE(message.find("other"), std::string::npos) << message;
  refused("aten::add.Tensor", {by_default(), arg(m)}, TP_INVALID_ARGUMENT);
}

// ---- refusals
// --------------------------------------------------------------------------------------------------------

TEST_F(Abi, PassesOnLibTorchsOwnWordsWithoutTheBackTrace) {
  const std::string message = refused(
      "aten::mm", {arg(floats({1, 2}, {1, 2})), arg(floats({1, 2}, {1, 2}))}, TP_TORCH_ERROR);
  EXPECT_NE(message.find("mat1 and mat2 shapes cannot be multiplied (1x2 and 1x2)"),
            std::string::npos)
      << message;
  EXPECT_EQ(message.find("Exception raised from"), std::string::npos) << message;
  EXPECT_EQ(message.find(".so"), std::string::npos) << message;
  refused("aten::select.int", {arg(floats({1}, {1})), arg(0), arg(5)}, TP_TORCH_ERROR);
  refused("aten::linalg_cholesky", {arg(floats({-1}, {1, 1}))}, TP_TORCH_ERROR);
  refused("aten::cross_entropy_loss", {arg(floats({0, 0}, {1, 2})), arg(longs({5}, {1}))},
          TP_TORCH_ERROR);
  refused("aten::einsum", {arg("nonsense->->"), arg(std::vector<tp_tensor>{})}, TP_TORCH_ERROR);
}

TEST_F(Abi, RefusesValuesOfTheWrongKind) {
  const Value x = floats({1, 2}, {2});
  const auto bad = [&](const char* name, const std::vector<tp_value>& arguments) {
    return refused(name, arguments, TP_INVALID_ARGUMENT);
  };
  EXPECT_EQ(bad("aten::add.Tensor", {arg(x), arg(1.0)}),
            "aten::add.Tensor: the argument \"Tensor other\" cannot be a real.");
  bad("aten::relu", {none()});
  bad("aten::relu", {tagged(TP_TENSOR)});
  bad("aten::relu", {tagged(TP_OBJECT)});
  bad("aten::relu", {tagged(static_cast<tp_tag>(99))});
  bad("aten::relu", {tagged(static_cast<tp_tag>(-3))});
  bad("aten::relu", {arg(x), arg(x)});
  bad("aten::select.int", {arg(x), arg(0.0), arg(0)});
  bad("aten::sum", {arg(x), arg("float")});
  bad("aten::sum.dim_IntList", {arg(x), arg(0.5)});
  bad("aten::cat", {arg(x)});
  const std::vector<tp_tensor> hole = {x.tensor(), nullptr};
  bad("aten::cat", {arg(hole)});
  tp_value negative = arg(Ints{1});
  negative.length = -1;
  bad("aten::zeros", {negative});
  tp_value nowhere = tagged(TP_INT_LIST);
  nowhere.length = 3;
  bad("aten::zeros", {nowhere});
  bad("aten::ones", {arg(Ints{1}), none(), none(), device(400)});
  bad("aten::rand.generator", {arg(Ints{1}), arg(3)});
  Error error;
  EXPECT_EQ(tp_operator_call(nullptr, nullptr, 0, nullptr, 0, nullptr, nullptr, &error),
            TP_INVALID_ARGUMENT);
  tp_value result{};
  const tp_value argument = arg(x);
  EXPECT_EQ(
      tp_operator_call(find("aten::relu"), &argument, 1, &result, 0, nullptr, nullptr, &error),
      TP_INVALID_ARGUMENT);
  EXPECT_EQ(
      tp_operator_call(find("aten::relu"), &argument, -1, &result, 1, nullptr, nullptr, &error),
      TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_operator_call(find("aten::relu"), nullptr, 1, &result, 1, nullptr, nullptr, &error),
            TP_INVALID_ARGUMENT);
}

TEST_F(Abi, CutsLongMessages) {
  std::string name = "aten::";
  while (name.size() < 3000) name += "\xC3\xA9";
  tp_operator op = nullptr;
  Error error;
  EXPECT_EQ(tp_operator_find(name.c_str(), &op, &error), TP_NOT_FOUND);
  const std::string message = error.message;
  EXPECT_LT(message.size(), sizeof error.message);
  EXPECT_GT(message.size(), sizeof error.message - 4);
  EXPECT_EQ(message.substr(message.size() - 5), "\xC3\xA9...");
}

TEST_F(Abi, SurvivesObjectsInTheWrongPlace) {
  const Value x = floats({1, 2}, {2});
  const Value sizes = call("aten::size", {arg(x)});
  // LibTorch itself refuses these.
  Error error;
  for (const char* name : {"aten::relu", "aten::cat"}) {
    const tp_value argument = arg(sizes);
    tp_value result{};
    EXPECT_NE(tp_operator_call(find(name), &argument, 1, &result, 1, nullptr, nullptr, &error),
              TP_OK);
  }
}

// ---- modes
// -----------------------------------------------------------------------------------------------------------

bool records(const tp_modes* modes) {
  const Value x = requires_grad(floats({1}, {1}));
  return describe(call("aten::mul.Scalar", {arg(x), arg(2)}, modes).tensor()).requires_grad == 1;
}
bool is_inference(const Value& value) {
  return call("aten::is_inference", {arg(value)}).raw().as.integer != 0;
}

TEST_F(Abi, GradModeLastsOneCall) {
  EXPECT_TRUE(records(nullptr));
  EXPECT_FALSE(records(&kNoGrad));
  EXPECT_TRUE(records(nullptr));
  const Value wrong = floats({1, 2}, {1, 2});
  refused("aten::mm", {arg(wrong), arg(wrong)}, TP_TORCH_ERROR, &kNoGrad);
  EXPECT_TRUE(records(nullptr)) << "put back after a call that failed";
}

TEST_F(Abi, InferenceModeLastsOneCall) {
  const Value x = floats({1}, {1});
  const Value fast = call("aten::mul.Scalar", {arg(x), arg(2)}, &kInference);
  EXPECT_TRUE(is_inference(fast));
  EXPECT_FALSE(records(&kInference));
  EXPECT_FALSE(is_inference(call("aten::mul.Scalar", {arg(x), arg(2)})));
  EXPECT_TRUE(records(nullptr));
  const Value wrong = floats({1, 2}, {1, 2});
  refused("aten::mm", {arg(wrong), arg(wrong)}, TP_TORCH_ERROR, &kInference);
  EXPECT_FALSE(is_inference(call("aten::mul.Scalar", {arg(x), arg(2)})));
  EXPECT_TRUE(records(nullptr));
  // An inference tensor can never take part in autograd.
  const Value w = requires_grad(floats({3}, {1}));
  const std::string message = refused("aten::mul.Tensor", {arg(fast), arg(w)}, TP_TORCH_ERROR);
  EXPECT_NE(message.find("nference tensor"), std::string::npos) << message;
  // Views made inside it are views still.
  const Value row =
      call("aten::select.int", {arg(floats({1, 2}, {2, 1})), arg(0), arg(0)}, &kInference);
  EXPECT_EQ(describe(row.tensor()).shape, (Ints{1}));
}

TEST_F(Abi, CpuTakesNoStream) {
  const tp_modes cpu = {1, 0, TP_CPU, -1, 0};
  expect_near(call("aten::relu", {arg(floats({1}, {1}))}, &cpu), {1});
  const tp_modes stream = {1, 0, TP_CPU, -1, 7};
  refused("aten::relu", {arg(floats({1}, {1}))}, TP_INVALID_ARGUMENT, &stream);
  const tp_modes nowhere = {1, 0, -1, -1, 7};
  refused("aten::relu", {arg(floats({1}, {1}))}, TP_INVALID_ARGUMENT, &nowhere);
  EXPECT_TRUE(records(nullptr));
}

// ---- autograd
// --------------------------------------------------------------------------------------------------------

TEST_F(Abi, BackwardAddsIntoLeaves) {
  const Value x = requires_grad(floats({1, 2, 3}, {3}));
  EXPECT_EQ(describe(x.tensor()).requires_grad, 1);
  EXPECT_FALSE(grad_of(x));
  const Value squares = call("aten::mul.Tensor", {arg(x), arg(x)});
  const Value sum = call("aten::sum", {arg(squares)});
  ASSERT_OK(tp_backward(sum.tensor(), nullptr, nullptr, 0, 1, 0, nullptr, e));
  expect_near(grad_of(x), {2, 4, 6});
  ASSERT_OK(tp_backward(sum.tensor(), nullptr, nullptr, 0, 0, 0, nullptr, e));
  expect_near(grad_of(x), {4, 8, 12});
  Error error;
  EXPECT_EQ(tp_backward(sum.tensor(), nullptr, nullptr, 0, 0, 0, nullptr, &error), TP_TORCH_ERROR);
  EXPECT_NE(std::string(error.message).find("second time"), std::string::npos) << error.message;
  EXPECT_EQ(std::string(error.message).find("Exception raised"), std::string::npos);
  EXPECT_EQ(tp_backward(squares.tensor(), nullptr, nullptr, 0, 0, 0, nullptr, &error),
            TP_TORCH_ERROR)
      << "more than one element needs a gradient";
  EXPECT_EQ(tp_backward(nullptr, nullptr, nullptr, 0, 0, 0, nullptr, &error), TP_INVALID_ARGUMENT);
}

TEST_F(Abi, BackwardTakesAGradientAndInputs) {
  const Value x = requires_grad(floats({1, 2}, {2}));
  const Value y = requires_grad(floats({3, 4}, {2}));
  const Value product = call("aten::mul.Tensor", {arg(x), arg(y)});
  const Value weights = floats({10, 100}, {2});
  const std::vector<tp_tensor> only = {y.tensor()};
  ASSERT_OK(tp_backward(product.tensor(), weights.tensor(), only.data(), 1, 0, 0, nullptr, e));
  expect_near(grad_of(y), {10, 200});
  EXPECT_FALSE(grad_of(x));
}

TEST_F(Abi, GradLeavesGradAloneAndGoesHigher) {
  const Value x = requires_grad(floats({2}, {1}));
  const Value unused = requires_grad(floats({1}, {1}));
  const Value cube = call("aten::pow.Tensor_Scalar", {arg(x), arg(3)});
  const tp_tensor outputs[] = {cube.tensor()};
  const tp_tensor inputs[] = {x.tensor(), unused.tensor()};
  tp_tensor grads[2] = {nullptr, nullptr};
  ASSERT_OK(tp_grad(outputs, nullptr, 1, inputs, 1, 0, 1, 0, grads, nullptr, e));
  const Value slope = owned(grads[0]);
  expect_near(slope, {12});
  EXPECT_EQ(describe(slope.tensor()).requires_grad, 1);
  EXPECT_FALSE(grad_of(x));
  const tp_tensor slopes[] = {slope.tensor()};
  ASSERT_OK(tp_grad(slopes, nullptr, 1, inputs, 1, 1, 0, 0, grads, nullptr, e));
  expect_near(owned(grads[0]), {12});

  Error error;
  EXPECT_EQ(tp_grad(outputs, nullptr, 1, inputs, 2, 1, 0, 0, grads, nullptr, &error),
            TP_TORCH_ERROR);
  ASSERT_OK(tp_grad(outputs, nullptr, 1, inputs, 2, 1, 0, 1, grads, nullptr, e));
  expect_near(owned(grads[0]), {12});
  EXPECT_EQ(grads[1], nullptr);

  const Value weight = floats({0.5f}, {1});
  const tp_tensor weights[] = {weight.tensor()};
  ASSERT_OK(tp_grad(outputs, weights, 1, inputs, 1, 1, 0, 0, grads, nullptr, e));
  expect_near(owned(grads[0]), {6});
  const tp_tensor left_out[] = {nullptr};
  ASSERT_OK(tp_grad(outputs, left_out, 1, inputs, 1, 0, 0, 0, grads, nullptr, e));
  expect_near(owned(grads[0]), {12});
  EXPECT_EQ(tp_grad(nullptr, nullptr, 0, inputs, 1, 0, 0, 0, grads, nullptr, nullptr),
            TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_grad(outputs, nullptr, 1, left_out, 1, 0, 0, 0, grads, nullptr, nullptr),
            TP_INVALID_ARGUMENT);
}

TEST_F(Abi, GradCanBeReplacedAndCleared) {
  const Value x = requires_grad(floats({1, 2}, {2}));
  const Value g = floats({5, 6}, {2});
  ASSERT_OK(tp_tensor_set_grad(x.tensor(), g.tensor(), e));
  expect_near(grad_of(x), {5, 6});
  EXPECT_EQ(describe(grad_of(x).tensor()).data, describe(g.tensor()).data);
  EXPECT_EQ(tp_tensor_set_grad(x.tensor(), floats({1}, {1}).tensor(), nullptr),
            TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_tensor_set_grad(x.tensor(), longs({1, 2}, {2}).tensor(), nullptr),
            TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_tensor_set_grad(x.tensor(), x.tensor(), nullptr), TP_INVALID_ARGUMENT);
  ASSERT_OK(tp_tensor_set_grad(x.tensor(), nullptr, e));
  EXPECT_FALSE(grad_of(x));
  ASSERT_OK(tp_tensor_set_grad(floats({1}, {1}).tensor(), nullptr, e));
}

TEST_F(Abi, OnlyFloatingLeavesChangeRequiresGrad) {
  const Value x = requires_grad(floats({1}, {1}));
  ASSERT_OK(tp_tensor_set_requires_grad(x.tensor(), 0, e));
  EXPECT_EQ(describe(x.tensor()).requires_grad, 0);
  Error error;
  EXPECT_EQ(tp_tensor_set_requires_grad(longs({1}, {1}).tensor(), 1, &error), TP_TORCH_ERROR);
  EXPECT_NE(std::string(error.message).find("floating point"), std::string::npos) << error.message;
  const Value w = requires_grad(floats({1}, {1}));
  const Value y = call("aten::mul.Scalar", {arg(w), arg(2)});
  EXPECT_EQ(tp_tensor_set_requires_grad(y.tensor(), 0, &error), TP_TORCH_ERROR);
  EXPECT_EQ(tp_tensor_set_requires_grad(nullptr, 1, &error), TP_INVALID_ARGUMENT);
  EXPECT_EQ(describe(call("aten::detach", {arg(y)}).tensor()).requires_grad, 0);
}

TEST_F(Abi, GradientOfATripletLossIsTheHandComputedOne) {
  // |a-p| = 5, |a-n| = 10, margin 8: the loss is 3, its gradient the difference of the two unit
  // vectors.
  const Value a = requires_grad(floats({0, 0}, {1, 2}));
  const Value p = requires_grad(floats({3, 4}, {1, 2}));
  const Value n = requires_grad(floats({6, 8}, {1, 2}));
  const Value loss =
      call("aten::triplet_margin_loss", {arg(a), arg(p), arg(n), arg(8.0), by_default(), arg(0.0)});
  expect_near(loss, {3});
  ASSERT_OK(tp_backward(loss.tensor(), nullptr, nullptr, 0, 0, 0, nullptr, e));
  expect_near(grad_of(a), {0, 0});
  expect_near(grad_of(p), {0.6f, 0.8f});
  expect_near(grad_of(n), {-0.6f, -0.8f});
}

TEST_F(Abi, WorksFromManyThreads) {
  const Value shared = requires_grad(floats(Floats(64, 2), {8, 8}));
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&shared, t] {
      for (int i = 0; i < 50; ++i) {
        const tp_modes* modes = (t + i) % 2 == 0 ? &kNoGrad : nullptr;
        const Value y = call("aten::mm", {arg(shared), arg(shared)}, modes);
        EXPECT_EQ(describe(y.tensor()).requires_grad, modes == nullptr ? 1 : 0);
        tp_operator op = nullptr;
        Error error;
        EXPECT_EQ(tp_operator_find("aten::none_such", &op, &error), TP_NOT_FOUND);
      }
    });
  }
  for (auto& thread : threads) thread.join();
}

// ---- generators
// ------------------------------------------------------------------------------------------------------

TEST_F(Abi, GeneratorsRepeat) {
  const auto generator = [](std::int64_t seed) {
    tp_object made = nullptr;
    Error error;
    EXPECT_EQ(tp_generator_new(TP_CPU, -1, seed, &made, &error), TP_OK) << error.message;
    tp_value value{};
    value.tag = TP_GENERATOR;
    value.as.object = made;
    return Value(value);
  };
  const auto draw = [](const Value& g) {
    return read_floats(call("aten::rand.generator", {arg(Ints{5}), arg(g)}));
  };
  const Value a = generator(7);
  const Value b = generator(7);
  const Value c = generator(8);
  EXPECT_EQ(tp_object_kind(a.object()), TP_GENERATOR);
  const Floats first = draw(a);
  const Floats second = draw(a);
  EXPECT_EQ(first, draw(b));
  EXPECT_NE(first, second);
  EXPECT_NE(first, draw(c));
  ASSERT_OK(tp_generator_seed(a.object(), 7, e));
  EXPECT_EQ(draw(a), first);
  EXPECT_EQ(draw(a), second);

  const Value x = floats({0, 0, 0}, {3});
  ASSERT_OK(tp_generator_seed(a.object(), 7, e));
  call("aten::uniform_", {arg(x), arg(0.0), arg(1.0), arg(a)});
  EXPECT_EQ(read_floats(x), Floats(first.begin(), first.begin() + 3));
  EXPECT_EQ(tp_generator_seed(nullptr, 1, nullptr), TP_INVALID_ARGUMENT);
  const Value sizes = call("aten::size", {arg(x)});
  EXPECT_EQ(tp_generator_seed(sizes.object(), 1, nullptr), TP_INVALID_ARGUMENT);
  tp_object none_made = nullptr;
  EXPECT_EQ(tp_generator_new(TP_META, -1, 1, &none_made, nullptr), TP_INVALID_ARGUMENT);
  EXPECT_EQ(tp_generator_new(TP_CPU, 4, 1, &none_made, nullptr), TP_NOT_FOUND);
  refused("aten::rand.generator", {arg(Ints{5}), arg(sizes)}, TP_INVALID_ARGUMENT);
}

TEST_F(Abi, ManualSeedSeedsTheGlobalGenerator) {
  const auto draw = [] { return read_floats(call("aten::randn", {arg(Ints{4})})); };
  ASSERT_OK(tp_manual_seed(11, e));
  const Floats first = draw();
  EXPECT_NE(draw(), first);
  ASSERT_OK(tp_manual_seed(11, e));
  EXPECT_EQ(draw(), first);
  ASSERT_OK(tp_manual_seed(-1, e));
}

TEST_F(Abi, TimesCalls) {
  const Value x = floats({1, 2, 3, 4}, {4});
  const std::vector<tp_value> arguments = {arg(x), arg(x)};
  std::int64_t nanoseconds = -1;
  ASSERT_OK(tp_operator_time(find("aten::add.Tensor"), arguments.data(), 2, 100, nullptr,
                             &nanoseconds, e));
  EXPECT_GT(nanoseconds, 0);
  EXPECT_EQ(tp_operator_time(find("aten::add.Tensor"), arguments.data(), 1, 100, nullptr,
                             &nanoseconds, nullptr),
            TP_INVALID_ARGUMENT);
}

}  // namespace
