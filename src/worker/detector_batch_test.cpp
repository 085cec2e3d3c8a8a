// SPDX-License-Identifier: Apache-2.0
// Several pictures through one detector.
#include <algorithm>
#include <map>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/onnxruntime_engine.h"
#include "image/encode.h"
#include "worker/detector.h"
#include "worker/test_worker.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using testing::ElementsAre;

constexpr std::size_t kAnchors = 84;

std::vector<std::byte> Gray(int width, int height, uint8_t level) {
  image::Image picture;
  picture.Reshape(width, height);
  std::ranges::fill(picture.pixels(), level);
  return image::EncodeJpeg(picture, 95).value();
}

class DetectBatchTest : public testing::Test {
 protected:
  // An engine that finds one object in every picture, whose score is the mean of its pixels, and
  // records the sizes of its batches.
  Detector Open(base::GraphDescription graph) {
    auto engine = std::make_unique<ScriptedEngine>(
        std::move(graph),
        [this](const base::TensorView& input) -> base::Result<std::vector<float>> {
          runs_.push_back(input.dims[0]);
          if (run_error_) return *run_error_;
          const auto batch = static_cast<std::size_t>(input.dims[0]);
          const std::size_t elements = input.bytes.size() / sizeof(float) / batch;
          const auto* values = reinterpret_cast<const float*>(input.bytes.data());
          std::vector<float> output(batch * 6 * kAnchors, 0.0F);
          for (std::size_t i = 0; i < batch; ++i) {
            float* rows = output.data() + i * 6 * kAnchors;
            rows[0] = rows[kAnchors] = 32.0F;
            rows[2 * kAnchors] = rows[3 * kAnchors] = 8.0F;
            rows[4 * kAnchors] =
                std::accumulate(values + i * elements, values + (i + 1) * elements, 0.0F) /
                static_cast<float>(elements);
          }
          return output;
        });
    auto detector = Detector::Open(std::move(engine), {});
    EXPECT_TRUE(detector.ok()) << detector.error().detail;
    return std::move(detector).value();
  }

  void Detect(Detector& detector, const std::vector<std::vector<std::byte>>& encoded) {
    const yolo::DetectOptions options{.confidence_min = 0.01F};
    std::vector<BatchPicture> pictures;
    for (const auto& bytes : encoded) pictures.push_back({bytes, &options});
    detector.DetectBatch(pictures, [this](std::size_t index, BatchOutcome outcome) {
      EXPECT_FALSE(outcomes_.contains(index));
      outcomes_.emplace(index, std::move(outcome));
    });
  }

  [[nodiscard]] float Score(std::size_t index) const {
    const auto& result = outcomes_.at(index).result;
    return result.ok() && result.value().detections.size() == 1 ? result.value().detections[0].score
                                                                : -1;
  }

  std::vector<int64_t> runs_;
  std::optional<base::Error> run_error_;
  std::map<std::size_t, BatchOutcome> outcomes_;
};

TEST_F(DetectBatchTest, RunsPicturesOfOneSizeTogetherAndKeepsThemApart) {
  Detector detector = Open(TestGraph(-1, 64));
  Detect(detector, {Gray(64, 64, 51), Gray(64, 64, 102), Gray(32, 32, 204)});
  EXPECT_THAT(runs_, ElementsAre(3));
  ASSERT_EQ(outcomes_.size(), 3U);
  EXPECT_NEAR(Score(0), 0.2, 0.01);
  EXPECT_NEAR(Score(1), 0.4, 0.01);
  EXPECT_NEAR(Score(2), 0.8, 0.01);
  EXPECT_EQ(outcomes_.at(0).batch, 3);
  EXPECT_EQ(outcomes_.at(2).result.value().image_width, 32);
}

TEST_F(DetectBatchTest, RunsAnotherSizeByItself) {
  // Variable sides: a wide picture has another input than a square one.
  Detector detector = Open(TestGraph(-1, -1));
  Detect(detector, {Gray(64, 64, 51), Gray(64, 64, 102), Gray(64, 32, 153), Gray(64, 64, 204)});
  EXPECT_THAT(runs_, ElementsAre(2, 1, 1));
  EXPECT_NEAR(Score(0), 0.2, 0.01);
  EXPECT_NEAR(Score(1), 0.4, 0.01);
  EXPECT_NEAR(Score(2), 0.6, 0.01);
  EXPECT_NEAR(Score(3), 0.8, 0.01);
}

