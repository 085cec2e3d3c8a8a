// SPDX-License-Identifier: Apache-2.0
#include "gateway/detect_tensors.h"

#include <cstring>
#include <string_view>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/test_messages.h"

namespace bulkhead::gateway {
namespace {

using base::ElementType;
using openinference::InferRequest;
using openinference::Tensor;
using testing::ElementsAre;
using testing::IsEmpty;

template <typename Value>
std::vector<Value> ValuesOf(const Tensor& tensor) {
  std::vector<Value> values(tensor.bytes.view().size() / sizeof(Value));
  std::memcpy(values.data(), tensor.bytes.view().data(), tensor.bytes.view().size());
  return values;
}

std::vector<Tensor> OutputsOf(yolo::Task task, const yolo::ImageResult& result) {
  auto response = DetectResponse({}, channel::HelloOf(task).spec, result);
  EXPECT_TRUE(response.ok());
  return response.ok() ? std::move(response.value().outputs) : std::vector<Tensor>();
}

std::vector<Tensor> OutputsOf(yolo::Task task) {
  return OutputsOf(task, channel::ReplyOf(task, 1).result);
}

InferRequest Asking(std::initializer_list<const char*> names) {
  InferRequest request;
  for (const char* name : names) request.outputs.push_back({.name = name});
  return request;
}

// A length of 4 bytes and so many bytes.
std::vector<std::byte> Element(std::string_view text, uint32_t length) {
  std::vector<std::byte> bytes(sizeof(length));
  std::memcpy(bytes.data(), &length, sizeof(length));
  for (const char c : text) bytes.push_back(static_cast<std::byte>(c));
  return bytes;
}

InferRequest WithPicture(std::vector<std::byte> element) {
  InferRequest request;
  Tensor tensor;
  tensor.name = "image";
  tensor.type = ElementType::kString;
  tensor.dims = {1};
  tensor.bytes = openinference::TensorBytes(std::move(element));
  request.inputs.push_back(std::move(tensor));
  return request;
}

TEST(DetectTensors, GiveForEveryTaskJustWhatTheyDeclare) {
  for (const yolo::Task task : channel::kEveryTask) {
    const auto declared = DetectOutputs(channel::HelloOf(task).spec);
    const auto given = OutputsOf(task);
    ASSERT_EQ(given.size(), declared.size());
    for (std::size_t i = 0; i < given.size(); ++i) {
      EXPECT_EQ(given[i].name, declared[i].name);
      EXPECT_EQ(given[i].type, declared[i].type);
      ASSERT_EQ(given[i].dims.size(), declared[i].dims.size());
      std::size_t bytes = 4;
      for (std::size_t d = 0; d < given[i].dims.size(); ++d) {
        if (declared[i].dims[d] >= 0) {
          EXPECT_EQ(given[i].dims[d], declared[i].dims[d]);
        }
        bytes *= static_cast<std::size_t>(given[i].dims[d]);
      }
      EXPECT_EQ(given[i].bytes.view().size(), bytes) << given[i].name;
    }
  }
}

TEST(DetectTensors, HoldBoxesByTheirCorners) {
  const auto outputs = OutputsOf(yolo::Task::kDetect);
  ASSERT_EQ(outputs.size(), 3U);
  EXPECT_THAT(outputs[0].dims, ElementsAre(2, 4));
  EXPECT_THAT(ValuesOf<float>(outputs[0]), ElementsAre(10, 20, 30, 40.5F, 10, 20, 30, 40.5F));
  EXPECT_THAT(ValuesOf<float>(outputs[1]), ElementsAre(0.75F, 0.75F));
  EXPECT_THAT(ValuesOf<int32_t>(outputs[2]), ElementsAre(1, 1));
}

TEST(DetectTensors, HoldKeypointsByPlaceAndVisibility) {
  const Tensor points = OutputsOf(yolo::Task::kPose).back();
  EXPECT_THAT(points.dims, ElementsAre(2, 2, 3));
  EXPECT_THAT(ValuesOf<float>(points),
              ElementsAre(11, 21, 0.5F, 12, 22, 1, 11, 21, 0.5F, 12, 22, 1));
}

TEST(DetectTensors, HoldRotatedBoxesByCentreSizeAndAngle) {
  const Tensor rotated = OutputsOf(yolo::Task::kObb).back();
  EXPECT_THAT(ValuesOf<float>(rotated), ElementsAre(20, 30, 20, 5, 0.5F, 20, 30, 20, 5, 0.5F));
}

TEST(DetectTensors, OfAClassifierAreItsScores) {
  const auto outputs = OutputsOf(yolo::Task::kClassify);
  ASSERT_EQ(outputs.size(), 2U);
  EXPECT_THAT(ValuesOf<float>(outputs[0]), ElementsAre(0.9F, 0.1F));
  EXPECT_THAT(ValuesOf<int32_t>(outputs[1]), ElementsAre(1, 0));
}

TEST(DetectTensors, OfAPictureWithNothingInItAreEmpty) {
  for (const yolo::Task task : channel::kEveryTask) {
    for (const Tensor& tensor : OutputsOf(task, {})) {
      EXPECT_EQ(tensor.dims[0], 0) << tensor.name;
      EXPECT_THAT(tensor.bytes.view(), IsEmpty());
    }
  }
}

TEST(DetectTensors, AreThoseThatWereAskedForInThatOrder) {
  const auto spec = channel::HelloOf(yolo::Task::kDetect).spec;
  const auto result = channel::ReplyOf(yolo::Task::kDetect, 1).result;
  const auto response = DetectResponse(Asking({"classes", "boxes"}), spec, result);
  ASSERT_TRUE(response.ok());
  ASSERT_EQ(response.value().outputs.size(), 2U);
  EXPECT_EQ(response.value().outputs[0].name, "classes");
  EXPECT_THAT(ValuesOf<int32_t>(response.value().outputs[0]), ElementsAre(1, 1));
  EXPECT_EQ(response.value().outputs[1].name, "boxes");
}

TEST(DetectTensors, RefuseAnOutputThatThereIsNotOrThatIsAskedForTwice) {
  const auto spec = channel::HelloOf(yolo::Task::kDetect).spec;
  for (const InferRequest& request :
       {Asking({"masks"}), Asking({"boxes", "rotated"}), Asking({"boxes", "boxes"})}) {
    const auto response = DetectResponse(request, spec, {});
    ASSERT_FALSE(response.ok());
    EXPECT_EQ(response.error().code, base::Code::kInvalid);
    EXPECT_FALSE(response.error().public_message.empty());
  }
}

TEST(PictureOf, IsTheOneElementWhereItLies) {
  const InferRequest request = WithPicture(Element("JPEG", 4));
  const auto picture = PictureOf(request);
  ASSERT_TRUE(picture.ok());
  EXPECT_EQ(picture.value().size(), 4U);
  EXPECT_EQ(picture.value().data(), request.inputs[0].bytes.view().data() + 4);
}

TEST(PictureOf, MayBeEmptySinceTheWorkerJudgesPictures) {
  const auto picture = PictureOf(WithPicture(Element("", 0)));
  ASSERT_TRUE(picture.ok());
  EXPECT_TRUE(picture.value().empty());
}

TEST(PictureOf, SaysWhatIsWrongWithAnythingElse) {
  std::vector<InferRequest> wrong;
  wrong.emplace_back();  // no input
  wrong.push_back(WithPicture(Element("JPEG", 4)));
  wrong.back().inputs.push_back(wrong.back().inputs.front());
  wrong.push_back(WithPicture(Element("JPEG", 4)));
  wrong.back().inputs[0].name = "images";
  wrong.push_back(WithPicture(Element("JPEG", 4)));
  wrong.back().inputs[0].type = ElementType::kUint8;
  wrong.push_back(WithPicture(Element("JPEG", 4)));
  wrong.back().inputs[0].dims = {1, 1};
  wrong.push_back(WithPicture({}));
  wrong.push_back(WithPicture({std::byte{0}, std::byte{0}, std::byte{0}}));
  wrong.push_back(WithPicture(Element("JPEG", 3)));
  wrong.push_back(WithPicture(Element("JPEG", 5)));
  wrong.push_back(WithPicture(Element("JPEG", UINT32_MAX)));
  for (const InferRequest& request : wrong) {
    const auto picture = PictureOf(request);
    ASSERT_FALSE(picture.ok());
    EXPECT_EQ(picture.error().code, base::Code::kInvalid);
    EXPECT_FALSE(picture.error().public_message.empty());
  }
}

}  // namespace
}  // namespace bulkhead::gateway
