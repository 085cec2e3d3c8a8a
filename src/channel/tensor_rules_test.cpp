// SPDX-License-Identifier: Apache-2.0
#include "channel/tensor_rules.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::ElementType;
using testing::HasSubstr;

const std::vector<base::TensorSpec> kDeclared{{"images", ElementType::kFloat32, {-1, 3, 2}},
                                              {"scale", ElementType::kFloat16, {}}};

struct Tensors {
  Bytes images = Bytes(24);
  Bytes scale = Bytes(2);
  std::vector<base::TensorView> views{{ElementType::kFloat32, {1, 3, 2}, images},
                                      {ElementType::kFloat16, {}, scale}};
};

void ExpectRefused(const std::vector<base::TensorView>& inputs, const std::string& message) {
  const base::Status checked = CheckInputs(kDeclared, inputs);
  ASSERT_FALSE(checked.ok()) << message;
  EXPECT_EQ(checked.error().code, Code::kInvalid);
  EXPECT_THAT(checked.error().public_message, HasSubstr(message));
}

TEST(TensorBytes, IsNothingWhereNoNumberCanBeRight) {
  EXPECT_EQ(TensorBytes(ElementType::kFloat32, std::vector<int64_t>{2, 3}), 24U);
  EXPECT_EQ(TensorBytes(ElementType::kUint8, {}), 1U);
  EXPECT_EQ(TensorBytes(ElementType::kFloat32, std::vector<int64_t>{2, -1}), std::nullopt);
  EXPECT_EQ(TensorBytes(ElementType::kString, std::vector<int64_t>{1}), std::nullopt);
  const std::vector<int64_t> wraps{int64_t{1} << 32, int64_t{1} << 32};
  EXPECT_EQ(TensorBytes(ElementType::kUint8, wraps), std::nullopt);
  const std::vector<int64_t> wraps_in_bytes{int64_t{1} << 62};
  EXPECT_EQ(TensorBytes(ElementType::kFloat32, wraps_in_bytes), std::nullopt);
}

TEST(CheckInputs, TakesWhatTheGraphDeclares) {
  EXPECT_TRUE(CheckInputs(kDeclared, Tensors().views).ok());
}

TEST(CheckInputs, SaysWhatIsNotOfTheGraph) {
  Tensors tensors;
  ExpectRefused({tensors.views[0]}, "takes 2 inputs, not 1");
  auto bent = tensors.views;
  bent[0].type = ElementType::kFloat16;
  ExpectRefused(bent, "input images is float32, not float16");
  bent = tensors.views;
  bent[0].dims = {1, 2, 3};
  ExpectRefused(bent, "input images is ?x3x2, not 1x2x3");
  bent[0].dims = {1, 3};
  ExpectRefused(bent, "not 1x3");
  bent = tensors.views;
  bent[0].dims = {2, 3, 2};
  ExpectRefused(bent, "does not have 24 bytes");
  bent[0].dims = {0, 3, 2};
  bent[0].bytes = {};
  ExpectRefused(bent, "not 0x3x2");
}

TEST(CheckInputs, BoundsWhatTheyHaveTogether) {
  const Bytes large(kTensorBytesMax / 2 + 1);
  const std::vector<base::TensorSpec> declared{{"a", ElementType::kUint8, {-1}},
                                               {"b", ElementType::kUint8, {-1}}};
  const base::TensorView half{
      ElementType::kUint8, {static_cast<int64_t>(large.size())}, std::span(large)};
  const base::Status checked = CheckInputs(declared, std::vector{half, half});
  ASSERT_FALSE(checked.ok());
  EXPECT_THAT(checked.error().public_message, HasSubstr("134217728 bytes together"));
}

TEST(CheckInputs, ShowsANameWithoutItsControls) {
  const std::vector<base::TensorSpec> declared{{"a\nb", ElementType::kUint8, {1}}};
  const base::TensorView none{ElementType::kInt8, {1}, {}};
  const base::Status checked = CheckInputs(declared, {&none, 1});
  EXPECT_THAT(checked.error().public_message, HasSubstr("input a b is"));
}

TEST(CheckWanted, KnowsTheOutputsAndEachOnce) {
  const std::vector<base::TensorSpec> declared{{"rows", ElementType::kFloat32, {-1}},
                                               {"words", ElementType::kString, {1}}};
  EXPECT_TRUE(CheckWanted(declared, std::vector<uint32_t>{0}).ok());
  EXPECT_EQ(CheckWanted(declared, std::vector<uint32_t>{2}).error().code, Code::kInvalid);
  EXPECT_EQ(CheckWanted(declared, std::vector<uint32_t>{0, 0}).error().code, Code::kInvalid);
  const base::Status text = CheckWanted(declared, std::vector<uint32_t>{1});
  EXPECT_EQ(text.error().code, Code::kUnsupported);
  EXPECT_THAT(text.error().public_message, HasSubstr("output words is string"));
}

TEST(CheckOutputs, AllowsNoneOfWhatVaries) {
  const std::vector<base::TensorSpec> declared{{"rows", ElementType::kFloat32, {-1, 6}}};
  EXPECT_TRUE(
      CheckOutputs(declared, std::vector<InferOutput>{{0, {ElementType::kFloat32, {0, 6}, {}}}})
          .ok());
  const base::Status other =
      CheckOutputs(declared, std::vector<InferOutput>{{0, {ElementType::kFloat32, {0, 5}, {}}}});
  ASSERT_FALSE(other.ok());
  EXPECT_EQ(other.error().code, Code::kUnsupported);
}

TEST(CheckOutputs, SaysThatTheyAreTooLarge) {
  const Bytes large(kTensorBytesMax + 1);
  const std::vector<base::TensorSpec> declared{{"a", ElementType::kUint8, {-1}}};
  const InferOutput output{
      0, {ElementType::kUint8, {static_cast<int64_t>(large.size())}, std::span(large)}};
  EXPECT_EQ(CheckOutputs(declared, {&output, 1}).error().code, Code::kExhausted);
}

}  // namespace
}  // namespace bulkhead::channel
