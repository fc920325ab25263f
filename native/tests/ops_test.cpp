// Tripoint's own operators as LibTorch's dispatcher calls them, through the C ABI. The same program
// is run on every LibTorch of the supported range.
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <limits>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "tripoint.h"

namespace {

using Ints = std::vector<int64_t>;
using Doubles = std::vector<double>;
using Tensor = std::shared_ptr<tp_tensor_s>;

Tensor hold(tp_tensor tensor) { return Tensor(tensor, tp_tensor_release); }

tp_value value(tp_tag tag) {
  tp_value result{};
  result.tag = tag;
  return result;
}
tp_value arg(const Tensor& tensor) {
  tp_value result = value(TP_TENSOR);
  result.as.tensor = tensor.get();
  return result;
}
tp_value arg(double number) {
  tp_value result = value(TP_DOUBLE);
  result.as.real = number;
  return result;
}
tp_value arg(bool flag) {
  tp_value result = value(TP_BOOLEAN);
  result.as.integer = flag ? 1 : 0;
  return result;
}
tp_value arg(const char* text) {
  tp_value result = value(TP_STRING);
  result.as.text = text;
  result.length = static_cast<int64_t>(std::strlen(text));
  return result;
}
tp_value integer(int64_t number) {
  tp_value result = value(TP_INT);
  result.as.integer = number;
  return result;
}
tp_value skip() { return value(TP_DEFAULT); }

struct Outcome {
  std::vector<Tensor> tensors;
  int32_t status = TP_OK;
  std::string message;
};

Outcome call(const char* name, const std::vector<tp_value>& arguments, bool grad = true) {
  Outcome outcome;
  tp_error error{};
  tp_operator op = nullptr;
  tp_value results[8];
  int32_t count = 0;
  const tp_modes modes = {grad ? 1 : 0, 0, -1, -1, 0};
  outcome.status = tp_operator_find(name, &op, &error);
  if (outcome.status == TP_OK) {
    outcome.status = tp_operator_call(op, arguments.data(), static_cast<int32_t>(arguments.size()),
                                      results, 8, &count, &modes, &error);
  }
  if (outcome.status != TP_OK) {
    outcome.message = error.message;
    return outcome;
  }
  for (int32_t i = 0; i < count; ++i) outcome.tensors.push_back(hold(results[i].as.tensor));
  return outcome;
}

Outcome succeed(const char* name, const std::vector<tp_value>& arguments, bool grad = true) {
  Outcome outcome = call(name, arguments, grad);
  EXPECT_EQ(outcome.status, TP_OK) << outcome.message;
  return outcome;
}

template <typename T>
Tensor tensor_of(const std::vector<T>& values, tp_dtype dtype, Ints sizes) {
  tp_tensor tensor = nullptr;
  tp_error error{};
  EXPECT_EQ(tp_tensor_allocate(dtype, TP_CPU, -1, 0, static_cast<int32_t>(sizes.size()),
                               sizes.data(), &tensor, &error),
            TP_OK)
      << error.message;
  tp_tensor_info info{};
  EXPECT_EQ(tp_tensor_describe(tensor, &info, nullptr, nullptr, 0, &error), TP_OK);
  EXPECT_EQ(info.numel, static_cast<int64_t>(values.size()));
  if (!values.empty()) std::memcpy(info.data, values.data(), values.size() * sizeof(T));
  return hold(tensor);
}

Tensor doubles(const Doubles& values, Ints sizes) {
  return tensor_of(values, TP_FLOAT64, std::move(sizes));
}
Tensor longs(const Ints& values) {
  return tensor_of(values, TP_INT64, {static_cast<int64_t>(values.size())});
}
Tensor mask(const std::vector<uint8_t>& values, Ints sizes) {
  return tensor_of(values, TP_BOOL, std::move(sizes));
}

Tensor converted(const Tensor& tensor, tp_dtype dtype) {
  return succeed("aten::to.dtype", {arg(tensor), integer(dtype)}).tensors.at(0);
}

tp_tensor_info info_of(const Tensor& tensor, Ints* sizes = nullptr) {
  tp_tensor_info info{};
  tp_error error{};
  int64_t found[8], strides[8];
  EXPECT_EQ(tp_tensor_describe(tensor.get(), &info, found, strides, 8, &error), TP_OK);
  if (sizes != nullptr) sizes->assign(found, found + info.dim);
  return info;
}

Ints read_longs(const Tensor& tensor) {
  const tp_tensor_info info = info_of(tensor);
  EXPECT_EQ(info.dtype, TP_INT64);
  const auto* data = static_cast<const int64_t*>(info.data);
  return Ints(data, data + info.numel);
}

// Of any float type, contiguous or not.
Doubles read(const Tensor& tensor) {
  const Tensor flat =
      succeed("aten::contiguous", {arg(converted(tensor, TP_FLOAT64))}, false).tensors.at(0);
  const tp_tensor_info info = info_of(flat);
  const auto* data = static_cast<const double*>(info.data);
  return Doubles(data, data + info.numel);
}

void require_grad(const Tensor& tensor) {
  tp_error error{};
  ASSERT_EQ(tp_tensor_set_requires_grad(tensor.get(), 1, &error), TP_OK) << error.message;
}

Tensor gradient(const Tensor& output, const Tensor& input, bool create_graph = false) {
  tp_error error{};
  tp_tensor out = output.get(), in = input.get(), grad = nullptr;
  EXPECT_EQ(tp_grad(&out, nullptr, 1, &in, 1, 0, create_graph ? 1 : 0, 0, &grad, nullptr, &error),
            TP_OK)
      << error.message;
  return hold(grad);
}

class Operators : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    tp_error error{};
    ASSERT_EQ(tp_open(&error), TP_OK) << error.message;
  }
};

