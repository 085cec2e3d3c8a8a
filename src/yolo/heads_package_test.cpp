// SPDX-License-Identifier: Apache-2.0
// DecodeOutputs against what the ultralytics package made of the same outputs
// (tests/data/heads/generate.py wrote the cases).
#include <cmath>
#include <cstdint>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "oracle/random_outputs.h"
#include "yolo/heads.h"

namespace bulkhead::yolo {
namespace {

class PackageCase {
 public:
  explicit PackageCase(const std::string& name) {
    std::ifstream file(std::string(BULKHEAD_TEST_DATA) + "/heads/" + name + ".txt");
    EXPECT_TRUE(file.is_open()) << name;
    for (std::string line; std::getline(file, line);) {
      std::istringstream numbers(line.substr(line.find(':') + 1));
      std::vector<double> values;
      for (double value = 0; numbers >> value;) values.push_back(value);
      lines_[line.substr(0, line.find(':'))].push_back(values);
    }
  }

  [[nodiscard]] const std::vector<std::vector<double>>& Lines(const std::string& key) const {
    return lines_.at(key);
  }
  [[nodiscard]] const std::vector<double>& Numbers(const std::string& key) const {
    return lines_.at(key).front();
  }
  [[nodiscard]] float Float(const std::string& key, std::size_t i = 0) const {
    return static_cast<float>(Numbers(key)[i]);
  }
  [[nodiscard]] int Int(const std::string& key, std::size_t i = 0) const {
    return static_cast<int>(Numbers(key)[i]);
  }
  [[nodiscard]] bool Has(const std::string& key) const { return lines_.count(key) != 0; }

