// SPDX-License-Identifier: Apache-2.0
// Where the HTTP server listens, and how it ends.
#include <filesystem>
#include <fstream>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "http/listen_socket.h"
#include "http/test_client.h"
#include "http/test_server.h"

namespace bulkhead::http {
namespace {

using std::chrono::seconds;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";

class HttpListen : public ::testing::Test {
 protected:
  HttpListen() {
    folder_ =
        std::filesystem::path(::testing::TempDir()) / ("http_listen_" + std::to_string(::getpid()));
    std::filesystem::create_directories(folder_);
  }
  ~HttpListen() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
};

async::Task<Response> SayPeer(Request& request, const RequestScope& /*scope*/) {
  co_return MakeResponse(200, "text/plain", request.peer);
}

TEST_F(HttpListen, NamesThePeer) {
  TestServer server({.handle = SayPeer});
  server.Listen({.path = folder_ / "socket", .peer_uid = ::geteuid()});
  TestClient tcp(server.port());
  tcp.Send(kGet);
  EXPECT_THAT(tcp.ReadResponse(), EndsWith("\r\n\r\n127.0.0.1"));
  TestClient local(folder_ / "socket");
  local.Send(kGet);
  EXPECT_THAT(local.ReadResponse(), EndsWith("\r\n\r\nunix:" + std::to_string(::geteuid()) +
                                            " pid " + std::to_string(::getpid())));
}

TEST_F(HttpListen, MakesASocketForItsOwnUserAlone) {
  const auto path = folder_ / "socket";
  auto first = ListenUnix(path);
  ASSERT_TRUE(first.ok()) << first.error().detail;
  struct stat status{};
  ASSERT_EQ(::stat(path.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
  EXPECT_EQ(ListenUnix(path).error().code, base::Code::kConflict);
  first.value() = base::UniqueFd();
  EXPECT_TRUE(ListenUnix(path).ok()) << "a socket that nobody serves is replaced";
}

TEST_F(HttpListen, ReplacesNothingButASocket) {
  const auto path = folder_ / "file";
  std::ofstream(path) << "kept";
  EXPECT_EQ(ListenUnix(path).error().code, base::Code::kInvalid);
  EXPECT_EQ(std::filesystem::file_size(path), 4U);
  EXPECT_EQ(ListenUnix(folder_ / std::string(120, 'a')).error().code, base::Code::kInvalid);
  EXPECT_EQ(ListenUnix(folder_ / "missing" / "socket").error().code, base::Code::kNotFound);
}

TEST_F(HttpListen, SaysWhyATcpAddressCannotBeHad) {
  const auto first = ListenTcp("127.0.0.1", 0);
  ASSERT_TRUE(first.ok());
  EXPECT_EQ(ListenTcp("127.0.0.1", first.value().port).error().code, base::Code::kConflict);
  EXPECT_EQ(ListenTcp("localhost", 0).error().code, base::Code::kInvalid);
  EXPECT_EQ(ListenTcp("192.0.2.1", 0).error().code, base::Code::kUnavailable);
  EXPECT_TRUE(ListenTcp("", 0).ok());
}

TEST_F(HttpListen, HangsUpOnAnotherUser) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may be more than one user";
  TestServer server;
  server.Listen({.path = folder_ / "socket", .peer_uid = ::geteuid()});
  std::filesystem::permissions(folder_, std::filesystem::perms::all);
  std::filesystem::permissions(folder_ / "socket", std::filesystem::perms::all);
  constexpr uid_t kNobody = 65'534;
  ASSERT_EQ(::seteuid(kNobody), 0);
  TestClient client(folder_ / "socket");
  ASSERT_EQ(::seteuid(0), 0);
  EXPECT_EQ(client.ReadToEnd(), "");
  EXPECT_EQ(server.counts().shed_peer, 1U);
}

TEST(HttpStop, EndsIdleConnectionsAndAcceptsNoMore) {
  TestServer server;
  TestClient idle(server.port());
  TestClient fresh(server.port());
  idle.Send(kGet);
  EXPECT_THAT(idle.ReadResponse(), StartsWith("HTTP/1.1 200 OK"));
  server.WaitFor([](const Counts& counts) { return counts.accepted == 2; });
  auto stopped = server.Stop(seconds(10));
  EXPECT_EQ(idle.ReadToEnd() + fresh.ReadToEnd(), "");
  stopped.wait();
  EXPECT_FALSE(TestClient(server.port()).connected());
}

TEST(HttpStop, AnswersWhatRunsAndCloses) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient client(server.port());
  client.Send(kGet);
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  auto stopped = server.Stop(seconds(10));
  server.Advance(seconds(9));
  server.OnIo([&] { held.Answer(MakeResponse(200, "text/plain", std::string("done"))); });
  const std::string response = client.ReadToEnd();
  EXPECT_THAT(response, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(response, EndsWith("done"));
  stopped.wait();
}

TEST(HttpStop, CancelsWhatRunsTooLong) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient client(server.port());
  client.Send(kGet);
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  auto stopped = server.Stop(seconds(10));
  server.Advance(seconds(10));
  EXPECT_EQ(client.ReadToEnd(), "");
  server.OnIo([&] {
    EXPECT_EQ(held.cancelled(), 1);
    held.Answer({});
  });
  stopped.wait();
}

TEST(HttpStop, NeedsNoConnection) {
  TestServer server;
  server.Stop(seconds(10)).wait();
}

}  // namespace
}  // namespace bulkhead::http
