// SPDX-License-Identifier: Apache-2.0
// Specs of real exports: tests/data/metadata holds inputs, outputs and metadata_props of ONNX files
// that ultralytics 8.4.190 wrote, without their weights.
#include <fstream>
#include <ostream>
#include <string>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "yolo/model_spec.h"

namespace bulkhead::yolo {
namespace {

std::vector<base::TensorSpec> ReadTensors(const nlohmann::json& tensors) {
  std::vector<base::TensorSpec> specs;
  for (const auto& tensor : tensors) {
    base::TensorSpec spec;
    spec.name = tensor.at("name");
    spec.type =
        tensor.at("type") == "float32" ? base::ElementType::kFloat32 : base::ElementType::kFloat16;
    spec.dims = tensor.at("dims").get<std::vector<int64_t>>();
    specs.push_back(std::move(spec));
  }
  return specs;
}

base::GraphDescription ReadRecorded(const std::string& name) {
  std::ifstream file(BULKHEAD_TEST_DATA "/metadata/" + name + ".json");
  const auto json = nlohmann::json::parse(file);
  base::GraphDescription graph;
  graph.inputs = ReadTensors(json.at("inputs"));
  graph.outputs = ReadTensors(json.at("outputs"));
  graph.metadata = json.at("metadata").get<std::map<std::string, std::string>>();
  return graph;
}

struct Recorded {
  const char* file;
  const char* family;
  const char* size;
  Task task;
  HeadLayout head;
  std::size_t classes;
  int height;
  int width;
};

void PrintTo(const Recorded& recorded, std::ostream* out) { *out << recorded.file; }

class RecordedExport : public ::testing::TestWithParam<Recorded> {};

TEST_P(RecordedExport, LoadsWithoutConfiguration) {
  const Recorded& expected = GetParam();
  const auto spec = ReadModelSpec(ReadRecorded(expected.file));
  ASSERT_TRUE(spec.ok()) << spec.error().detail;
  EXPECT_EQ(spec.value().family, expected.family);
  EXPECT_EQ(spec.value().size, expected.size);
  EXPECT_EQ(spec.value().task, expected.task);
  EXPECT_EQ(HeadLayoutName(spec.value().head), HeadLayoutName(expected.head));
  EXPECT_EQ(spec.value().class_names.size(), expected.classes);
  EXPECT_EQ(spec.value().default_height, expected.height);
  EXPECT_EQ(spec.value().default_width, expected.width);
  EXPECT_EQ(spec.value().stride, expected.task == Task::kClassify ? 1 : 32);
  EXPECT_EQ(spec.value().nms_in_graph, expected.head == HeadLayout::kEndToEnd);
  EXPECT_EQ(spec.value().mask_coefficients, expected.task == Task::kSegment ? 32 : 0);
  EXPECT_EQ(spec.value().keypoints.count, expected.task == Task::kPose ? 17 : 0);
  EXPECT_FALSE(spec.value().imagenet_normalisation);
}

constexpr auto kFree = HeadLayout::kAnchorFree;
constexpr auto kEnd = HeadLayout::kEndToEnd;

INSTANTIATE_TEST_SUITE_P(
    Ultralytics, RecordedExport,
    ::testing::Values(
        Recorded{"yolov5nu", "YOLOv5u", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolov8n", "YOLOv8", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolov9t", "YOLOv9", "t", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolov10n", "YOLOv10", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolov10n-end2end", "YOLOv10", "n", Task::kDetect, kEnd, 80, 640, 640},
        Recorded{"yolo11n", "YOLO11", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo11n-seg", "YOLO11", "n", Task::kSegment, kFree, 80, 640, 640},
        Recorded{"yolo11n-pose", "YOLO11", "n", Task::kPose, kFree, 80, 640, 640},
        Recorded{"yolo11n-obb", "YOLO11", "n", Task::kObb, kFree, 80, 640, 640},
        Recorded{"yolo11n-cls", "YOLO11", "n", Task::kClassify, HeadLayout::kClassScores, 1000, 224,
                 224},
        Recorded{"yolo11n-dynamic", "YOLO11", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo11n-dynamic-unsimplified", "YOLO11", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo11n-seg-dynamic", "YOLO11", "n", Task::kSegment, kFree, 80, 640, 640},
        Recorded{"yolo11n-half", "YOLO11", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo11n-batch4-384x640", "YOLO11", "n", Task::kDetect, kFree, 80, 384, 640},
        Recorded{"yolo11n-nms", "YOLO11", "n", Task::kDetect, kEnd, 80, 640, 640},
        Recorded{"yolo11n-seg-nms", "YOLO11", "n", Task::kSegment, kEnd, 80, 640, 640},
        Recorded{"yolo11n-obb-nms", "YOLO11", "n", Task::kObb, kEnd, 80, 640, 640},
        Recorded{"yolo12n", "YOLO12", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo26n", "YOLO26", "n", Task::kDetect, kFree, 80, 640, 640},
        Recorded{"yolo26n-end2end", "YOLO26", "n", Task::kDetect, kEnd, 80, 640, 640},
        Recorded{"yolo26n-end2end-dynamic", "YOLO26", "n", Task::kDetect, kEnd, 80, 640, 640},
        Recorded{"yolo26n-seg-end2end", "YOLO26", "n", Task::kSegment, kEnd, 80, 640, 640},
        Recorded{"yolo26n-pose-end2end", "YOLO26", "n", Task::kPose, kEnd, 80, 640, 640},
        Recorded{"yolo26n-obb-end2end", "YOLO26", "n", Task::kObb, kEnd, 80, 640, 640}),
    [](const auto& test) {
      std::string name = test.param.file;
      for (char& c : name) {
        if (c == '-') c = '_';
      }
      return name;
    });

TEST(RecordedExport, GivesTheInputAsDeclared) {
  const auto fixed = ReadModelSpec(ReadRecorded("yolo11n-batch4-384x640"));
  ASSERT_TRUE(fixed.ok());
  EXPECT_EQ(fixed.value().input.name, "images");
  EXPECT_EQ(fixed.value().input.batch, 4);
  EXPECT_EQ(fixed.value().input.height, 384);
  const auto dynamic = ReadModelSpec(ReadRecorded("yolo11n-dynamic"));
  ASSERT_TRUE(dynamic.ok());
  EXPECT_FALSE(dynamic.value().input.batch.has_value());
  EXPECT_FALSE(dynamic.value().input.width.has_value());
}

}  // namespace
}  // namespace bulkhead::yolo
