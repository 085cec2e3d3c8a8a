// SPDX-License-Identifier: Apache-2.0
#include "channel/message_reader.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

Bytes MessageOf(RequestId id, std::string_view body) {
  const auto header = EncodeHeader({.type = MessageType::kDetectRequest,
                                    .id = id,
                                    .body_bytes = static_cast<uint32_t>(body.size())});
  return Bytes(header.begin(), header.end()) + BytesOf(body);
}

// As much as there is room for.
std::size_t Put(MessageReader& reader, std::span<const std::byte> bytes) {
  const std::span<std::byte> room = reader.Free();
  const std::size_t count = std::min(room.size(), bytes.size());
  std::ranges::copy(bytes.first(count), room.begin());
  reader.Commit(count);
  return count;
}

std::string TextOf(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

TEST(MessageReader, CutsMessagesThatArriveTogether) {
  MessageReader reader;
  Put(reader, MessageOf(1, "one") + MessageOf(2, "") + MessageOf(3, "three"));
  for (const std::string expected : {"one", "", "three"}) {
    const auto header = reader.Header();
    ASSERT_TRUE(header.ok() && header.value());
    const auto body = reader.Body(*header.value());
    ASSERT_TRUE(body);
    EXPECT_EQ(TextOf(*body), expected);
    reader.Next(*header.value());
  }
  EXPECT_FALSE(reader.Header().value());
}

TEST(MessageReader, WaitsForTheLastByteOfABody) {
  MessageReader reader;
  const Bytes message = MessageOf(1, "body");
  Put(reader, std::span(message).first(message.size() - 1));
  const auto header = reader.Header();
  ASSERT_TRUE(header.ok() && header.value());
  EXPECT_FALSE(reader.Body(*header.value()));
  EXPECT_EQ(reader.Free().size(), 1U);
  Put(reader, std::span(message).last(1));
  EXPECT_TRUE(reader.Body(*header.value()));
}

TEST(MessageReader, TakesNoMemoryForWhatIsOnlyClaimed) {
  MessageReader reader;
  const auto header = EncodeHeader(
      {.type = MessageType::kDetectRequest, .id = 1, .body_bytes = uint32_t{kBodyBytesMax}});
  Put(reader, header);
  EXPECT_LE(reader.Free().size(), std::size_t{2} << 20);
}

TEST(MessageReader, ReadsALargestMessageWhoseBytesCome) {
  MessageReader reader;
  const Bytes message = MessageOf(1, std::string(kBodyBytesMax, 'x'));
  std::span<const std::byte> rest = message;
  while (!rest.empty()) rest = rest.subspan(Put(reader, rest));
  const auto header = reader.Header();
  ASSERT_TRUE(header.ok() && header.value());
  const auto body = reader.Body(*header.value());
  ASSERT_TRUE(body);
  EXPECT_TRUE(std::ranges::equal(*body, std::span(message).subspan(kHeaderBytes)));
}

TEST(MessageReader, HandsTheMemoryOverAndReadsOnInAnother) {
  MessageReader reader;
  Put(reader, MessageOf(1, "") + MessageOf(2, "picture") + MessageOf(3, "next"));
  reader.Next(*reader.Header().value());
  const MessageHeader second = *reader.Header().value();
  const MessageReader::Taken taken = reader.Take(second, {});
  EXPECT_EQ(TextOf(taken.buffer.bytes().subspan(taken.body_offset, second.body_bytes)), "picture");
  const auto third = reader.Header();
  ASSERT_TRUE(third.ok() && third.value());
  EXPECT_EQ(third.value()->id, 3U);
  EXPECT_EQ(TextOf(reader.Body(*third.value()).value()), "next");
}

TEST(MessageReader, UsesAnOldMemoryAgainForALargeMessage) {
  FrameBuffer old;
  old.Reserve(std::size_t{3} << 20);
  const std::byte* const memory = old.Free().data();
  MessageReader reader;
  const Bytes first = MessageOf(1, "");
  Put(reader, first);
  (void)reader.Take(*reader.Header().value(), std::move(old));
  EXPECT_EQ(reader.Free().data(), memory);
  EXPECT_EQ(reader.Free().size(), MessageReader::kReadBytes);
}

TEST(MessageReader, ReportsABadHeaderAndStaysReadable) {
  MessageReader reader;
  Put(reader, Bytes(kHeaderBytes));
  EXPECT_EQ(reader.Header().error().code, base::Code::kCorrupt);
  EXPECT_FALSE(reader.Free().empty());
}

}  // namespace
}  // namespace bulkhead::channel
