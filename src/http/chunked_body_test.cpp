// SPDX-License-Identifier: Apache-2.0
#include "http/chunked_body.h"

#include <algorithm>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

struct Decoded {
  int status = 0;
  bool finished = false;
  std::string body;
  std::string rest;
};

Decoded Decode(std::string_view text, std::size_t step = SIZE_MAX, uint64_t bytes_max = 1 << 20) {
  ChunkedBody chunks;
  Decoded decoded;
  std::vector<std::byte> body;
  auto bytes = std::as_bytes(std::span(text));
  while (!bytes.empty() && !chunks.finished() && decoded.status == 0) {
    const auto piece = bytes.first(std::min(step, bytes.size()));
    auto left = piece;
    if (const auto refusal = chunks.Decode(left, bytes_max, body)) decoded.status = refusal->status;
    bytes = bytes.subspan(piece.size() - left.size());
  }
  decoded.finished = chunks.finished();
  decoded.body.assign(reinterpret_cast<const char*>(body.data()), body.size());
  decoded.rest.assign(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return decoded;
}

TEST(ChunkedBody, JoinsItsChunksHoweverTheyArrive) {
  constexpr std::string_view kText =
      "5\r\nhello\r\n00A;name=\"a;b\"\r\n, chunked \r\n6\r\nworld!\r\n0;x\r\nTrailer: 1\r\n\r\nGET";
  for (std::size_t step = 1; step <= kText.size(); ++step) {
    const Decoded decoded = Decode(kText, step);
    EXPECT_EQ(decoded.status, 0) << step;
    EXPECT_TRUE(decoded.finished);
    EXPECT_EQ(decoded.body, "hello, chunked world!");
    EXPECT_EQ(decoded.rest, "GET");
  }
}

TEST(ChunkedBody, IsNotFinishedBeforeItsLastLine) {
  EXPECT_FALSE(Decode("0\r\n").finished);
  EXPECT_FALSE(Decode("0\r\n\r").finished);
  EXPECT_FALSE(Decode("5\r\nhello\r\n").finished);
  EXPECT_TRUE(Decode("0\r\n\r\n").finished);
}

TEST(ChunkedBody, RefusesWhatIsNotTheGrammar) {
  for (const std::string text : {"\r\n",          "g\r\n",         "-1\r\n",
                                 "0x5\r\n",       " 5\r\n",        "5 \r\n",
                                 "5\n",           "5\rx",          "5\r\nhello!",
                                 "5\r\nhello\n",  "5\r\nhello\rx", "00000000000000001\r\n",
                                 "5;\x01\r\n",    "5;a\n",         "0\r\n folded\r\n",
                                 "0\r\nA: b\n",   "0\r\nA: b\rx",  "0\r\n\rx",
                                 "0\r\nA\r\n",    "0\r\n: b\r\n",  "0\r\nA : b\r\n",
                                 "0\r\nA\x7f\r\n"}) {
    EXPECT_EQ(Decode(text).status, 400) << text;
  }
}

TEST(ChunkedBody, RefusesAChunkThatWouldPassTheLimitBeforeItsBytesCome) {
  EXPECT_EQ(Decode("5\r\nhello\r\n5\r\nworld\r\n", SIZE_MAX, 10).status, 0);
  EXPECT_EQ(Decode("5\r\nhello\r\n6\r\nx", SIZE_MAX, 10).status, 413);
  EXPECT_EQ(Decode("ffffffffffffffff\r\nx").status, 413);
}

TEST(ChunkedBody, TakesExtensionsWithQuotesThatEnd) {
  for (const char* extension : {";a", ";a=b", ";a=\"b\"", ";a=\";\\\"\";b=\"\""}) {
    EXPECT_EQ(Decode("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n").status, 0)
        << extension;
  }
}

TEST(ChunkedBody, RefusesAQuoteThatDoesNotEndWithItsLine) {
  for (const char* extension : {";a=\"", ";a=\"b\\\"", ";a=\"b\\", ";\"\"\""}) {
    EXPECT_EQ(Decode("5" + std::string(extension) + "\r\nhello\r\n0\r\n\r\n").status, 400)
        << extension;
  }
}

TEST(ChunkedBody, ReadsOverOnlySoMuchThatIsNoBody) {
  const std::string extension = "1;" + std::string(1'000, 'a') + "\r\nx\r\n";
  std::string text;
  for (int i = 0; i < 8; ++i) text += extension;
  EXPECT_EQ(Decode(text).status, 0);
  EXPECT_EQ(Decode(text + extension).status, 400);
  EXPECT_EQ(Decode("0\r\nA: " + std::string(9'000, 'a')).status, 400);
}

TEST(ChunkedBody, TakesAsManyChunksAsTheBodyHasBytes) {
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += "1\r\nx\r\n";
  EXPECT_EQ(Decode(text).body.size(), 20'000U);
}

}  // namespace
}  // namespace bulkhead::http
