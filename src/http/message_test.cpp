// SPDX-License-Identifier: Apache-2.0
#include "http/message.h"

#include <utility>

#include <gtest/gtest.h>

#include "http/input_buffer.h"
#include "http/response_writer.h"

namespace bulkhead::http {
namespace {

std::string Rest(ResponseCursor& cursor) {
  std::string text;
  for (const iovec& piece : cursor.Pieces()) {
    text.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  return text;
}

TEST(HttpHeaders, KeepOrderAndFindTheFirst) {
  Headers headers;
  headers.Add("A", "1");
  headers.Add("b", "2");
  headers.Add("a", "3");
  const Headers copy = std::exchange(headers, {});
  ASSERT_EQ(copy.size(), 3U);
  EXPECT_EQ(copy.at(1).name, "b");
  EXPECT_EQ(copy.at(1).value, "2");
  EXPECT_EQ(copy.Find("a"), "1");
  EXPECT_EQ(copy.CountOf("A"), 2U);
  EXPECT_EQ(headers.size(), 0U);
}

TEST(HttpHeaders, LetNoValueEndItsField) {
  Headers headers;
  headers.Add("A\r\n", std::string("b\r\nC: d\0\te", 10));
  EXPECT_EQ(headers.at(0).name, "A??");
  EXPECT_EQ(headers.at(0).value, "b??C: d?\te");
}

TEST(ResponseHead, SaysLengthDateCodingAndConnection) {
  Response response = MakeResponse(200, "application/json", std::string("12345"));
  response.body.emplace_back(std::vector<std::byte>(7));
  std::string head;
  WriteResponseHead(response,
                    {.http_1_0 = true,
                     .coding = ContentCoding::kGzip,
                     .varies = true,
                     .date = HttpDate(784'111'777)},
                    head);
  EXPECT_EQ(head,
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 12\r\n"
            "Content-Encoding: gzip\r\nVary: Accept-Encoding\r\n"
            "Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nConnection: keep-alive\r\n\r\n");
  WriteResponseHead({.status = 204}, {.keep_alive = false}, head);
  EXPECT_EQ(head, "HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n");
}

TEST(ResponseHead, NeedsNoReasonPhrase) {
  std::string head;
  WriteResponseHead({.status = 299}, {}, head);
  EXPECT_EQ(head, "HTTP/1.1 299 \r\nContent-Length: 0\r\n\r\n");
  WriteResponseHead({.status = 507}, {}, head);
  EXPECT_EQ(head, "HTTP/1.1 507 Insufficient Storage\r\nContent-Length: 0\r\n\r\n");
}

TEST(ResponseCursor, GoesOnWhereverAWriteEnded) {
  const std::vector<BodyPart> body{std::string("ab"), std::string(), std::vector<std::byte>(2),
                                   std::string("cd"), std::string()};
  const std::string whole(
      "head"
      "ab"
      "\0\0"
      "cd",
      10);
  for (std::size_t written = 1; written < whole.size(); ++written) {
    ResponseCursor cursor("head", body);
    EXPECT_EQ(Rest(cursor), whole);
    cursor.Advance(written);
    EXPECT_EQ(Rest(cursor), whole.substr(written));
    EXPECT_FALSE(cursor.finished());
    cursor.Advance(whole.size() - written);
    EXPECT_TRUE(cursor.finished());
  }
}

TEST(ResponseCursor, WritesManyPartsInSeveralPieces) {
  const std::vector<BodyPart> body(100, std::string("x"));
  ResponseCursor cursor("h", body);
  std::size_t written = 0;
  while (!cursor.finished()) {
    const std::size_t bytes = Rest(cursor).size();
    cursor.Advance(bytes);
    written += bytes;
  }
  EXPECT_EQ(written, 101U);
}

TEST(InputBuffer, GrowsForALongHeadAndIsSmallAgainAfterIt) {
  InputBuffer buffer;
  auto room = buffer.Room(4'096, 10'000);
  EXPECT_EQ(room.size(), 4'096U);
  room.front() = std::byte{'x'};
  buffer.Commit(room.size());
  room = buffer.Room(4'096, 10'000);
  EXPECT_EQ(room.size(), 4'096U);
  EXPECT_EQ(buffer.text().front(), 'x');
  buffer.Commit(room.size());
  EXPECT_EQ(buffer.Room(4'096, 10'000).size(), 10'000U - 8'192U);
  buffer.Consume(8'191);
  EXPECT_EQ(buffer.Room(4'096, 10'000).size(), 4'095U);
}

TEST(InputBuffer, MovesWhatIsLeftToTheFront) {
  InputBuffer buffer;
  auto room = buffer.Room(4'096, 4'096);
  room[4'095] = std::byte{'z'};
  buffer.Commit(4'096);
  EXPECT_TRUE(buffer.Room(4'096, 4'096).empty());
  buffer.Consume(4'095);
  EXPECT_EQ(buffer.Room(4'096, 4'096).size(), 4'095U);
  EXPECT_EQ(buffer.text(), "z");
}

}  // namespace
}  // namespace bulkhead::http