TEST_F(DetectBatchTest, LeavesABrokenPictureOut) {
  Detector detector = Open(TestGraph(-1, 64));
  auto cut = Gray(64, 64, 102);
  cut.resize(cut.size() / 2);
  Detect(detector, {Gray(64, 64, 51), cut, {}, Gray(64, 64, 204)});
  EXPECT_THAT(runs_, ElementsAre(2));
  EXPECT_NEAR(Score(0), 0.2, 0.01);
  EXPECT_EQ(outcomes_.at(1).result.error().code, Code::kInvalid);
  EXPECT_EQ(outcomes_.at(2).result.error().code, Code::kInvalid);
  EXPECT_NEAR(Score(3), 0.8, 0.01);
}

TEST_F(DetectBatchTest, TellsEveryPictureOfARunThatItFailed) {
  Detector detector = Open(TestGraph(-1, 64));
  run_error_ = base::OperatorError(Code::kExhausted, "no memory");
  Detect(detector, {Gray(64, 64, 51), Gray(64, 64, 102)});
  EXPECT_EQ(outcomes_.at(0).result.error().code, Code::kExhausted);
  EXPECT_EQ(outcomes_.at(1).result.error().code, Code::kExhausted);
  run_error_.reset();
  outcomes_.clear();
  Detect(detector, {Gray(64, 64, 51)});
  EXPECT_NEAR(Score(0), 0.2, 0.01);
}

TEST_F(DetectBatchTest, RunsAModelOfAFixedBatchPictureByPicture) {
  for (const int64_t batch : {1, 2}) {
    runs_.clear();
    outcomes_.clear();
    Detector detector = Open(TestGraph(batch, 64));
    Detect(detector, {Gray(64, 64, 51), Gray(64, 64, 102)});
    EXPECT_THAT(runs_, ElementsAre(batch, batch));
    EXPECT_NEAR(Score(0), 0.2, 0.01);
    EXPECT_NEAR(Score(1), 0.4, 0.01);
    EXPECT_EQ(outcomes_.at(1).batch, 1);
  }
}

TEST_F(DetectBatchTest, DoesNothingWithoutPictures) {
  Detector detector = Open(TestGraph(-1, 64));
  Detect(detector, {});
  EXPECT_THAT(runs_, ElementsAre());
  EXPECT_TRUE(outcomes_.empty());
}

TEST_F(DetectBatchTest, TimesEveryPictureByItself) {
  Detector detector = Open(TestGraph(-1, 64));
  Detect(detector, {Gray(64, 64, 51), Gray(64, 64, 102)});
  for (const std::size_t index : {0U, 1U}) {
    const StepTimes& times = outcomes_.at(index).times;
    EXPECT_GT(times.decode.count(), 0);
    EXPECT_GT(times.letterbox.count(), 0);
    EXPECT_GT(times.heads.count(), 0);
  }
  EXPECT_EQ(outcomes_.at(0).times.infer, outcomes_.at(1).times.infer);
}

TEST(DetectBatch, GivesWhatARealNetworkGivesForEachPictureAlone) {
  auto engine =
      engine::OpenOnnxRuntimeEngine(TestFile("tests/data/onnx/dynamic_batch.onnx"), {.threads = 1});
  ASSERT_TRUE(engine.ok()) << engine.error().detail;
  auto detector = Detector::Open(std::move(engine).value(), {});
  ASSERT_TRUE(detector.ok()) << detector.error().detail;
  const auto encoded = TestPicture();
  const auto alone = detector.value().Detect(encoded, {});
  ASSERT_TRUE(alone.ok()) << alone.error().detail;
  ASSERT_FALSE(alone.value().detections.empty());
  const yolo::DetectOptions options;
  const std::vector<BatchPicture> pictures(3, {encoded, &options});
  int told = 0;
  detector.value().DetectBatch(pictures, [&](std::size_t, const BatchOutcome& outcome) {
    ++told;
    EXPECT_EQ(outcome.batch, 3);
    ASSERT_TRUE(outcome.result.ok()) << outcome.result.error().detail;
    const auto& detections = outcome.result.value().detections;
    ASSERT_EQ(detections.size(), alone.value().detections.size());
    EXPECT_EQ(detections[0].box.x1, alone.value().detections[0].box.x1);
    EXPECT_EQ(detections[0].score, alone.value().detections[0].score);
  });
  EXPECT_EQ(told, 3);
}

}  // namespace
}  // namespace bulkhead::worker
