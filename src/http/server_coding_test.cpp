// SPDX-License-Identifier: Apache-2.0
// Content-Encoding over sockets, both ways.
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/content_coding.h"
#include "http/test_client.h"
#include "http/test_server.h"

namespace bulkhead::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Coded(ContentCoding coding, const std::string& text) {
  auto deflater = Deflater::Open(coding);
  std::vector<std::byte> out;
  deflater.value().Step(std::as_bytes(std::span(text)), true, out);
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string Decoded(ContentCoding coding, const std::string& bytes) {
  auto inflater = Inflater::Open(coding);
  std::vector<std::byte> out;
  auto in = std::as_bytes(std::span(bytes));
  while (!inflater.value().finished()) {
    if (!inflater.value().Step(in, 100'000, out).ok()) return "damaged";
  }
  return {reinterpret_cast<const char*>(out.data()), out.size()};
}

std::string Post(const std::string& coding, const std::string& body) {
  return "POST / HTTP/1.1\r\nHost: h\r\nContent-Encoding: " + coding +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

async::Task<Response> Sized(Request& request, const RequestScope& /*scope*/) {
  const bool picture = request.target == "/picture";
  const std::size_t bytes = std::stoul(request.query);
  co_return MakeResponse(200, picture ? "image/png" : "application/json", std::string(bytes, 'y'));
}

std::string Get(const std::string& target, const std::string& accepted) {
  return "GET " + target + " HTTP/1.1\r\nHost: h\r\nAccept-Encoding: " + accepted + "\r\n\r\n";
}

TEST(HttpCoding, TakesASecretBodyOnlyAsItIsAndWithItsLength) {
  TestServer server({.handle = Describe}, {}, nullptr, true);
  TestClient client(server.port());
  const std::string text(1'000'000, 'x');
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000000\r\n\r\n" + text);
  EXPECT_TRUE(client.ReadResponse().ends_with("POST /? " + text));
  client.Send(Post("gzip", Coded(ContentCoding::kGzip, "short")));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 501"));
  TestClient chunks(server.port());
  chunks.Send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n");
  EXPECT_THAT(chunks.ReadResponse(), StartsWith("HTTP/1.1 501"));
}

TEST(HttpCoding, DecodesARequestsBody) {
  TestServer server;
  TestClient client(server.port());
  const std::string text(1'000'000, 'x');
  client.Send(Post("gzip", Coded(ContentCoding::kGzip, text)));
  EXPECT_TRUE(client.ReadResponse().ends_with("POST /? " + text));
  client.Send(Post("deflate", Coded(ContentCoding::kDeflate, "short")));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? short"));
  client.Send(Post("gzip", ""));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? "));
  EXPECT_EQ(server.counts().bodies_bytes, 0U);
}

TEST(HttpCoding, RefusesABodyThatGrowsTooLarge) {
  TestServer server({.handle = Describe}, {.body_bytes_max = 1'000'000});
  TestClient client(server.port());
  client.Send(Post("gzip", Coded(ContentCoding::kGzip, std::string(1'000'001, 'x'))));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 413"));
}

TEST(HttpCoding, HoldsDecodedBytesToTheLimitOfAllBodies) {
  TestServer server({.handle = Describe}, {.bodies_bytes_max = 500'000});
  TestClient client(server.port());
  client.Send(Post("gzip", Coded(ContentCoding::kGzip, std::string(1'000'000, 'x'))));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 503"));
  server.WaitFor([](const Counts& counts) { return counts.bodies_bytes == 0; });
}

TEST(HttpCoding, RefusesDamageAndOtherCodings) {
  TestServer server;
  TestClient damaged(server.port());
  damaged.Send(Post("gzip", "nonsense"));
  EXPECT_THAT(damaged.ReadToEnd(), StartsWith("HTTP/1.1 400"));
  TestClient unknown(server.port());
  unknown.Send(Post("br", "x"));
  const std::string refusal = unknown.ReadToEnd();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 501"));
  EXPECT_THAT(refusal, HasSubstr("\r\nAccept-Encoding: gzip, deflate\r\n"));
}

TEST(HttpCoding, CompressesWhatTheClientAccepts) {
  TestServer server({.handle = Sized});
  TestClient client(server.port());
  for (const auto coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    const std::string name(CodingName(coding));
    client.Send(Get("/?500000", name));
    const std::string response = client.ReadResponse();
    EXPECT_THAT(response, HasSubstr("\r\nContent-Encoding: " + name + "\r\n"));
    EXPECT_THAT(response, HasSubstr("\r\nVary: Accept-Encoding\r\n"));
    EXPECT_LT(response.size(), 10'000U);
    EXPECT_TRUE(Decoded(coding, response.substr(response.find("\r\n\r\n") + 4)) ==
                std::string(500'000, 'y'));
  }
}

TEST(HttpCoding, LeavesAloneWhatWouldNotGain) {
  TestServer server({.handle = Sized}, {.compress_bytes_min = 100, .compress_bytes_max = 1'000});
  TestClient client(server.port());
  for (const std::string target : {"/?99", "/?1001", "/picture?500"}) {
    client.Send(Get(target, "gzip"));
    EXPECT_THAT(client.ReadResponse(), Not(HasSubstr("Content-Encoding"))) << target;
  }
  client.Send(Get("/?100", "gzip"));
  EXPECT_THAT(client.ReadResponse(), HasSubstr("Content-Encoding: gzip"));
  client.Send(Get("/?100", "br"));
  const std::string plain = client.ReadResponse();
  EXPECT_THAT(plain, Not(HasSubstr("Content-Encoding")));
  EXPECT_THAT(plain, HasSubstr("\r\nVary: Accept-Encoding\r\n"));
}

}  // namespace
}  // namespace bulkhead::http
