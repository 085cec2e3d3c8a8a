// SPDX-License-Identifier: Apache-2.0
#include "channel/message_header.h"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/limits.h"

namespace bulkhead::channel {
namespace {

using testing::HasSubstr;

constexpr MessageHeader kRequest{.type = MessageType::kDetectRequest,
                                 .id = 0x1122334455667788,
                                 .deadline = Deadline(0x0102030405060708),
                                 .body_bytes = 0x00A0B0C0};

TEST(MessageHeader, ReadsBackWhatWasWritten) {
  const auto decoded = DecodeHeader(EncodeHeader(kRequest));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value().type, kRequest.type);
  EXPECT_EQ(decoded.value().id, kRequest.id);
  EXPECT_EQ(decoded.value().deadline, kRequest.deadline);
  EXPECT_EQ(decoded.value().body_bytes, kRequest.body_bytes);
}

struct Bend {
  std::size_t offset;
  int value;
  const char* rule;
};

class BentHeader : public testing::TestWithParam<Bend> {};

TEST_P(BentHeader, IsRefusedByName) {
  auto bytes = EncodeHeader(kRequest);
  bytes[GetParam().offset] = static_cast<std::byte>(GetParam().value);
  const auto decoded = DecodeHeader(bytes);
  ASSERT_FALSE(decoded.ok());
  EXPECT_EQ(decoded.error().code, base::Code::kCorrupt);
  EXPECT_THAT(decoded.error().detail, HasSubstr(GetParam().rule));
}

INSTANTIATE_TEST_SUITE_P(Fields, BentHeader,
                         testing::Values(Bend{0, 'X', "magic"}, Bend{4, 1, "version 1"},
                                         Bend{5, 1, "version 258"}, Bend{6, 0, "type 0"},
                                         Bend{6, 9, "type 9"}, Bend{23, 0x80, "deadline"},
                                         Bend{27, 0x40, "a body of"}, Bend{28, 1, "reserved"},
                                         Bend{31, 1, "reserved"}));

TEST(MessageHeader, HasRoomForTheLargestTensors) {
  MessageHeader header{.type = MessageType::kInferRequest, .id = 1};
  header.body_bytes = kInferBodyBytesMax;
  EXPECT_TRUE(DecodeHeader(EncodeHeader(header)).ok());
  ++header.body_bytes;
  EXPECT_FALSE(DecodeHeader(EncodeHeader(header)).ok());
  // The dimensions of every input, the places of every output, and the way to the next multiple.
  EXPECT_GE(kInferBodyBytesMax - kTensorBytesMax,
            kGraphTensorsMax * kTensorRankMax * 8 + 4 + kGraphTensorsMax * 4 + 64);
}

TEST(MessageHeader, HasRoomForALargestPictureAndEveryClass) {
  EXPECT_GE(kBodyBytesMax, kPictureBytesMax + 20 + 4 * kClassesMax);
}

}  // namespace
}  // namespace bulkhead::channel
