// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_spec.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::yolo {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr auto kFloat = base::ElementType::kFloat32;

base::GraphDescription Graph(std::vector<std::vector<int64_t>> outputs,
                             std::map<std::string, std::string> metadata) {
  base::GraphDescription graph;
  graph.inputs = {{"images", kFloat, {1, 3, 640, 640}}};
  for (std::size_t i = 0; i < outputs.size(); ++i) {
    graph.outputs.push_back({"output" + std::to_string(i), kFloat, outputs[i]});
  }
  graph.metadata = std::move(metadata);
  return graph;
}

std::string NamesOf(int count) {
  std::string text = "[";
  for (int i = 0; i < count; ++i) text += "'c" + std::to_string(i) + "', ";
  return text + "]";
}

// What the YOLOv5 repository's exporter writes.
std::map<std::string, std::string> Yolov5Metadata(int classes) {
  return {{"stride", "32"}, {"names", NamesOf(classes)}};
}

ModelSpec Read(const base::GraphDescription& graph, const SpecOverrides& overrides = {}) {
  auto spec = ReadModelSpec(graph, overrides);
  EXPECT_TRUE(spec.ok()) << spec.error().detail;
  return spec.ok() ? std::move(spec).value() : ModelSpec{};
}

std::string ErrorOf(const base::GraphDescription& graph, const SpecOverrides& overrides = {},
                    base::Code code = base::Code::kInvalid) {
  const auto spec = ReadModelSpec(graph, overrides);
  if (spec.ok()) return "accepted";
  EXPECT_EQ(spec.error().code, code);
  return spec.error().public_message;
}

SpecOverrides WithTask(Task task) {
  SpecOverrides overrides;
  overrides.task = task;
  return overrides;
}

TEST(ModelSpec, ReadsYolov5RepositoryExports) {
  const ModelSpec detect = Read(Graph({{1, 25200, 85}}, Yolov5Metadata(80)));
  EXPECT_EQ(detect.family, "YOLOv5");
  EXPECT_EQ(detect.task, Task::kDetect);
  EXPECT_EQ(detect.head, HeadLayout::kAnchorBased);
  const ModelSpec segment = Read(Graph({{1, 25200, 117}, {1, 32, 160, 160}}, Yolov5Metadata(80)));
  EXPECT_EQ(segment.task, Task::kSegment);
  EXPECT_EQ(segment.mask_coefficients, 32);
}

TEST(ModelSpec, GivesYolov5ClassifiersImagenetNormalisation) {
  base::GraphDescription graph = Graph({{1, 1000}}, Yolov5Metadata(1000));
  graph.inputs[0].dims = {1, 3, 224, 224};
  const ModelSpec spec = Read(graph);
  EXPECT_EQ(spec.task, Task::kClassify);
  EXPECT_EQ(spec.family, "YOLOv5");
  EXPECT_TRUE(spec.imagenet_normalisation);
}

TEST(ModelSpec, ReadsTheOldOutputNameAndSpareOutputsOfYolov5) {
  base::GraphDescription graph =
      Graph({{1, 25200, 85}, {1, 3, 80, 80, 85}, {1, 3, 40, 40, 85}}, Yolov5Metadata(80));
  graph.outputs[0].name = "output";
  EXPECT_EQ(Read(graph).task, Task::kDetect);
}

TEST(ModelSpec, ReadsAnEarlyYolov10ByItsDescription) {
  const ModelSpec spec = Read(Graph(
      {{1, 300, 6}},
      {{"description", "Ultralytics YOLOv10s model"}, {"task", "detect"}, {"names", NamesOf(80)}}));
  EXPECT_EQ(spec.head, HeadLayout::kEndToEnd);
  EXPECT_TRUE(spec.nms_in_graph);
}

