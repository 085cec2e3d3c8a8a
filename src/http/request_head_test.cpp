// SPDX-License-Identifier: Apache-2.0
#include "http/request_head.h"

#include <string>

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

struct Parsed {
  int status = 0;  // of the refusal
  Request request;
  MessageFraming framing;
};

Parsed Parse(const std::string& head, const Limits& limits = {}) {
  Parsed parsed;
  HeadScan scan;
  auto refusal = scan.Scan(head, limits);
  if (!refusal) {
    EXPECT_EQ(scan.head_bytes(), head.size());
    refusal = ParseRequestHead(head, limits, parsed.request, parsed.framing);
  }
  if (refusal) parsed.status = refusal->status;
  return parsed;
}

int StatusOf(const std::string& headers) {
  return Parse("POST / HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n").status;
}

TEST(RequestHead, GivesMethodPathQueryAndHeaders) {
  const Parsed parsed = Parse(
      "POST /v2/models/m%201/infer?a=1&b HTTP/1.1\r\nHost: h\r\nX-Key: \t some value \r\n"
      "x-empty:\r\nContent-Length: 12\r\n\r\n");
  ASSERT_EQ(parsed.status, 0);
  EXPECT_EQ(parsed.request.method, "POST");
  EXPECT_EQ(parsed.request.target, "/v2/models/m 1/infer");
  EXPECT_EQ(parsed.request.query, "a=1&b");
  EXPECT_EQ(parsed.request.headers.Find("x-key"), "some value");
  EXPECT_EQ(parsed.request.headers.Find("X-EMPTY"), "");
  EXPECT_EQ(parsed.request.headers.Find("x-other"), std::nullopt);
  EXPECT_EQ(parsed.framing.body, BodyFraming::kLength);
  EXPECT_EQ(parsed.framing.length, 12U);
  EXPECT_TRUE(parsed.framing.keep_alive);
}

TEST(RequestHead, RefusesAMalformedRequestLine) {
  for (const std::string line :
       {"GET /", "GET  / HTTP/1.1", " GET / HTTP/1.1", "GET / HTTP/1.1 ", "GET /a b HTTP/1.1",
        "G(T / HTTP/1.1", "GET / http/1.1", "GET / HTTP/11", "GET /\x01 HTTP/1.1",
        "GET /\xc3\xa4 HTTP/1.1", "GET\t/ HTTP/1.1", "/", "GET / HTTP/1.1\r"}) {
    EXPECT_EQ(Parse(line + "\r\nHost: h\r\n\r\n").status, 400) << line;
  }
  EXPECT_EQ(Parse(std::string(33, 'A') + " / HTTP/1.1\r\nHost: h\r\n\r\n").status, 400);
}

TEST(RequestHead, RefusesVersionsThatAreNotSpoken) {
  EXPECT_EQ(Parse("PRI * HTTP/2.0\r\n\r\n").status, 505);
  EXPECT_EQ(Parse("GET / HTTP/0.9\r\n\r\n").status, 505);
  EXPECT_EQ(Parse("GET / HTTP/1.2\r\n\r\n").status, 505);
}

TEST(RequestHead, RefusesConnectAndTrace) {
  EXPECT_EQ(Parse("CONNECT a:1 HTTP/1.1\r\nHost: h\r\n\r\n").status, 405);
  EXPECT_EQ(Parse("TRACE / HTTP/1.1\r\nHost: h\r\n\r\n").status, 405);
}

TEST(RequestHead, RefusesALineFeedWithoutCarriageReturn) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\nHost: h\r\n\r\n").status, 400);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: h\n\r\n").status, 400);
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\nHost: h\r\n\n").status, 400);
  EXPECT_EQ(Parse("\n").status, 400);
}

TEST(RequestHead, RefusesHeaderLinesThatTwoReadersCouldReadDifferently) {
  for (const std::string line :
       {"Content-Length : 1", "Content-Length: 1\r\n folded", "X: a\r\n\tfolded", " X: a", ": a",
        "no colon", "X\x7f: a", "X: a\rb",
        "X: a\x01"
        "b",
        "X: \x7f", "X\xc3: a", "X(: a"}) {
    EXPECT_EQ(StatusOf(line + "\r\n"), 400) << line;
  }
  EXPECT_EQ(StatusOf(std::string("X: a\0b\r\n", 8)), 400);
}

TEST(RequestHead, TakesBytesOfOtherAlphabetsInValues) { EXPECT_EQ(StatusOf("X: \xc3\xa4\r\n"), 0); }