 private:
  std::map<std::string, std::vector<std::vector<double>>> lines_;
};

base::Result<ImageResult> DecodeCase(const PackageCase& c) {
  const auto task = static_cast<Task>(c.Int("task"));
  const auto head = c.Int("end_to_end") != 0 ? HeadLayout::kEndToEnd : HeadLayout::kAnchorFree;
  const ModelSpec spec = oracle::SpecOf(task, head, c.Int("class_count"));
  const Letterbox letterbox{.input_width = c.Int("letterbox", 0),
                            .input_height = c.Int("letterbox", 1),
                            .content_width = c.Int("letterbox", 2),
                            .content_height = c.Int("letterbox", 3),
                            .pad_left = c.Int("letterbox", 4),
                            .pad_top = c.Int("letterbox", 5),
                            .gain = c.Numbers("letterbox")[6]};
  DetectOptions options;
  options.confidence_min = c.Float("conf");
  options.iou_max = c.Float("iou");
  options.detections_max = c.Int("max_det");
  options.class_agnostic = c.Int("agnostic") != 0;
  for (const double value : c.Numbers("only")) options.classes.push_back(static_cast<int>(value));

  oracle::Output rows{{c.Int("dims", 0), c.Int("dims", 1)}, {}};
  for (const double value : c.Numbers("output")) rows.values.push_back(static_cast<float>(value));
  const auto tensor = oracle::FloatTensor({rows});
  std::vector<base::TensorView> outputs = {tensor.View()};
  oracle::Tensor planes;
  if (task == Task::kSegment) {
    oracle::Output prototypes{{4, letterbox.input_height / 4, letterbox.input_width / 4}, {}};
    for (const double value : c.Numbers("prototype_32nds")) {
      prototypes.values.push_back(static_cast<float>(value / 32));
    }
    planes = oracle::FloatTensor({prototypes});
    // In front, because it is found by its rank.
    outputs.insert(outputs.begin(), planes.View());
  }
  return DecodeOutputs(spec, outputs, 0, letterbox, c.Int("picture", 0), c.Int("picture", 1),
                       options);
}

std::vector<bool> Unrun(const std::vector<double>& runs) {
  std::vector<bool> bits;
  bool value = false;
  for (const double run : runs) {
    bits.insert(bits.end(), static_cast<std::size_t>(run), value);
    value = !value;
  }
  return bits;
}

// IoU of a mask with one of the whole picture; 1 when both are empty.
double MaskIou(const Mask& mask, const std::vector<bool>& expected, int width) {
  int both = 0;
  int either = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const int x = static_cast<int>(i) % width - mask.x;
    const int y = static_cast<int>(i) / width - mask.y;
    const bool inside = x >= 0 && x < mask.width && y >= 0 && y < mask.height;
    const bool mine = inside && mask.bits[static_cast<std::size_t>(y * mask.width + x)] != 0;
    both += mine && expected[i] ? 1 : 0;
    either += mine || expected[i] ? 1 : 0;
  }
  return either == 0 ? 1 : static_cast<double>(both) / either;
}

void ExpectSameMasks(const ImageResult& result, const PackageCase& c) {
  const auto& expected = c.Lines("masks");
  ASSERT_EQ(expected.size(), result.detections.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_TRUE(result.detections[i].mask.has_value());
    const double iou = MaskIou(*result.detections[i].mask, Unrun(expected[i]), result.image_width);
    EXPECT_GE(iou, 0.999) << "mask of detection " << i;
  }
}

class HeadsPackage : public testing::TestWithParam<const char*> {};

TEST_P(HeadsPackage, GivesTheSameDetections) {
  const PackageCase c(GetParam());
  const auto decoded = DecodeCase(c);
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  const auto& detections = decoded.value().detections;
  ASSERT_EQ(detections.size(), c.Numbers("scores").size());
  ASSERT_FALSE(detections.empty());
  for (std::size_t i = 0; i < detections.size(); ++i) {
    SCOPED_TRACE("detection " + std::to_string(i));
    const Detection& d = detections[i];
    EXPECT_FLOAT_EQ(d.score, c.Float("scores", i));
    EXPECT_EQ(d.class_index, c.Int("classes", i));
    EXPECT_NEAR(d.box.x1, c.Float("boxes", 4 * i), 1e-3);
    EXPECT_NEAR(d.box.y1, c.Float("boxes", 4 * i + 1), 1e-3);
    EXPECT_NEAR(d.box.x2, c.Float("boxes", 4 * i + 2), 1e-3);
    EXPECT_NEAR(d.box.y2, c.Float("boxes", 4 * i + 3), 1e-3);
    ASSERT_EQ(d.rotated.has_value(), c.Has("rotated"));
    if (d.rotated) {
      EXPECT_NEAR(d.rotated->cx, c.Float("rotated", 5 * i), 1e-3);
      EXPECT_NEAR(d.rotated->cy, c.Float("rotated", 5 * i + 1), 1e-3);
      EXPECT_NEAR(d.rotated->width, c.Float("rotated", 5 * i + 2), 1e-3);
      EXPECT_NEAR(d.rotated->height, c.Float("rotated", 5 * i + 3), 1e-3);
      EXPECT_FLOAT_EQ(d.rotated->angle, c.Float("rotated", 5 * i + 4));
    }
    ASSERT_EQ(d.keypoints.size(), c.Has("keypoints") ? 5U : 0U);
    for (std::size_t k = 0; k < d.keypoints.size(); ++k) {
      EXPECT_NEAR(d.keypoints[k].x, c.Float("keypoints", 15 * i + 3 * k), 1e-3);
      EXPECT_NEAR(d.keypoints[k].y, c.Float("keypoints", 15 * i + 3 * k + 1), 1e-3);
      EXPECT_FLOAT_EQ(d.keypoints[k].visibility, c.Float("keypoints", 15 * i + 3 * k + 2));
    }
  }
  if (c.Has("masks")) ExpectSameMasks(decoded.value(), c);
}

INSTANTIATE_TEST_SUITE_P(Cases, HeadsPackage,
                         testing::Values("detect_anchor_free_1", "detect_anchor_free_2",
                                         "detect_anchor_free_3", "detect_end_to_end_4",
                                         "segment_anchor_free_5", "segment_end_to_end_6",
                                         "pose_anchor_free_7", "pose_end_to_end_8",
                                         "obb_anchor_free_9", "obb_anchor_free_10",
                                         "obb_end_to_end_11"),
                         [](const auto& test) { return std::string(test.param); });

}  // namespace
}  // namespace bulkhead::yolo