// Rows 0, 3, 4, 10 on a line, each with a second column of 0.
const Doubles kRows = {0, 0, 3, 0, 4, 0, 10, 0};
const Ints kLabels = {0, 0, 1, 1};

TEST_F(Operators, HaveTheirSchemas) {
  const char* const expected[] = {
      "tripoint::hard_negatives(Tensor scores, Tensor positive_mask, *, Tensor? "
      "ignore_mask=None, str strategy=\"hardest\", float? margin=None, str per=\"positive\", "
      "bool all=False, bool distances=False, bool keep_diagonal=False) -> (Tensor anchor, "
      "Tensor positive, Tensor negative, Tensor left_out)",
      "tripoint::top_k(Tensor queries, Tensor corpus, int k, *, str distance=\"euclidean\", "
      "Tensor? excluded_offsets=None, Tensor? excluded=None, Tensor? skip=None, float? "
      "min=None, float? max=None) -> (Tensor values, Tensor indices)",
      "tripoint::batch_hard_raw(Tensor embeddings, Tensor? labels, float margin, *, str "
      "distance=\"euclidean\", bool soft_margin=False, Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor grad, Tensor positive, Tensor negative)",
      "tripoint::batch_hard(Tensor embeddings, Tensor? labels, float margin, *, str "
      "distance=\"euclidean\", bool soft_margin=False, Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor positive, Tensor negative)",
      "tripoint::batch_all_raw(Tensor embeddings, Tensor? labels, float margin, *, str "
      "distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", Tensor? "
      "ref_emb=None, Tensor? ref_labels=None, Tensor? "
      "positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, Tensor grad, Tensor "
      "active, Tensor valid)",
      "tripoint::batch_all(Tensor embeddings, Tensor? labels, float margin, *, str "
      "distance=\"euclidean\", bool normalize=False, str reduction=\"nonzero_mean\", Tensor? "
      "ref_emb=None, Tensor? ref_labels=None, Tensor? "
      "positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, Tensor active, Tensor "
      "valid)",
      "tripoint::nt_xent_raw(Tensor embeddings, Tensor? labels, float temperature, *, str "
      "similarity=\"cosine\", str reduction=\"mean\", Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor grad, Tensor losses, Tensor above_zero)",
      "tripoint::nt_xent(Tensor embeddings, Tensor? labels, float temperature, *, str "
      "similarity=\"cosine\", str reduction=\"mean\", Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor losses, Tensor above_zero)",
      "tripoint::sup_con_raw(Tensor embeddings, Tensor? labels, float temperature, *, str "
      "similarity=\"cosine\", str reduction=\"nonzero_mean\", Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor grad, Tensor losses, Tensor above_zero)",
      "tripoint::sup_con(Tensor embeddings, Tensor? labels, float temperature, *, str "
      "similarity=\"cosine\", str reduction=\"nonzero_mean\", Tensor? ref_emb=None, Tensor? "
      "ref_labels=None, Tensor? positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, "
      "Tensor losses, Tensor above_zero)",
      "tripoint::contrastive_raw(Tensor embeddings, Tensor? labels, float pos_margin, float "
      "neg_margin, *, str distance=\"euclidean\", bool normalize=False, str "
      "reduction=\"nonzero_mean\", Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? "
      "positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, Tensor grad, Tensor "
      "pos_losses, Tensor pos_above_zero, Tensor neg_losses, Tensor neg_above_zero)",
      "tripoint::contrastive(Tensor embeddings, Tensor? labels, float pos_margin, float "
      "neg_margin, *, str distance=\"euclidean\", bool normalize=False, str "
      "reduction=\"nonzero_mean\", Tensor? ref_emb=None, Tensor? ref_labels=None, Tensor? "
      "positive_mask=None, Tensor? ignore_mask=None) -> (Tensor loss, Tensor pos_losses, Tensor "
      "pos_above_zero, Tensor neg_losses, Tensor neg_above_zero)",
      "tripoint::multiple_negatives_raw(Tensor anchors, Tensor candidates, float scale, *, str "
      "similarity=\"cosine\") -> (Tensor loss, Tensor grad_anchors, Tensor grad_candidates)",
      "tripoint::multiple_negatives(Tensor anchors, Tensor candidates, float scale, *, str "
      "similarity=\"cosine\") -> Tensor loss"};
  for (const std::string schema : expected) {
    tp_operator op = nullptr;
    tp_error error{};
    ASSERT_EQ(tp_operator_find(schema.substr(0, schema.find('(')).c_str(), &op, &error), TP_OK)
        << error.message;
    char text[1024];
    ASSERT_EQ(tp_operator_schema(op, text, sizeof text, nullptr, &error), TP_OK);
    EXPECT_EQ(std::string(text), schema);
  }
}

TEST_F(Operators, BatchHardGivesLossGradientAndIndices) {
  const Tensor rows = doubles(kRows, {4, 2});
  const Outcome raw =
      succeed("tripoint::batch_hard_raw", {arg(rows), arg(longs(kLabels)), arg(1.0)});
  // Hardest positives 3, 3, 6, 6; nearest negatives 4, 1, 1, 7.
  EXPECT_EQ(read(raw.tensors[0]), Doubles{(0.0 + 3 + 6 + 0) / 4});
  EXPECT_EQ(read(raw.tensors[1]), (Doubles{-0.25, 0, 0.75, 0, -0.75, 0, 0.25, 0}));
  EXPECT_EQ(read_longs(raw.tensors[2]), (Ints{1, 0, 3, 2}));
  EXPECT_EQ(read_longs(raw.tensors[3]), (Ints{2, 2, 1, 1}));

  const Tensor leaf = doubles(kRows, {4, 2});
  require_grad(leaf);
  const Outcome face = succeed("tripoint::batch_hard", {arg(leaf), arg(longs(kLabels)), arg(1.0)});
  EXPECT_EQ(read(face.tensors[0]), read(raw.tensors[0]));
  EXPECT_EQ(read_longs(face.tensors[1]), read_longs(raw.tensors[2]));
  EXPECT_EQ(read_longs(face.tensors[2]), read_longs(raw.tensors[3]));
  EXPECT_EQ(info_of(face.tensors[0]).requires_grad, 1);
  EXPECT_EQ(read(gradient(face.tensors[0], leaf)), read(raw.tensors[1]));
}

