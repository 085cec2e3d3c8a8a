// SPDX-License-Identifier: Apache-2.0
#include "gateway/model_view.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/test_messages.h"
#include "yolo/metadata_text.h"

namespace bulkhead::gateway {
namespace {

using base::ElementType;
using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::string> NamesOf(const std::vector<openinference::TensorMetadata>& tensors) {
  std::vector<std::string> names;
  for (const auto& tensor : tensors) names.push_back(tensor.name);
  return names;
}

TEST(ServedName, TellsTheGraphFromWhatDetectsWithIt) {
  EXPECT_EQ(ParseServedName("plates").model.text, "plates");
  EXPECT_FALSE(ParseServedName("plates").detect);
  EXPECT_EQ(ParseServedName("plates.detect").model.text, "plates");
  EXPECT_TRUE(ParseServedName("plates.detect").detect);
}

TEST(ServedName, TakesTheEndingOffOnceAndNeverAllThereIs) {
  EXPECT_EQ(ParseServedName("plates.detect.detect").model.text, "plates.detect");
  EXPECT_EQ(ParseServedName(".detect").model.text, ".detect");
  EXPECT_FALSE(ParseServedName(".detect").detect);
  EXPECT_FALSE(ParseServedName("plates.detector").detect);
  EXPECT_EQ(ParseServedName("").model.text, "");
}

TEST(ServedName, IsWrittenAsItWasRead) {
  for (const std::string name : {"plates", "plates.detect", "plates.v2", ".detect"}) {
    EXPECT_EQ(ServedText(ParseServedName(name)), name);
  }
}

TEST(ModelView, DescribesTheGraphAsItWasExported) {
  const channel::Hello hello = channel::HelloOf(yolo::Task::kDetect);
  const auto metadata = MetadataOf({{"plates"}, false}, 3, hello);
  EXPECT_EQ(metadata.name, "plates");
  EXPECT_THAT(metadata.versions, ElementsAre("3"));
  ASSERT_THAT(NamesOf(metadata.inputs), ElementsAre("images"));
  EXPECT_EQ(metadata.inputs[0].type, ElementType::kFloat32);
  EXPECT_THAT(metadata.inputs[0].dims, ElementsAre(1, 3, 640, -1));
  ASSERT_THAT(NamesOf(metadata.outputs), ElementsAre("output0", "output1"));
  EXPECT_EQ(metadata.outputs[1].type, ElementType::kFloat16);
  EXPECT_THAT(metadata.outputs[0].dims, ElementsAre(1, 6, -1));
}

TEST(ModelView, DescribesTheDetectorByItsPictureAndItsResults) {
  const channel::Hello hello = channel::HelloOf(yolo::Task::kPose);
  const auto metadata = MetadataOf({{"plates"}, true}, 3, hello);
  EXPECT_EQ(metadata.name, "plates.detect");
  EXPECT_THAT(NamesOf(metadata.inputs), ElementsAre("image"));
  EXPECT_EQ(metadata.inputs[0].type, ElementType::kString);
  EXPECT_THAT(NamesOf(metadata.outputs), ElementsAre("boxes", "scores", "classes", "keypoints"));
}

TEST(ModelView, ConfiguresBothNamesWithTheTensorsOfTheirMetadata) {
  const channel::Hello hello = channel::HelloOf(yolo::Task::kObb);
  for (const bool detect : {false, true}) {
    const ServedName name{{"plates"}, detect};
    const auto config = ConfigOf(name, hello);
    const auto metadata = MetadataOf(name, 1, hello);
    EXPECT_EQ(config.name, metadata.name);
    EXPECT_EQ(NamesOf(config.inputs), NamesOf(metadata.inputs));
    EXPECT_EQ(NamesOf(config.outputs), NamesOf(metadata.outputs));
    EXPECT_EQ(config.max_batch_size, 0);  // dimensions are with the batch
  }
}

TEST(ModelView, TellsClientsOfUltralyticsWhatTheModelIs) {
  const channel::Hello hello = channel::HelloOf(yolo::Task::kSegment);
  const ServedName name{{"plates"}, false};
  const std::string text = ConfigOf(name, hello).parameters.at("metadata");
  EXPECT_EQ(text, yolo::MetadataText(hello.spec));
  for (const char* part : {"'bolt'", "'nut'", "'stride': 32", "'task': 'segment'", "'imgsz'"}) {
    EXPECT_THAT(text, HasSubstr(part));
  }
  const auto metadata = MetadataOf(name, 1, hello);
  EXPECT_EQ(metadata.properties.at("metadata"), text);
  EXPECT_EQ(metadata.properties.at("task"), "segment");
  EXPECT_EQ(metadata.properties.at("stride"), "32");
}

}  // namespace
}  // namespace bulkhead::gateway
