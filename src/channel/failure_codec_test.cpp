// SPDX-License-Identifier: Apache-2.0
#include "channel/failure_codec.h"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/byte_writer.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using testing::HasSubstr;

Bytes Raw(uint8_t code, std::string_view message, std::string_view detail) {
  base::ByteWriter writer;
  writer.Write<uint8_t>(code);
  writer.WriteZeros(3);
  writer.WriteText(message);
  writer.WriteText(detail);
  return std::move(writer).Take();
}

TEST(FailureCodec, ReadsBackBothTexts) {
  const base::Error error{Code::kExhausted, "line 3: too many", "too many"};
  const auto failure = DecodeFailure(7, EncodeFailure(error));
  ASSERT_TRUE(failure.ok());
  EXPECT_EQ(failure.value().id, 7U);
  EXPECT_EQ(failure.value().error.code, Code::kExhausted);
  EXPECT_EQ(failure.value().error.detail, "line 3: too many");
  EXPECT_EQ(failure.value().error.public_message, "too many");
}

TEST(FailureCodec, WritesPlainLinesWithinTheirLimits) {
  const base::Error error{Code::kInternal, std::string(10'000, 'd'),
                          "a\nb" + std::string(5000, 'x')};
  const Bytes bytes = EncodeFailure(error);
  EXPECT_EQ(bytes.size(), kFailureBytesMax);
  const auto failure = DecodeFailure(1, bytes);
  ASSERT_TRUE(failure.ok());
  EXPECT_EQ(failure.value().error.public_message.substr(0, 4), "a bx");
}

TEST(FailureCodec, RefusesWhatItWouldNotWrite) {
  ASSERT_TRUE(DecodeFailure(1, Raw(8, "m", "d")).ok());
  EXPECT_THAT(DecodeFailure(1, Raw(99, "m", "d")).error().detail, HasSubstr("code"));
  EXPECT_THAT(DecodeFailure(1, Raw(8, "m\n", "d")).error().detail, HasSubstr("control"));
  EXPECT_THAT(DecodeFailure(1, Raw(8, "m", "\x1B")).error().detail, HasSubstr("control"));
  const std::string long_message(kPublicMessageBytesMax + 1, 'x');
  EXPECT_THAT(DecodeFailure(1, Raw(8, long_message, "")).error().detail, HasSubstr("parse"));
  const std::string long_detail(kDetailBytesMax + 1, 'x');
  EXPECT_THAT(DecodeFailure(1, Raw(8, "", long_detail)).error().detail, HasSubstr("parse"));
}

TEST(FailureCodec, RefusesEveryCutAndAByteTooMany) {
  const Bytes bytes = Raw(8, "message", "detail");
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    EXPECT_FALSE(DecodeFailure(1, std::span(bytes).first(size)).ok());
  }
  EXPECT_FALSE(DecodeFailure(1, bytes + Bytes(1)).ok());
}

}  // namespace
}  // namespace bulkhead::channel