TEST_F(Operators, BatchHardTakesDistancesAndTheSoftMargin) {
  const Tensor rows = doubles(kRows, {4, 2});
  const Tensor labels = longs(kLabels);
  const auto loss = [&](const char* distance, bool soft) {
    return read(succeed("tripoint::batch_hard",
                        {arg(rows), arg(labels), arg(1.0), arg(distance), arg(soft)})
                    .tensors[0])[0];
  };
  EXPECT_DOUBLE_EQ(loss("sqeuclidean", false), (0.0 + 9 + 36 + 0) / 4);
  const auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  EXPECT_DOUBLE_EQ(loss("euclidean", true),
                   (softplus(-1) + softplus(2) + softplus(5) + softplus(-1)) / 4);
  // Row 0 is 0, at cosine distance 1 from all; the others have the same direction.
  EXPECT_DOUBLE_EQ(loss("cosine", false), (1.0 + 2 + 1 + 1) / 4);
}

TEST_F(Operators, BatchAllGivesLossGradientAndCounts) {
  const Tensor rows = doubles(kRows, {4, 2});
  const Tensor labels = longs(kLabels);
  const Outcome raw = succeed("tripoint::batch_all_raw", {arg(rows), arg(labels), arg(1.5)});
  // (0,1): 3−4, 3−10; (1,0): 3−1, 3−7; (2,3): 6−4, 6−1; (3,2): 6−10, 6−7, each + 1.5.
  EXPECT_DOUBLE_EQ(read(raw.tensors[0])[0], (0.5 + 3.5 + 3.5 + 6.5 + 0.5) / 5);
  EXPECT_EQ(read_longs(raw.tensors[2]), Ints{5});
  EXPECT_EQ(read_longs(raw.tensors[3]), Ints{8});
  const auto reduced = [&](const char* reduction) {
    return read(succeed("tripoint::batch_all_raw",
                        {arg(rows), arg(labels), arg(1.5), skip(), skip(), arg(reduction)})
                    .tensors[0])[0];
  };
  EXPECT_DOUBLE_EQ(reduced("sum"), 0.5 + 3.5 + 3.5 + 6.5 + 0.5);
  EXPECT_DOUBLE_EQ(reduced("mean"), (0.5 + 3.5 + 3.5 + 6.5 + 0.5) / 8);

  const Tensor leaf = doubles(kRows, {4, 2});
  require_grad(leaf);
  const Outcome face = succeed("tripoint::batch_all", {arg(leaf), arg(labels), arg(1.5)});
  EXPECT_EQ(read(face.tensors[0]), read(raw.tensors[0]));
  EXPECT_EQ(read_longs(face.tensors[1]), Ints{5});
  EXPECT_EQ(read_longs(face.tensors[2]), Ints{8});
  EXPECT_EQ(read(gradient(face.tensors[0], leaf)), read(raw.tensors[1]));
}

TEST_F(Operators, ContrastiveGivesLossGradientAndCounts) {
  // On a line at 0, 3, 4 and 10; classes of the first two and the last two.
  const Doubles values = {0, 3, 4, 10};
  const Tensor rows = doubles(values, {4, 1});
  const Tensor labels = longs({0, 0, 1, 1});
  const auto of = [&](const char* reduction) {
    return succeed("tripoint::contrastive_raw",
                   {arg(rows), arg(labels), arg(3.5), arg(5.0), skip(), skip(), arg(reduction)});
  };
  // Positives at 3 and 6, negatives at 4, 1, 10 and 7, each in both directions.
  EXPECT_DOUBLE_EQ(read(of("sum").tensors[0])[0], 2 * 2.5 + 2 * (1.0 + 4));
  EXPECT_DOUBLE_EQ(read(of("mean").tensors[0])[0], 2.5 / 2 + (1.0 + 4) / 4);
  EXPECT_DOUBLE_EQ(read(of("nonzero_mean").tensors[0])[0], 2.5 + (1.0 + 4) / 2);
  EXPECT_EQ(read(of("sum").tensors[1]), (Doubles{2, 2, -2 - 2 - 2, 2}));
  const Ints counts = {4, 2, 8, 4};
  for (size_t i = 0; i < counts.size(); ++i) {
    EXPECT_EQ(read_longs(of("sum").tensors[2 + i]), Ints{counts[i]});
  }

  // Products count the other way round: positives at 0 and 40 below 50, negatives at 12 and 30
  // above 10.
  const Outcome products =
      succeed("tripoint::contrastive_raw",
              {arg(rows), arg(labels), arg(50.0), arg(10.0), arg("dot"), skip(), arg("sum")});
  EXPECT_EQ(read(products.tensors[0]), (Doubles{2 * (50.0 + 10 + 2 + 20)}));
  EXPECT_EQ(read(products.tensors[1]),
            (Doubles{-6, 2 * (4.0 + 10), 2 * (3.0 - 10), 2 * (3.0 - 4)}));

  const Tensor leaf = doubles(values, {4, 1});
  require_grad(leaf);
  const Outcome face =
      succeed("tripoint::contrastive", {arg(leaf), arg(labels), arg(3.5), arg(5.0)});
  EXPECT_EQ(read(face.tensors[0]), read(of("nonzero_mean").tensors[0]));
  EXPECT_EQ(read(gradient(face.tensors[0], leaf)), read(of("nonzero_mean").tensors[1]));
}