TEST(RequestHead, RefusesEveryAmbiguousLength) {
  for (const std::string headers :
       {"Content-Length: 1\r\nContent-Length: 1\r\n", "Content-Length: 1, 1\r\n",
        "Content-Length: +1\r\n", "Content-Length: -1\r\n", "Content-Length: 0x1\r\n",
        "Content-Length:\r\n", "Content-Length: 1 1\r\n",
        "Content-Length: 18446744073709551616\r\n",
        "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n"}) {
    EXPECT_EQ(StatusOf(headers), 400) << headers;
  }
}

TEST(RequestHead, RefusesOtherTransferCodingsThanChunked) {
  for (const std::string coding :
       {"gzip", "gzip, chunked", "chunked, chunked", "identity", "", "chunked;a=b", "xchunked"}) {
    EXPECT_EQ(StatusOf("Transfer-Encoding: " + coding + "\r\n"), 501) << coding;
  }
  EXPECT_EQ(StatusOf("Transfer-Encoding: CHUNKED\r\n"), 0);
  EXPECT_EQ(Parse("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n").status, 400);
}

TEST(RequestHead, WantsOneHost) {
  EXPECT_EQ(Parse("GET / HTTP/1.1\r\n\r\n").status, 400);
  EXPECT_EQ(StatusOf("Host: h\r\n"), 400);
  EXPECT_EQ(Parse("GET / HTTP/1.0\r\n\r\n").status, 0);
}

TEST(RequestHead, KnowsWhetherTheConnectionGoesOn) {
  const auto keeps = [](const std::string& head) { return Parse(head).framing.keep_alive; };
  EXPECT_TRUE(keeps("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.1\r\nHost: h\r\nConnection: x, Close\r\n\r\n"));
  EXPECT_FALSE(keeps("GET / HTTP/1.0\r\n\r\n"));
  EXPECT_TRUE(keeps("GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n"));
}

TEST(RequestHead, KnowsOneExpectation) {
  EXPECT_TRUE(
      Parse("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-Continue\r\n\r\n").framing.expects_continue);
  EXPECT_FALSE(Parse("POST / HTTP/1.0\r\nExpect: 100-continue\r\n\r\n").framing.expects_continue);
  EXPECT_EQ(StatusOf("Expect: tea\r\n"), 417);
}

TEST(RequestHead, RefusesMoreThanItsLimits) {
  const Limits limits{.head_bytes_max = 200, .headers_max = 3, .target_bytes_max = 20};
  const std::string host = " HTTP/1.1\r\nHost: h\r\n";
  EXPECT_EQ(Parse("GET /" + std::string(19, 'a') + host + "\r\n", limits).status, 0);
  EXPECT_EQ(Parse("GET /" + std::string(20, 'a') + host + "\r\n", limits).status, 414);
  EXPECT_EQ(Parse("GET /" + host + "A: 1\r\nB: 2\r\n\r\n", limits).status, 0);
  EXPECT_EQ(Parse("GET /" + host + "A: 1\r\nB: 2\r\nC: 3\r\n\r\n", limits).status, 431);
  const std::string before = "GET /" + host + "A: ";
  const std::string fits(200 - before.size() - 4, 'a');
  EXPECT_EQ(Parse(before + fits + "\r\n\r\n", limits).status, 0);
  EXPECT_EQ(Parse(before + fits + "a\r\n\r\n", limits).status, 431);
}

TEST(HeadScan, FindsTheEndHoweverTheBytesArrive) {
  const std::string head = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
  HeadScan scan;
  for (std::size_t i = 0; i <= head.size(); ++i) {
    ASSERT_EQ(scan.head_bytes(), 0U);
    ASSERT_FALSE(scan.Scan(head.substr(0, i), {}));
  }
  EXPECT_EQ(scan.head_bytes(), head.size());
  HeadScan whole;
  ASSERT_FALSE(whole.Scan(head + "GET /next", {}));
  EXPECT_EQ(whole.head_bytes(), head.size());
}

TEST(HeadScan, DoesNotWaitForTheEndOfWhatIsTooLong) {
  const Limits limits{.head_bytes_max = 200, .target_bytes_max = 20};
  EXPECT_EQ(HeadScan().Scan("GET /" + std::string(100, 'a'), limits)->status, 414);
  EXPECT_EQ(HeadScan().Scan("GET / HTTP/1.1\r\nA: " + std::string(200, 'a'), limits)->status, 431);
}

}  // namespace
}  // namespace bulkhead::http