TEST(ModelSpec, NamesTheFamilyByLayoutWhenTheDescriptionDoesNot) {
  const std::map<std::string, std::string> metadata = {
      {"description", "Ultralytics best model"}, {"task", "detect"}, {"names", NamesOf(3)}};
  EXPECT_EQ(Read(Graph({{1, 7, 8400}}, metadata)).family, "YOLO (anchor-free)");
  EXPECT_EQ(Read(Graph({{1, 300, 6}}, metadata)).family, "YOLO (end to end)");
}

TEST(ModelSpec, NeedsATaskWithoutMetadata) {
  EXPECT_THAT(ErrorOf(Graph({{1, 84, 8400}}, {})), HasSubstr("no YOLO metadata"));
  EXPECT_THAT(ErrorOf(Graph({{1, 84, 8400}}, {})), HasSubstr("--task"));
  const ModelSpec spec = Read(Graph({{1, 7, 8400}}, {}), WithTask(Task::kDetect));
  EXPECT_THAT(spec.class_names, ElementsAre("class_0", "class_1", "class_2"));
  EXPECT_EQ(spec.stride, 32);
}

TEST(ModelSpec, NeedsNamesWhereTheShapeDoesNotShowTheirNumber) {
  const base::GraphDescription graph = Graph({{1, 300, 6}}, {});
  EXPECT_THAT(ErrorOf(graph, WithTask(Task::kDetect)), HasSubstr("give the class names"));
  SpecOverrides overrides;
  overrides.task = Task::kDetect;
  overrides.class_names = {"bolt", "nut"};
  EXPECT_EQ(Read(graph, overrides).head, HeadLayout::kEndToEnd);
}

TEST(ModelSpec, RefusesAClassCountThatTheShapeDenies) {
  EXPECT_EQ(ErrorOf(Graph({{1, 84, 8400}}, {{"task", "detect"}, {"names", NamesOf(79)}})),
            "output0 is 1x84x8400, which no detect layout has with 79 classes");
  EXPECT_EQ(ErrorOf(Graph({{1, 10}}, {{"task", "classify"}, {"names", NamesOf(9)}})),
            "there are 9 class names but output0 is 1x10");
}

TEST(ModelSpec, RefusesMetadataThatContradictsTheShape) {
  EXPECT_EQ(ErrorOf(Graph({{1, 84, 8400}},
                          {{"task", "detect"}, {"names", NamesOf(80)}, {"end2end", "True"}})),
            "metadata says end2end True but output0 is 1x84x8400");
  EXPECT_THAT(ErrorOf(Graph({{1, 84, 8400}}, {{"task", "classify"}, {"names", NamesOf(80)}})),
              HasSubstr("a classify model has 2 dimensions"));
}

TEST(ModelSpec, NamesWhatATaskIsMissing) {
  EXPECT_THAT(ErrorOf(Graph({{1, 56, 8400}}, {{"task", "pose"}, {"names", "['person']"}})),
              HasSubstr("kpt_shape"));
  EXPECT_THAT(ErrorOf(Graph({{1, 116, 8400}}, {{"task", "segment"}, {"names", NamesOf(80)}})),
              HasSubstr("mask prototypes"));
}

TEST(ModelSpec, RefusesInputsThatAreNotThreeChannelPictures) {
  base::GraphDescription graph = Graph({{1, 84, 8400}}, {{"task", "detect"}});
  graph.inputs[0].dims = {1, 1, 640, 640};
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("1 channel"));
  graph.inputs[0].dims = {1, 640, 640, 3};
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("channels last"));
  graph.inputs[0].dims = {1, 3, 640};
  EXPECT_THAT(ErrorOf(graph), HasSubstr("1x3x640"));
  graph.inputs[0].dims = {1, 3, 0, 640};
  EXPECT_THAT(ErrorOf(graph), HasSubstr("height is 0"));
  graph.inputs[0] = {"images", base::ElementType::kUint8, {1, 3, 640, 640}};
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("uint8"));
  graph.inputs.clear();
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("0 inputs"));
}