TEST_F(Operators, SoftmaxLossesGiveLossGradientAndCounts) {
  // Products: 1 between the first two rows, and 0 with the third.
  const Doubles values = {1, 0, 1, 0, 0, 2};
  const Tensor labels = longs({0, 0, 1});
  const auto softplus = [](double v) { return std::log1p(std::exp(v)); };
  const Tensor rows = doubles(values, {3, 2});
  const auto of = [&](const char* name, const char* reduction) {
    return succeed(name, {arg(rows), arg(labels), arg(0.5), arg("dot"), arg(reduction)});
  };
  // Each of the two positives is at 2, its negative at 0.
  EXPECT_DOUBLE_EQ(read(of("tripoint::nt_xent_raw", "mean").tensors[0])[0], softplus(-2));
  EXPECT_DOUBLE_EQ(read(of("tripoint::nt_xent_raw", "sum").tensors[0])[0], 2 * softplus(-2));
  EXPECT_NEAR(read(of("tripoint::sup_con_raw", "mean").tensors[0])[0], 2 * softplus(-2) / 3, 1e-15);
  EXPECT_NEAR(read(of("tripoint::sup_con_raw", "nonzero_mean").tensors[0])[0], softplus(-2), 1e-15);
  EXPECT_EQ(read_longs(of("tripoint::nt_xent_raw", "mean").tensors[2]), Ints{2});
  EXPECT_EQ(read_longs(of("tripoint::sup_con_raw", "mean").tensors[2]), Ints{3});
  EXPECT_EQ(read_longs(of("tripoint::sup_con_raw", "mean").tensors[3]), Ints{2});

  for (const std::string name : {"tripoint::nt_xent", "tripoint::sup_con"}) {
    const Outcome raw = succeed((name + "_raw").c_str(), {arg(rows), arg(labels), arg(0.5)});
    const Tensor leaf = doubles(values, {3, 2});
    require_grad(leaf);
    const Outcome face = succeed(name.c_str(), {arg(leaf), arg(labels), arg(0.5)});
    EXPECT_EQ(read(face.tensors[0]), read(raw.tensors[0]));
    EXPECT_EQ(read_longs(face.tensors[1]), read_longs(raw.tensors[2]));
    EXPECT_EQ(read_longs(face.tensors[2]), read_longs(raw.tensors[3]));
    EXPECT_EQ(read(gradient(face.tensors[0], leaf)), read(raw.tensors[1]));
  }
}

TEST_F(Operators, MultipleNegativesGivesLossAndBothGradients) {
  const Doubles queries = {1, 0, 0, 1};
  const Doubles documents = {3, 0, 0, 2, 1, 1};
  const auto call_with = [&](const char* name, const Tensor& anchors, const Tensor& candidates) {
    return succeed(name, {arg(anchors), arg(candidates), arg(0.5), arg("dot")});
  };
  const Tensor anchors = doubles(queries, {2, 2});
  const Tensor candidates = doubles(documents, {3, 2});
  const Outcome raw = call_with("tripoint::multiple_negatives_raw", anchors, candidates);
  // Scaled products 1.5, 0, 0.5 and 0, 1, 0.5, of which the first's and the second's own is 1.5
  // and 1.
  const auto lose = [](double own, double x, double y) {
    return std::log(1 + std::exp(x - own) + std::exp(y - own));
  };
  EXPECT_DOUBLE_EQ(read(raw.tensors[0])[0], (lose(1.5, 0, 0.5) + lose(1, 0, 0.5)) / 2);

  require_grad(anchors);
  require_grad(candidates);
  const Outcome face = call_with("tripoint::multiple_negatives", anchors, candidates);
  EXPECT_EQ(read(face.tensors[0]), read(raw.tensors[0]));
  EXPECT_EQ(read(gradient(face.tensors[0], anchors)), read(raw.tensors[1]));
  const Outcome again = call_with("tripoint::multiple_negatives", anchors, candidates);
  EXPECT_EQ(read(gradient(again.tensors[0], candidates)), read(raw.tensors[2]));
}

TEST_F(Operators, WorkInEveryTypeAndThroughStrides) {
  const Tensor labels = longs(kLabels);
  for (const tp_dtype dtype : {TP_FLOAT16, TP_BFLOAT16, TP_FLOAT32, TP_FLOAT64}) {
    const Tensor leaf = converted(doubles(kRows, {4, 2}), dtype);
    require_grad(leaf);
    for (const char* name : {"tripoint::batch_hard", "tripoint::batch_all"}) {
      const Outcome face = succeed(name, {arg(leaf), arg(labels), arg(1.0)});
      EXPECT_EQ(info_of(face.tensors[0]).dtype, dtype == TP_FLOAT64 ? TP_FLOAT64 : TP_FLOAT32);
      const Tensor grad = gradient(face.tensors[0], leaf);
      EXPECT_EQ(info_of(grad).dtype, dtype);
      const std::string raw = std::string(name) + "_raw";
      const Outcome whole = succeed(raw.c_str(), {arg(leaf), arg(labels), arg(1.0)}, false);
      EXPECT_EQ(read(grad), read(whole.tensors[1]));
      EXPECT_EQ(read(face.tensors[0]), read(whole.tensors[0]));
    }
  }
  for (const tp_dtype dtype : {TP_UINT8, TP_INT8, TP_INT16, TP_INT32}) {
    const Tensor rows = doubles({0, 3, 4, 10, 0, 0, 0, 0}, {2, 4});
    const Tensor turned = succeed("aten::t", {arg(rows)}).tensors[0];
    const Outcome hard =
        succeed("tripoint::batch_hard", {arg(turned), arg(converted(labels, dtype)), arg(1.0)});
    EXPECT_EQ(read(hard.tensors[0]), Doubles{9.0 / 4});
  }
}

