// SPDX-License-Identifier: Apache-2.0
#include "channel/setup.h"

#include <functional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using testing::HasSubstr;

Setup FullSetup() {
  Setup setup;
  setup.provider = "tensorrt";
  setup.threads = 3;
  setup.device_index = 2;
  setup.fp16 = true;
  setup.int8 = true;
  setup.overrides = {.task = yolo::Task::kPose,
                     .head = yolo::HeadLayout::kEndToEnd,
                     .class_names = {"bolt", "Größe"},
                     .stride = 64,
                     .image_height = 320,
                     .image_width = 416};
  setup.picture_pixels_max = 1'000'000;
  setup.batch_max = 8;
  setup.batch_wait = std::chrono::microseconds(500);
  setup.frames_in_flight_max = 5;
  return setup;
}

TEST(Setup, CarriesEveryField) {
  const auto decoded = DecodeSetup(EncodeSetup(FullSetup()).value());
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  const auto& setup = decoded.value();
  EXPECT_EQ(setup.provider, "tensorrt");
  EXPECT_EQ(setup.threads, 3);
  EXPECT_EQ(setup.device_index, 2);
  EXPECT_TRUE(setup.fp16 && setup.int8);
  EXPECT_EQ(setup.overrides.task, yolo::Task::kPose);
  EXPECT_EQ(setup.overrides.head, yolo::HeadLayout::kEndToEnd);
  EXPECT_EQ(setup.overrides.class_names, FullSetup().overrides.class_names);
  EXPECT_EQ(setup.overrides.stride, 64);
  EXPECT_EQ(setup.overrides.image_height, 320);
  EXPECT_EQ(setup.overrides.image_width, 416);
  EXPECT_EQ(setup.picture_pixels_max, 1'000'000);
  EXPECT_EQ(setup.batch_max, 8);
  EXPECT_EQ(setup.batch_wait.count(), 500);
  EXPECT_EQ(setup.frames_in_flight_max, 5);
}

TEST(Setup, KeepsUnsetOverridesUnset) {
  const auto decoded = DecodeSetup(EncodeSetup({}).value());
  ASSERT_TRUE(decoded.ok());
  const yolo::SpecOverrides& overrides = decoded.value().overrides;
  EXPECT_FALSE(overrides.task || overrides.head || overrides.stride || overrides.image_height ||
               overrides.image_width);
  EXPECT_TRUE(overrides.class_names.empty());
  EXPECT_FALSE(decoded.value().fp16 || decoded.value().int8);
}

TEST(Setup, RefusesEveryCutAndAByteTooMany) {
  const Bytes bytes = EncodeSetup(FullSetup()).value();
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_EQ(DecodeSetup(std::span(bytes).first(size)).error().code, base::Code::kCorrupt);
  }
  EXPECT_FALSE(DecodeSetup(bytes + Bytes(1)).ok());
}

struct BentByte {
  std::size_t offset;
  int value;
};

class BentSetupByte : public testing::TestWithParam<BentByte> {};

TEST_P(BentSetupByte, IsRefused) {
  Bytes bytes = EncodeSetup({}).value();
  ASSERT_TRUE(DecodeSetup(bytes).ok());
  bytes[GetParam().offset] = static_cast<std::byte>(GetParam().value);
  EXPECT_EQ(DecodeSetup(bytes).error().code, base::Code::kCorrupt);
}

// Magic, version, flag, reserved, threads, and behind the provider's text: task, head, reserved.
INSTANTIATE_TEST_SUITE_P(Bytes, BentSetupByte,
                         testing::Values(BentByte{0, 'X'}, BentByte{4, 2}, BentByte{8, 2},
                                         BentByte{10, 1}, BentByte{12, 0}, BentByte{51, 6},
                                         BentByte{52, 5}, BentByte{53, 1}));

struct Bend {
  const char* field;
  std::function<void(Setup&)> bend;
};

class BentSetup : public testing::TestWithParam<Bend> {};

TEST_P(BentSetup, IsNotWritten) {
  auto setup = FullSetup();
  GetParam().bend(setup);
  const auto bytes = EncodeSetup(setup);
  ASSERT_FALSE(bytes.ok());
  EXPECT_EQ(bytes.error().code, base::Code::kInvalid);
  EXPECT_THAT(bytes.error().detail, HasSubstr(GetParam().field));
}

INSTANTIATE_TEST_SUITE_P(
    Fields, BentSetup,
    testing::Values(
        Bend{"provider", [](Setup& s) { s.provider.clear(); }},
        Bend{"provider", [](Setup& s) { s.provider = "a/b"; }},
        Bend{"provider", [](Setup& s) { s.provider = std::string(33, 'a'); }},
        Bend{"threads", [](Setup& s) { s.threads = 0; }},
        Bend{"threads", [](Setup& s) { s.threads = kThreadsMax + 1; }},
        Bend{"device", [](Setup& s) { s.device_index = -1; }},
        Bend{"device", [](Setup& s) { s.device_index = kDevicesMax; }},
        Bend{"picture", [](Setup& s) { s.picture_pixels_max = 0; }},
        Bend{"picture", [](Setup& s) { s.picture_pixels_max = kPicturePixelsMax + 1; }},
        Bend{"largest batch", [](Setup& s) { s.batch_max = 0; }},
        Bend{"batch wait", [](Setup& s) { s.batch_wait = std::chrono::microseconds(-1); }},
        Bend{"batch wait", [](Setup& s) { s.batch_wait = kBatchWaitMax * 2; }},
        Bend{"in flight", [](Setup& s) { s.frames_in_flight_max = kFramesInFlightMax + 1; }},
        Bend{"class names", [](Setup& s) { s.overrides.class_names[0] = "\xFF"; }},
        Bend{"stride", [](Setup& s) { s.overrides.stride = 0; }},
        Bend{"image height", [](Setup& s) { s.overrides.image_height = -1; }},
        Bend{"image width", [](Setup& s) { s.overrides.image_width = kInputSideMax + 1; }}));

}  // namespace
}  // namespace bulkhead::channel
