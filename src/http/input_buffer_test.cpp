// SPDX-License-Identifier: Apache-2.0
#include "http/input_buffer.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

void Fill(InputBuffer& buffer, const std::string& text) {
  const auto room = buffer.Room(16, 16);
  ASSERT_GE(room.size(), text.size());
  std::ranges::copy(std::as_bytes(std::span(text)), room.begin());
  buffer.Commit(text.size());
}

// What the memory holds from its begin on, used or not.
std::string Memory(const std::byte* begin, std::size_t count) {
  return {reinterpret_cast<const char*>(begin), count};
}

TEST(InputBuffer, LeavesNothingOfWhatWasUsedWhereItWipes) {
  InputBuffer buffer;
  buffer.WipeUsed();
  Fill(buffer, "head body");
  const std::byte* begin = buffer.bytes().data();
  buffer.Consume(5);
  EXPECT_EQ(Memory(begin, 9), std::string(5, '\0') + "body");
  Fill(buffer, "");  // moves what is there to the front
  EXPECT_EQ(buffer.text(), "body");
  EXPECT_EQ(Memory(begin, 9), "body" + std::string(5, '\0'));
  buffer.Consume(4);
  EXPECT_EQ(Memory(begin, 9), std::string(9, '\0'));
}

TEST(InputBuffer, DoesNotSpendTimeOnWhatIsNoSecret) {
  InputBuffer buffer;
  Fill(buffer, "head body");
  const std::byte* begin = buffer.bytes().data();
  buffer.Consume(5);
  EXPECT_EQ(Memory(begin, 9), "head body");
}

}  // namespace
}  // namespace bulkhead::http