TEST_F(Operators, FollowTheGradientThatComesIn) {
  const Tensor leaf = doubles(kRows, {4, 2});
  require_grad(leaf);
  const Tensor twice = succeed("aten::mul.Scalar", {arg(leaf), arg(2.0)}).tensors[0];
  const Outcome face = succeed("tripoint::batch_hard", {arg(twice), arg(longs(kLabels)), arg(1.0)});
  const Tensor scaled = succeed("aten::mul.Scalar", {arg(face.tensors[0]), arg(10.0)}).tensors[0];
  const Outcome raw =
      succeed("tripoint::batch_hard_raw", {arg(twice), arg(longs(kLabels)), arg(1.0)}, false);
  Doubles expected = read(raw.tensors[1]);
  for (double& entry : expected) entry *= 20;
  EXPECT_EQ(read(gradient(scaled, leaf)), expected);
}

TEST_F(Operators, GiveNoSecondDerivative) {
  const Tensor leaf = doubles(kRows, {4, 2});
  require_grad(leaf);
  for (const char* name : {"tripoint::batch_hard", "tripoint::batch_all"}) {
    const Outcome face = succeed(name, {arg(leaf), arg(longs(kLabels)), arg(1.0)});
    // The gradient is a constant, so that nothing can be derived from it by mistake.
    const Tensor first = gradient(face.tensors[0], leaf, true);
    EXPECT_EQ(info_of(first).requires_grad, 0);
  }
}

TEST_F(Operators, RawOnesAreNotDifferentiable) {
  const Tensor leaf = doubles(kRows, {4, 2});
  require_grad(leaf);
  // LibTorch marks the results of an operator without a derivative, warns when they are derived,
  // and gives nothing.
  const Outcome raw =
      succeed("tripoint::batch_hard_raw", {arg(leaf), arg(longs(kLabels)), arg(1.0)});
  EXPECT_EQ(info_of(raw.tensors[0]).requires_grad, 1);
  tp_error error{};
  tp_backward(raw.tensors[0].get(), nullptr, nullptr, 0, 0, 0, nullptr, &error);
  tp_tensor grad = nullptr;
  ASSERT_EQ(tp_tensor_grad(leaf.get(), &grad, &error), TP_OK);
  EXPECT_EQ(grad, nullptr);
  const Outcome plain =
      succeed("tripoint::batch_hard_raw", {arg(leaf), arg(longs(kLabels)), arg(1.0)}, false);
  EXPECT_EQ(info_of(plain.tensors[0]).requires_grad, 0);
}

TEST_F(Operators, HardNegativesTakesAllItsArguments) {
  const Tensor scores = doubles({0.9, 0.5, 0.7, 0.2,  //
                                 0.1, 0.8, 0.6, 0.6},
                                {2, 4});
  const Tensor positive = mask({0, 1, 0, 0,  //
                                0, 1, 0, 0},
                               {2, 4});
  const Outcome plain = succeed("tripoint::hard_negatives", {arg(scores), arg(positive)});
  EXPECT_EQ(read_longs(plain.tensors[0]), (Ints{0, 1}));
  EXPECT_EQ(read_longs(plain.tensors[1]), (Ints{1, 1}));
  EXPECT_EQ(read_longs(plain.tensors[2]), (Ints{0, 2}));
  EXPECT_EQ(read_longs(plain.tensors[3]), (Ints{0}));

  const Tensor ignored = mask({1, 0, 0, 0,  //
                               0, 0, 1, 0},
                              {2, 4});
  const Outcome semihard = succeed("tripoint::hard_negatives",
                                   {arg(scores), arg(positive), arg(ignored), arg("semihard"),
                                    arg(0.25), arg("anchor"), arg(true), arg(false)});
  EXPECT_EQ(read_longs(semihard.tensors[0]), (Ints{1}));
  EXPECT_EQ(read_longs(semihard.tensors[2]), (Ints{3}));
  EXPECT_EQ(read_longs(semihard.tensors[3]), (Ints{1}));

  // As distances, the first row's positive has the nearer negative 0.2, the second's 0.1.
  const Outcome distances =
      succeed("tripoint::hard_negatives",
              {arg(scores), arg(positive), skip(), skip(), skip(), skip(), skip(), arg(true)});
  EXPECT_EQ(read_longs(distances.tensors[2]), (Ints{3, 0}));

  // The diagonal of a square matrix.
  const Tensor square = doubles({1, 2, 3, 4}, {2, 2});
  const Tensor all = mask({1, 1, 0, 1}, {2, 2});
  EXPECT_EQ(read_longs(succeed("tripoint::hard_negatives", {arg(square), arg(all)}).tensors[3]),
            (Ints{1}));
  const Outcome kept =
      succeed("tripoint::hard_negatives",
              {arg(square), arg(all), skip(), skip(), skip(), skip(), skip(), skip(), arg(true)});
  EXPECT_EQ(read_longs(kept.tensors[1]), (Ints{1}));
  EXPECT_EQ(read_longs(kept.tensors[2]), (Ints{0}));
  EXPECT_EQ(read_longs(kept.tensors[3]), (Ints{2}));
}

