// SPDX-License-Identifier: Apache-2.0
#include "base/byte_reader.h"

#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bulkhead::base {
namespace {

std::vector<std::byte> Bytes(std::initializer_list<int> values) {
  std::vector<std::byte> bytes;
  for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
  return bytes;
}

std::vector<std::byte> Text(std::string_view text) {
  ByteWriter writer;
  writer.WriteText(text);
  return std::move(writer).Take();
}

TEST(ByteWriter, PutsTheLowestByteFirst) {
  ByteWriter writer;
  writer.Write<uint32_t>(0x01020304);
  writer.Write<int16_t>(-2);
  writer.WriteFlag(true);
  EXPECT_EQ(std::move(writer).Take(), Bytes({4, 3, 2, 1, 0xFE, 0xFF, 1}));
}

TEST(ByteWriter, PutsTheLengthBeforeAText) { EXPECT_EQ(Text("ab"), Bytes({2, 0, 0, 0, 'a', 'b'})); }

TEST(ByteReader, ReadsBackWhatWasWritten) {
  ByteWriter writer;
  writer.Write<int64_t>(std::numeric_limits<int64_t>::min());
  writer.Write<float>(0.1F);
  writer.WriteText("Größe");
  writer.WriteFlag(true);
  const auto bytes = std::move(writer).Take();
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Read<int64_t>(), std::numeric_limits<int64_t>::min());
  EXPECT_EQ(reader.Read<float>(), 0.1F);
  EXPECT_EQ(reader.ReadText(10), "Größe");
  EXPECT_TRUE(reader.ReadFlag());
  EXPECT_TRUE(reader.finished());
}

TEST(ByteReader, FailsForGoodAtTheFirstReadThatDoesNotFit) {
  const auto bytes = Bytes({1, 2, 3});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Read<uint32_t>(), 0U);
  EXPECT_FALSE(reader.ok());
  EXPECT_EQ(reader.Read<uint8_t>(), 0U);
  EXPECT_FALSE(reader.finished());
}

TEST(ByteReader, IsNotFinishedWithBytesLeft) {
  const auto bytes = Bytes({1, 2});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.Read<uint8_t>(), 1U);
  EXPECT_TRUE(reader.ok());
  EXPECT_FALSE(reader.finished());
}

TEST(ByteReader, RefusesACountOverItsLimit) {
  const auto bytes = Bytes({3, 0, 0, 0, 1, 1, 1});
  EXPECT_EQ(ByteReader(bytes).ReadCount(3, 1), 3U);
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadCount(2, 1), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesACountOfItemsThatAreNotThere) {
  const auto bytes = Bytes({2, 0, 0, 0, 1, 1, 1});
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadCount(100, 2), 0U);
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesATextOverItsLimit) {
  const auto bytes = Text("abc");
  EXPECT_EQ(ByteReader(bytes).ReadText(3), "abc");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadText(2), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesATextThatIsNotUtf8) {
  const auto bytes = Text("a\xFF");
  ByteReader reader(bytes);
  EXPECT_EQ(reader.ReadText(10), "");
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesAFlagThatIsNeitherZeroNorOne) {
  const auto bytes = Bytes({2});
  ByteReader reader(bytes);
  EXPECT_FALSE(reader.ReadFlag());
  EXPECT_FALSE(reader.ok());
}

TEST(ByteReader, RefusesReservedBytesThatAreNotZero) {
  const auto bytes = Bytes({0, 0, 1});
  ByteReader reader(bytes);
  reader.ReadZeros(2);
  EXPECT_TRUE(reader.ok());
  reader.ReadZeros(1);
  EXPECT_FALSE(reader.ok());
}

}  // namespace
}  // namespace bulkhead::base