TEST(ModelSpec, RefusesOneChannelByMetadataWhereTheGraphIsOpen) {
  base::GraphDescription graph = Graph({{1, 84, 8400}}, {{"task", "detect"}, {"channels", "1"}});
  graph.inputs[0].dims = {1, -1, 640, 640};
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("1 channel"));
}

TEST(ModelSpec, RefusesOtherNetworks) {
  EXPECT_THAT(ErrorOf(Graph({{1, 300, 84}}, {{"task", "detect"}, {"head", "RTDETRDecoder"}}), {},
                      base::Code::kUnsupported),
              HasSubstr("RT-DETR"));
  base::GraphDescription graph = Graph({{1, 1}, {1, 100, 4}}, Yolov5Metadata(80));
  graph.outputs[0].name = "num_dets";
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("plug-in"));
  EXPECT_THAT(ErrorOf(Graph({}, Yolov5Metadata(80))), HasSubstr("no output"));
  EXPECT_THAT(ErrorOf(Graph({{}}, Yolov5Metadata(80))), HasSubstr("--task"));
}

TEST(ModelSpec, AcceptsHalfPrecision) {
  base::GraphDescription graph = Graph({{1, 84, 8400}}, {{"task", "detect"}});
  graph.inputs[0].type = base::ElementType::kFloat16;
  graph.outputs[0].type = base::ElementType::kFloat16;
  EXPECT_EQ(Read(graph).input.type, base::ElementType::kFloat16);
  graph.outputs[0].type = base::ElementType::kInt64;
  EXPECT_THAT(ErrorOf(graph, {}, base::Code::kUnsupported), HasSubstr("int64"));
}

TEST(ModelSpec, RefusesBatchesThatDiffer) {
  EXPECT_EQ(ErrorOf(Graph({{2, 84, 8400}}, {{"task", "detect"}})),
            "the input's batch is 1 but that of output0 is 2");
}

TEST(ModelSpec, SizesADynamicInputByOverrideThenMetadata) {
  base::GraphDescription graph =
      Graph({{-1, 84, -1}}, {{"task", "detect"}, {"imgsz", "[320, 480]"}});
  graph.inputs[0].dims = {-1, 3, -1, -1};
  EXPECT_EQ(Read(graph).default_width, 480);
  SpecOverrides overrides;
  overrides.image_width = 960;
  EXPECT_EQ(Read(graph, overrides).default_width, 960);
  EXPECT_EQ(Read(graph, overrides).default_height, 320);
  overrides.image_width = 650;
  EXPECT_EQ(ErrorOf(graph, overrides), "the image width 650 is no multiple of the stride 32");
  overrides.image_width = -64;
  EXPECT_THAT(ErrorOf(graph, overrides), HasSubstr("width given"));
}

TEST(ModelSpec, AStaticSizeCannotBeOverridden) {
  SpecOverrides overrides;
  overrides.image_height = 320;
  EXPECT_EQ(ErrorOf(Graph({{1, 84, 8400}}, {{"task", "detect"}}), overrides),
            "the model's height is fixed to 640");
}

TEST(ModelSpec, TakesTheOverridesStride) {
  SpecOverrides overrides;
  overrides.stride = 64;
  EXPECT_EQ(Read(Graph({{1, 84, 8400}}, {{"task", "detect"}}), overrides).stride, 64);
  overrides.stride = 0;
  EXPECT_THAT(ErrorOf(Graph({{1, 84, 8400}}, {{"task", "detect"}}), overrides),
              HasSubstr("stride given"));
}

TEST(Task, NamesAreReadBack) {
  for (const Task task :
       {Task::kDetect, Task::kSegment, Task::kPose, Task::kObb, Task::kClassify}) {
    EXPECT_EQ(ParseTask(TaskName(task)), task);
  }
  EXPECT_EQ(ParseTask("Detect"), std::nullopt);
}

}  // namespace
}  // namespace bulkhead::yolo