TEST_F(Operators, TopKGivesValuesAndRows) {
  const Tensor queries = doubles({0, 0, 5, 0}, {2, 2});
  const Tensor corpus = doubles(kRows, {4, 2});
  const Outcome near = succeed("tripoint::top_k", {arg(queries), arg(corpus), integer(3)});
  EXPECT_EQ(read(near.tensors[0]), (Doubles{0, 3, 4, 1, 2, 5}));
  EXPECT_EQ(read_longs(near.tensors[1]), (Ints{0, 1, 2, 2, 1, 0}));  // of 0 and 10, the lower row
  const Outcome dot =
      succeed("tripoint::top_k", {arg(queries), arg(corpus), integer(2), arg("dot")});
  EXPECT_EQ(read(dot.tensors[0]), (Doubles{0, 0, 50, 20}));
  EXPECT_EQ(read_longs(dot.tensors[1]), (Ints{0, 1, 3, 2}));

  const Tensor offsets = longs({0, 1, 3});
  const Tensor excluded = longs({1, 3, 2});
  const Outcome allowed = succeed("tripoint::top_k", {arg(queries), arg(corpus), integer(2), skip(),
                                                      arg(offsets), arg(excluded)});
  EXPECT_EQ(read_longs(allowed.tensors[1]), (Ints{0, 2, 1, 0}));
  const Outcome window =
      succeed("tripoint::top_k", {arg(queries), arg(corpus), integer(2), arg("sqeuclidean"), skip(),
                                  skip(), arg(mask({0, 1, 0, 0}, {4})), arg(1.0), arg(16.0)});
  const double none = std::numeric_limits<double>::infinity();
  EXPECT_EQ(read(window.tensors[0]), (Doubles{16, none, 1, none}));
  EXPECT_EQ(read_longs(window.tensors[1]), (Ints{2, -1, 2, -1}));

  for (const tp_dtype dtype : {TP_FLOAT16, TP_BFLOAT16, TP_FLOAT32}) {
    const Outcome outcome = succeed(
        "tripoint::top_k",
        {arg(converted(queries, dtype)), arg(converted(corpus, dtype)), integer(3), arg("cosine")});
    EXPECT_EQ(info_of(outcome.tensors[0]).dtype, TP_FLOAT32);
    // A row of zeros is at cosine distance 1 from all.
    EXPECT_EQ(read(outcome.tensors[0]), (Doubles{1, 1, 1, 0, 0, 0}));
    EXPECT_EQ(read_longs(outcome.tensors[1]), (Ints{0, 1, 2, 1, 2, 3}));
  }
}

TEST_F(Operators, RefuseInOneSentence) {
  const Tensor rows = doubles(kRows, {4, 2});
  const Tensor labels = longs(kLabels);
  const Tensor scores = doubles({1, 2, 3, 4, 5, 6}, {2, 3});
  const Tensor wrong = mask({1, 0, 1, 0, 1, 0}, {3, 2});
  const Tensor short_labels = longs({0, 1});
  const Tensor float_labels = converted(labels, TP_FLOAT32);
  const Tensor integer_rows = converted(rows, TP_INT32);
  const Tensor float_rows = converted(rows, TP_FLOAT32);
  const Tensor no_rows = doubles({}, {0, 3});
  const Tensor no_labels = longs({});
  const Tensor right = mask({1, 0, 1, 0, 1, 0}, {2, 3});
  const Tensor five = longs({0, 0, 1, 1, 2});
  const Tensor beyond = longs({3, 4});
  const struct {
    const char* name;
    std::vector<tp_value> arguments;
    const char* message;
  } cases[] = {
      {"tripoint::batch_hard",
       {arg(rows), arg(short_labels), arg(1.0)},
       "batch_hard: labels must have one entry for each row of embeddings [4, 2], but has the "
       "shape "
       "[2]."},
      {"tripoint::batch_hard",
       {arg(labels), arg(labels), arg(1.0)},
       "batch_hard: embeddings must be a matrix, but has the shape [4]."},
      {"tripoint::batch_all",
       {arg(rows), arg(float_labels), arg(1.0)},
       "batch_all: labels must be of an integer type, not float32."},
      {"tripoint::batch_all",
       {arg(integer_rows), arg(labels), arg(1.0)},
       "batch_all: embeddings must be float16, bfloat16, float32 or float64, not int32."},
      {"tripoint::batch_all",
       {arg(rows), arg(labels), arg(std::nan(""))},
       "batch_all: margin must be a finite number."},
      {"tripoint::batch_all",
       {arg(rows), arg(labels), arg(1.0), arg("manhattan")},
       "batch_all: distance must be \"euclidean\", \"sqeuclidean\", \"cosine\" or \"dot\", not "
       "\"manhattan\"."},
      {"tripoint::batch_all",
       {arg(rows), arg(labels), arg(1.0), skip(), skip(), arg("median")},
       "batch_all: reduction must be \"mean\", \"nonzero_mean\" or \"sum\", not \"median\"."},
      {"tripoint::batch_hard",
       {arg(no_rows), arg(no_labels), arg(1.0)},
       "batch_hard: embeddings must have at least one row, but has the shape [0, 3]."},
      {"tripoint::contrastive",
       {arg(rows), arg(labels), arg(0.0), arg(std::nan(""))},
       "contrastive: pos_margin and neg_margin must be finite numbers."},
      {"tripoint::contrastive",
       {arg(rows), arg(labels), arg(0.0), arg(1.0), arg("manhattan")},
       "contrastive: distance must be \"euclidean\", \"sqeuclidean\", \"cosine\" or \"dot\", not "
       "\"manhattan\"."},
      {"tripoint::nt_xent",
       {arg(rows), arg(labels), arg(0.0)},
       "nt_xent: temperature must be a finite number above 0."},
      {"tripoint::nt_xent",
       {arg(rows), arg(labels), arg(1.0), arg("euclidean")},
       "nt_xent: similarity must be \"cosine\" or \"dot\", not \"euclidean\"."},
      {"tripoint::sup_con",
       {arg(rows), arg(labels), arg(1.0), skip(), arg("none")},
       "sup_con: reduction must be \"mean\", \"nonzero_mean\" or \"sum\", not \"none\"."},
      {"tripoint::multiple_negatives",
       {arg(rows), arg(float_rows), arg(1.0)},
       "multiple_negatives: anchors and candidates must be of one type, not float64 and float32."},
      {"tripoint::multiple_negatives",
       {arg(rows), arg(scores), arg(1.0)},
       "multiple_negatives: candidates must have as many columns as anchors [4, 2] and no fewer "
       "rows, but has the shape [2, 3]."},
      {"tripoint::multiple_negatives",
       {arg(rows), arg(rows), arg(-1.0)},
       "multiple_negatives: scale must be a finite number above 0."},
      {"tripoint::hard_negatives",
       {arg(scores), arg(wrong)},
       "hard_negatives: positive_mask must have the shape of scores, [2, 3], but has [3, 2]."},
      {"tripoint::hard_negatives",
       {arg(scores), arg(scores)},
       "hard_negatives: positive_mask must be bool, or uint8 with a bit for each column, not "
       "float64."},
      {"tripoint::hard_negatives",
       {arg(scores), arg(right), arg(wrong)},
       "hard_negatives: ignore_mask must have the shape of scores, [2, 3], but has [3, 2]."},
      {"tripoint::hard_negatives",
       {arg(scores), arg(right), skip(), arg("softest")},
       "hard_negatives: strategy must be \"hardest\", \"hard\", \"semihard\" or \"easy\", not "
       "\"softest\"."},
      {"tripoint::hard_negatives",
       {arg(scores), arg(right), skip(), skip(), skip(), arg("row")},
       "hard_negatives: per must be \"positive\" or \"anchor\", not \"row\"."},
      {"tripoint::top_k",
       {arg(rows), arg(scores), integer(1)},
       "top_k: queries [4, 2] and corpus [2, 3] must have as many columns."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(-1)},
       "top_k: k must not be negative, but is -1."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), arg("manhattan")},
       "top_k: distance must be \"euclidean\", \"sqeuclidean\", \"cosine\" or \"dot\", not "
       "\"manhattan\"."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), arg(labels)},
       "top_k: excluded_offsets and excluded must be given together."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), arg(labels), arg(labels)},
       "top_k: excluded_offsets must rise from 0 to the size of excluded, 4, in 5 entries."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), arg(five), arg(beyond)},
       "top_k: excluded holds 4, which is no row of a corpus of 4."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), arg(float_labels), arg(labels)},
       "top_k: excluded_offsets must be a vector of int64, but is float32 of the shape [4]."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), skip(), skip(), arg(labels)},
       "top_k: skip must be a bool tensor with one entry for each row of corpus [4, 2], but is "
       "int64 of the shape [4]."},
      {"tripoint::top_k",
       {arg(rows), arg(rows), integer(1), skip(), skip(), skip(), skip(), arg(std::nan(""))},
       "top_k: min and max must be numbers, not NaN."},
  };
  for (const auto& one : cases) {
    const Outcome outcome = call(one.name, one.arguments);
    EXPECT_EQ(outcome.status, TP_TORCH_ERROR);
    EXPECT_EQ(outcome.message, one.message);
  }
}

