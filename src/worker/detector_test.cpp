// SPDX-License-Identifier: Apache-2.0
#include "worker/detector.h"

#include <algorithm>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/read_file.h"
#include "engine/null_engine.h"
#include "engine/onnxruntime_engine.h"
#include "image/encode.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using base::ElementType;
using testing::HasSubstr;

std::vector<std::byte> File(const std::string& path) {
  auto content = base::ReadFile(BULKHEAD_SOURCE_DIR "/" + path, std::size_t{16} << 20);
  return content.ok() ? std::move(content).value() : std::vector<std::byte>();
}

// An engine that finds nothing, with the usual shapes and metadata.
std::unique_ptr<engine::Engine> NullDetector(int64_t side, const std::string& imgsz) {
  return engine::MakeNullEngine({{{"images", ElementType::kFloat32, {1, 3, side, side}}},
                                 {{"output0", ElementType::kFloat32, {1, 6, 84}}},
                                 {{"task", "detect"},
                                  {"stride", "32"},
                                  {"names", "{0: 'bolt', 1: 'nut'}"},
                                  {"imgsz", imgsz}}});
}

base::Result<Detector> OpenNetwork(const std::string& name) {
  auto engine = engine::OpenOnnxRuntimeEngine(File("tests/data/onnx/" + name), {.threads = 1});
  if (!engine.ok()) return std::move(engine).error();
  return Detector::Open(std::move(engine).value(), {});
}

const std::string kSample = "models/line-inspection/samples/part-02.jpg";

TEST(Detector, FindsNothingWhereTheNetworkScoresNothing) {
  auto detector = Detector::Open(NullDetector(64, "[64, 64]"), {});
  ASSERT_TRUE(detector.ok()) << detector.error().detail;
  const auto result = detector.value().Detect(File(kSample), {});
  ASSERT_TRUE(result.ok());
  EXPECT_TRUE(result.value().detections.empty());
  EXPECT_EQ(result.value().image_width, 1920);
}

TEST(Detector, WorksOnAfterAPictureThatWasRefused) {
  auto detector = OpenNetwork("two_bolts.onnx");
  ASSERT_TRUE(detector.ok());
  ASSERT_TRUE(detector.value().Detect(File(kSample), {}).ok());
  EXPECT_EQ(detector.value().Detect({}, {}).error().code, Code::kInvalid);
  auto half = File(kSample);
  half.resize(half.size() / 2);
  EXPECT_EQ(detector.value().Detect(half, {}).error().code, Code::kInvalid);
  const auto again = detector.value().Detect(File(kSample), {});
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again.value().detections.size(), 2U);
}

TEST(Detector, TakesPicturesThatAreDecodedByRowAndAsAWholeInTurn) {
  auto detector = Detector::Open(NullDetector(64, "[64, 64]"), {});
  ASSERT_TRUE(detector.ok());
  for (const char* name : {"rgb420.jpg", "rgb8.png", "exif6.jpg", "rgb444.jpg", "gray.jpg"}) {
    const auto result = detector.value().Detect(File(std::string("tests/data/image/") + name), {});
    ASSERT_TRUE(result.ok()) << name;
    const bool turned = std::string(name) == "exif6.jpg";
    EXPECT_EQ(result.value().image_width, turned ? 13 : 19) << name;
  }
}

TEST(Detector, RefusesAnInputSizeThatWouldTakeTheMachinesMemory) {
  // Dynamic sides, and metadata that claims 16384: a tensor of 3.2 GB.
  auto detector = Detector::Open(NullDetector(-1, "[16384, 16384]"), {});
  ASSERT_TRUE(detector.ok()) << detector.error().detail;
  // A square picture fills the whole claimed input.
  image::Image square;
  square.Reshape(8, 8);
  std::ranges::fill(square.pixels(), uint8_t{128});
  const auto encoded = image::EncodeJpeg(square, 90);
  ASSERT_TRUE(encoded.ok());
  const auto result = detector.value().Detect(encoded.value(), {});
  ASSERT_FALSE(result.ok());
  EXPECT_EQ(result.error().code, Code::kExhausted);
  EXPECT_THAT(result.error().detail, HasSubstr("1 GiB"));
}

TEST(Detector, MeasuresEveryStep) {
  auto detector = OpenNetwork("two_bolts.onnx");
  ASSERT_TRUE(detector.ok());
  ASSERT_TRUE(detector.value().Detect(File(kSample), {}).ok());
  const StepTimes& times = detector.value().last_times();
  for (const auto step : {times.decode, times.letterbox, times.infer, times.heads}) {
    EXPECT_GT(step.count(), 0);
  }
}

}  // namespace
}  // namespace bulkhead::worker
