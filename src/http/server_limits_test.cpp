// SPDX-License-Identifier: Apache-2.0
// Every limit of the HTTP server, over sockets.
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/limits.h"
#include "http/test_client.h"
#include "http/test_server.h"

namespace bulkhead::http {
namespace {

using std::chrono::seconds;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

// All that a client gets for these bytes until it is closed on.
std::string AnswerTo(const std::string& bytes, const Limits& limits = {}) {
  TestServer server({.handle = Describe}, limits);
  TestClient client(server.port());
  client.Send(bytes);
  return client.ReadToEnd();
}

TEST(HttpLimits, RefuseAndCloseWhereTheFramingIsUnsure) {
  const struct {
    std::string bytes;
    std::string status;
  } kCases[] = {
      {"nonsense\r\n\r\n", "400 Bad Request"},
      {"GET / HTTP/1.1\r\nHost: h\n\r\n", "400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
       "400 Bad Request"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", "400 Bad Request"},
      {"CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n", "405 Method Not Allowed"},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 67108865\r\n\r\n", "413 Content Too Large"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n",
       "413 Content Too Large"},
      {"GET /" + std::string(9'000, 'a') + " HTTP/1.1\r\n", "414 URI Too Long"},
      {"GET / HTTP/1.1\r\nA: " + std::string(17'000, 'a'), "431 Request Header Fields Too Large"},
      {"POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: gzip\r\n\r\n", "501 Not Implemented"},
      {"GET / HTTP/2.0\r\n\r\n", "505 HTTP Version Not Supported"},
  };
  for (const auto& [bytes, status] : kCases) {
    // What follows must not be taken for a request.
    const std::string answer = AnswerTo(bytes + kGet);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 " + status + "\r\n"));
    EXPECT_THAT(answer, HasSubstr("\r\nConnection: close\r\n"));
    EXPECT_EQ(answer.find("\nHTTP/1.1"), std::string::npos) << answer;
  }
}

TEST(HttpLimits, TakeALongHeadUpToItsLimit) {
  TestServer server;
  TestClient client(server.port());
  const std::string begin = "GET / HTTP/1.1\r\nHost: h\r\nA: ";
  for (int i = 0; i < 3; ++i) {
    client.Send(begin + std::string(16'384 - begin.size() - 4, 'a') + "\r\n\r\n" + kGet);
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
    EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  }
}

TEST(HttpLimits, GiveAHeadTenSeconds) {
  TestServer server;
  TestClient client(server.port());
  client.Send("GET / HT");
  server.WaitForBytes(8);
  server.Advance(seconds(9));
  EXPECT_EQ(server.counts().shed_head, 0U);
  server.Advance(seconds(1));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 408 Request Timeout\r\n"));
  EXPECT_EQ(server.counts().shed_head, 1U);
}

TEST(HttpLimits, DropAClientThatNeverAsks) {
  TestServer server;
  TestClient client(server.port());
  server.WaitFor([](const Counts& counts) { return counts.accepted == 1; });
  server.Advance(seconds(10));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_head, 1U);
}

TEST(HttpLimits, DropAnIdleConnectionAfterItsTime) {
  TestServer server;
  TestClient client(server.port());
  client.Send(kGet);
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  server.Advance(seconds(74));
  client.Send(kGet);
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  server.Advance(seconds(75));
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_idle, 1U);
}

TEST(HttpLimits, TimeALaterHeadFromItsFirstByte) {
  TestServer server;
  TestClient client(server.port());
  client.Send(kGet);
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  server.Advance(seconds(70));
  client.Send("G");
  server.WaitForBytes(sizeof(kGet));
  server.Advance(seconds(9));
  client.Send("ET / HTTP/1.1\r\nHost: h\r\n\r\nG");
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  server.Advance(seconds(10));
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 408"));
}

TEST(HttpLimits, WantABodyAtItsRate) {
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";
  TestServer server({.handle = Describe}, {.body_bytes_per_second_min = 1'000});
  TestClient slow(server.port());
  TestClient steady(server.port());
  slow.Send(head + std::string(1'000, 'a'));
  steady.Send(head + std::string(1'001, 'a'));
  server.WaitForBytes(2 * head.size() + 2'001);
  server.Advance(seconds(11));
  EXPECT_EQ(server.counts().shed_body, 0U);
  steady.Send(std::string(10'000, 'a'));
  server.WaitForBytes(2 * head.size() + 12'001);
  server.Advance(seconds(2));
  EXPECT_THAT(slow.ReadToEnd(), StartsWith("HTTP/1.1 408"));
  EXPECT_EQ(server.counts().shed_body, 1U);
  steady.Send(std::string(100'000 - 11'001, 'a'));
  EXPECT_THAT(steady.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpLimits, DropAClientThatDoesNotReadItsResponse) {
  TestServer server({.handle = [](Request&, const RequestScope&) -> async::Task<Response> {
    co_return MakeResponse(200, "image/png", std::string(30'000'000, 'x'));
  }});
  TestClient client(server.port());
  client.Send(kGet);
  server.WaitFor([](const Counts& counts) { return counts.sent_bytes > 0; });
  uint64_t sent = 0;
  while (sent != server.counts().sent_bytes) sent = server.counts().sent_bytes;
  server.Advance(seconds(30));
  EXPECT_LT(client.ReadToEnd().size(), 30'000'000U);
  EXPECT_EQ(server.counts().shed_write, 1U);
  EXPECT_EQ(server.counts().undelivered, 1U);
}

TEST(HttpLimits, LetARefusedClientSendOnForAMoment) {
  TestServer server;
  TestClient client(server.port());
  client.Send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 99999999\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), StartsWith("HTTP/1.1 413"));
  client.Send(std::string(1'000'000, 'x'));
  EXPECT_EQ(server.counts().connections, 1U);
  server.Advance(seconds(2));
  server.WaitFor([](const Counts& counts) { return counts.connections == 0; });
}

TEST(HttpLimits, HoldOnlySoManyBytesOfBodies) {
  TestServer server({.handle = Describe}, {.bodies_bytes_max = 150'000});
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 100000\r\n\r\n";
  TestClient first(server.port());
  TestClient second(server.port());
  first.Send(head + std::string(99'999, 'a'));
  server.WaitForBytes(head.size() + 99'999);
  second.Send(head + "a");
  const std::string refusal = second.ReadToEnd();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 503 Service Unavailable\r\n"));
  EXPECT_THAT(refusal, HasSubstr("\r\nRetry-After: 1\r\n"));
  first.Send("a");
  EXPECT_THAT(first.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  EXPECT_EQ(server.counts().shed_bodies, 1U);
  EXPECT_EQ(server.counts().bodies_bytes, 0U);
}

TEST(HttpLimits, HoldNothingForALengthThatIsOnlyAnnounced) {
  TestServer server;
  TestClient client(server.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 60000000\r\n\r\nx";
  client.Send(head);
  server.WaitForBytes(head.size());
  EXPECT_LT(server.counts().bodies_bytes, 1'000'000U);
}

TEST(HttpLimits, TakeOnlySoManyConnections) {
  TestServer server({.handle = Describe}, {.connections_max = 2});
  TestClient first(server.port());
  TestClient second(server.port());
  server.WaitFor([](const Counts& counts) { return counts.connections == 2; });
  TestClient third(server.port());
  EXPECT_EQ(third.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_connections, 1U);
  first.Close();
  server.WaitFor([](const Counts& counts) { return counts.connections == 1; });
  TestClient fourth(server.port());
  fourth.Send(kGet);
  EXPECT_THAT(fourth.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
}

TEST(HttpLimits, TakeOnlySoManyConnectionsOfOnePeer) {
  TestServer server({.handle = Describe}, {.connections_per_peer_max = 1});
  TestClient first(server.port());
  server.WaitFor([](const Counts& counts) { return counts.connections == 1; });
  TestClient second(server.port());
  EXPECT_EQ(second.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_peer, 1U);
}

}  // namespace
}  // namespace bulkhead::http