TEST_F(Operators, KnowTheirShapesOnTheMetaDevice) {
  const auto meta = [](tp_dtype dtype, Ints sizes) {
    tp_tensor tensor = nullptr;
    tp_error error{};
    EXPECT_EQ(tp_tensor_allocate(dtype, TP_META, -1, 0, static_cast<int32_t>(sizes.size()),
                                 sizes.data(), &tensor, &error),
              TP_OK);
    return hold(tensor);
  };
  const Tensor rows = meta(TP_FLOAT16, {5, 3});
  const Tensor labels = meta(TP_INT32, {5});
  const struct {
    const char* name;
    std::vector<Ints> sizes;
    std::vector<tp_dtype> dtypes;
  } cases[] = {
      {"tripoint::batch_hard_raw",
       {{}, {5, 3}, {5}, {5}},
       {TP_FLOAT32, TP_FLOAT16, TP_INT64, TP_INT64}},
      {"tripoint::batch_all_raw",
       {{}, {5, 3}, {}, {}},
       {TP_FLOAT32, TP_FLOAT16, TP_INT64, TP_INT64}},
      {"tripoint::batch_hard", {{}, {5}, {5}}, {TP_FLOAT32, TP_INT64, TP_INT64}},
      {"tripoint::batch_all", {{}, {}, {}}, {TP_FLOAT32, TP_INT64, TP_INT64}},
      {"tripoint::nt_xent_raw", {{}, {5, 3}, {}, {}}, {TP_FLOAT32, TP_FLOAT16, TP_INT64, TP_INT64}},
      {"tripoint::nt_xent", {{}, {}, {}}, {TP_FLOAT32, TP_INT64, TP_INT64}},
      {"tripoint::sup_con_raw", {{}, {5, 3}, {}, {}}, {TP_FLOAT32, TP_FLOAT16, TP_INT64, TP_INT64}},
      {"tripoint::sup_con", {{}, {}, {}}, {TP_FLOAT32, TP_INT64, TP_INT64}},
  };
  for (const auto& one : cases) {
    const Outcome outcome = succeed(one.name, {arg(rows), arg(labels), arg(1.0)});
    ASSERT_EQ(outcome.tensors.size(), one.sizes.size()) << one.name;
    for (size_t i = 0; i < one.sizes.size(); ++i) {
      Ints sizes;
      const tp_tensor_info info = info_of(outcome.tensors[i], &sizes);
      EXPECT_EQ(info.device_type, TP_META);
      EXPECT_EQ(sizes, one.sizes[i]) << one.name << " " << i;
      EXPECT_EQ(info.dtype, one.dtypes[i]) << one.name << " " << i;
    }
  }
}

TEST_F(Operators, MultipleNegativesKnowsItsShapesOnTheMetaDevice) {
  const auto meta = [](Ints sizes) {
    tp_tensor tensor = nullptr;
    tp_error error{};
    EXPECT_EQ(tp_tensor_allocate(TP_BFLOAT16, TP_META, -1, 0, static_cast<int32_t>(sizes.size()),
                                 sizes.data(), &tensor, &error),
              TP_OK);
    return hold(tensor);
  };
  const Tensor anchors = meta({5, 3});
  const Tensor candidates = meta({9, 3});
  const Outcome raw =
      succeed("tripoint::multiple_negatives_raw", {arg(anchors), arg(candidates), arg(1.0)});
  const Ints expected[] = {{}, {5, 3}, {9, 3}};
  for (size_t i = 0; i < 3; ++i) {
    Ints sizes;
    const tp_tensor_info info = info_of(raw.tensors[i], &sizes);
    EXPECT_EQ(info.device_type, TP_META);
    EXPECT_EQ(sizes, expected[i]);
    EXPECT_EQ(info.dtype, i == 0 ? TP_FLOAT32 : TP_BFLOAT16);
  }
  const Outcome face =
      succeed("tripoint::multiple_negatives", {arg(anchors), arg(candidates), arg(1.0)});
  EXPECT_EQ(info_of(face.tensors[0]).dtype, TP_FLOAT32);
}

TEST_F(Operators, TopKKnowsItsShapesOnTheMetaDevice) {
  const auto meta = [](tp_dtype dtype, Ints sizes) {
    tp_tensor tensor = nullptr;
    tp_error error{};
    EXPECT_EQ(tp_tensor_allocate(dtype, TP_META, -1, 0, static_cast<int32_t>(sizes.size()),
                                 sizes.data(), &tensor, &error),
              TP_OK);
    return hold(tensor);
  };
  const Tensor queries = meta(TP_FLOAT16, {5, 3});
  const Tensor corpus = meta(TP_FLOAT64, {9, 3});
  const Outcome outcome = succeed("tripoint::top_k", {arg(queries), arg(corpus), integer(4)});
  const tp_dtype dtypes[] = {TP_FLOAT64, TP_INT64};
  for (size_t i = 0; i < 2; ++i) {
    Ints sizes;
    const tp_tensor_info info = info_of(outcome.tensors[i], &sizes);
    EXPECT_EQ(info.device_type, TP_META);
    EXPECT_EQ(sizes, (Ints{5, 4}));
    EXPECT_EQ(info.dtype, dtypes[i]);
  }
}

TEST_F(Operators, HaveTheSameBitsForAnyNumberOfThreadsAndWithoutScreening) {
  const int64_t size = 300;
  Doubles values;
  Ints classes;
  uint64_t state = 7;
  for (int64_t i = 0; i < size * 40; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    values.push_back(static_cast<double>(state >> 11) * 0x1p-53 - 0.5);
  }
  for (int64_t i = 0; i < size; ++i) classes.push_back(i * i % 23);
  const Tensor rows = converted(doubles(values, {size, 40}), TP_FLOAT32);
  const Tensor labels = longs(classes);
  const int32_t before = tp_get_num_threads();
  tp_error error{};
  for (const char* name : {"tripoint::batch_hard_raw", "tripoint::batch_all_raw",
                           "tripoint::nt_xent_raw", "tripoint::sup_con_raw"}) {
    std::vector<Doubles> first;
    for (const char* screening : {"on", "off"}) {
      ASSERT_EQ(setenv("TRIPOINT_SCREENING", screening, 1), 0);
      for (const int32_t threads : {1, 2, 3, 8}) {
        ASSERT_EQ(tp_set_num_threads(threads, &error), TP_OK);
        std::vector<Doubles> results;
        for (const Tensor& tensor : succeed(name, {arg(rows), arg(labels), arg(0.5)}).tensors) {
          results.push_back(read(tensor));
        }
        if (first.empty()) first = results;
        EXPECT_EQ(results, first) << threads << " " << screening;
      }
    }
  }
  ASSERT_EQ(unsetenv("TRIPOINT_SCREENING"), 0);
  ASSERT_EQ(tp_set_num_threads(before, &error), TP_OK);
}

TEST_F(Operators, RefuseAnotherWordForScreening) {
  ASSERT_EQ(setenv("TRIPOINT_SCREENING", "maybe", 1), 0);
  const Outcome outcome = call("tripoint::batch_hard_raw",
                               {arg(doubles(kRows, {4, 2})), arg(longs(kLabels)), arg(1.0)});
  ASSERT_EQ(unsetenv("TRIPOINT_SCREENING"), 0);
  EXPECT_EQ(outcome.status, TP_TORCH_ERROR);
  EXPECT_NE(outcome.message.find("batch_hard: the environment's TRIPOINT_SCREENING must be on or "
                                 "off, but is \"maybe\"."),
            std::string::npos)
      << outcome.message;
}

TEST_F(Operators, AnswerManyThreadsAtOnce) {
  const Tensor rows = doubles(kRows, {4, 2});
  const Tensor labels = longs(kLabels);
  std::vector<std::thread> callers;
  for (int caller = 0; caller < 8; ++caller) {
    callers.emplace_back([&] {
      for (int i = 0; i < 50; ++i) {
        EXPECT_EQ(
            read(succeed("tripoint::batch_hard", {arg(rows), arg(labels), arg(1.0)}).tensors[0]),
            Doubles{9.0 / 4});
      }
    });
  }
  for (std::thread& caller : callers) caller.join();
}

}  // namespace
