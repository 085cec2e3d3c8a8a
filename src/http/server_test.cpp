// SPDX-License-Identifier: Apache-2.0
#include "http/server.h"

#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "http/test_client.h"
#include "http/test_server.h"

namespace bulkhead::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

std::string Get(const std::string& path, const std::string& headers = "") {
  return "GET " + path + " HTTP/1.1\r\nHost: h\r\n" + headers + "\r\n";
}

std::string Post(const std::string& body, const std::string& headers = "") {
  return "POST / HTTP/1.1\r\nHost: h\r\n" + headers +
         "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

TEST(HttpServer, AnswersManyRequestsOnOneConnection) {
  TestServer server;
  TestClient client(server.port());
  for (const std::string path : {"/a", "/b", "/c"}) {
    client.Send(Get(path));
    const std::string response = client.ReadResponse();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 200 OK\r\n"));
    EXPECT_THAT(response, EndsWith("\r\n\r\nGET " + path + "? "));
    EXPECT_THAT(response, Not(HasSubstr("Connection:")));
  }
  EXPECT_EQ(server.counts().accepted, 1U);
  EXPECT_EQ(server.counts().requests, 3U);
}

TEST(HttpServer, AnswersInOrderWhatWasSentAtOnce) {
  TestServer server;
  TestClient client(server.port());
  std::string requests;
  for (int i = 0; i < 1'000; ++i) {
    requests += i % 2 == 0 ? Get("/" + std::to_string(i)) : Post(std::to_string(i));
  }
  client.Send(requests);
  for (int i = 0; i < 1'000; ++i) {
    const std::string number = std::to_string(i);
    EXPECT_THAT(client.ReadResponse(),
                EndsWith(i % 2 == 0 ? "GET /" + number + "? " : "POST /? " + number));
  }
}

TEST(HttpServer, LooksAtTheNextRequestOnlyWhenTheLastIsAnswered) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient client(server.port());
  client.Send(Get("/a") + Get("/b"));
  server.WaitFor([](const Counts& counts) { return counts.requests > 0; });
  EXPECT_EQ(server.counts().requests, 1U);
  server.OnIo([&] { held.Answer(MakeResponse(200, "text/plain", std::string("first"))); });
  EXPECT_THAT(client.ReadResponse(), EndsWith("first"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 2; });
  server.OnIo([&] { held.Answer(MakeResponse(200, "text/plain", std::string("second"))); });
  EXPECT_THAT(client.ReadResponse(), EndsWith("second"));
}

TEST(HttpServer, ReadsARequestHoweverItArrives) {
  TestServer server;
  TestClient client(server.port());
  const std::string request = "\r\n" + Post("hello");
  for (std::size_t i = 0; i < request.size(); ++i) {
    client.Send(request.substr(i, 1));
    server.WaitForBytes(i + 1);
  }
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? hello"));
}

TEST(HttpServer, TakesALargeBodyOfKnownLengthOrInChunks) {
  TestServer server;
  TestClient client(server.port());
  std::string body(3'000'000, 'a');
  for (std::size_t i = 0; i < body.size(); i += 1'000) body[i] = static_cast<char>('b' + i % 7);
  client.Send(Post(body));
  EXPECT_TRUE(client.ReadResponse().ends_with("\r\n\r\nPOST /? " + body));
  client.Send("PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (std::size_t i = 0; i < body.size(); i += 100'000) {
    client.Send("186a0\r\n" + body.substr(i, 100'000) + "\r\n");
  }
  client.Send("0\r\n\r\n" + Get("/next"));
  EXPECT_TRUE(client.ReadResponse().ends_with("PUT /? " + body));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /next? "));
  EXPECT_EQ(server.counts().bodies_bytes, 0U);
}

TEST(HttpServer, AnswersHeadWithTheLengthAndWithoutTheBody) {
  TestServer server;
  TestClient client(server.port());
  client.Send("HEAD /a HTTP/1.1\r\nHost: h\r\n\r\n" + Get("/b"));
  EXPECT_THAT(client.ReadResponse(false), HasSubstr("Content-Length: 9\r\n"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK\r\n"));
}

TEST(HttpServer, ClosesWhenTheClientWantsIt) {
  TestServer server;
  TestClient client(server.port());
  client.Send(Get("/", "Connection: close\r\n") + Get("/not"));
  const std::string responses = client.ReadToEnd();
  EXPECT_THAT(responses, HasSubstr("\r\nConnection: close\r\n"));
  EXPECT_THAT(responses, Not(HasSubstr("/not")));
}

TEST(HttpServer, SpeaksTheOldVersion) {
  TestServer server;
  TestClient once(server.port());
  once.Send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_THAT(once.ReadToEnd(), HasSubstr("\r\nConnection: close\r\n"));
  TestClient client(server.port());
  client.Send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), HasSubstr("\r\nConnection: keep-alive\r\n"));
  client.Send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_THAT(client.ReadToEnd(), EndsWith("GET /b? "));
}

TEST(HttpServer, InvitesTheBodyOfAClientThatWaits) {
  TestServer server;
  TestClient client(server.port());
  const std::string head = "POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\n";
  client.Send(head + "Content-Length: 2\r\n\r\n");
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("ab");
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? ab"));
  client.Send(head + "Transfer-Encoding: chunked\r\n\r\n");
  EXPECT_EQ(client.ReadResponse(), "HTTP/1.1 100 Continue\r\n\r\n");
  client.Send("2\r\ncd\r\n0\r\n\r\n");
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? cd"));
  client.Send(head + "Content-Length: 2\r\n\r\nef");
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? ef"));
}

TEST(HttpServer, MayRefuseBeforeTheBodyIsSent) {
  TestServer server({.handle = Describe, .on_head = [](const Request& head) {
                       HeadDecision decision;
                       if (head.target == "/no") {
                         decision.refusal = MakeResponse(401, "text/plain", std::string("who"));
                       }
                       return decision;
                     }});
  TestClient client(server.port());
  client.Send(Get("/no") + Get("/yes"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 200 OK\r\n"));
  client.Send("POST /no HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 9\r\n\r\n");
  const std::string refusal = client.ReadToEnd();
  EXPECT_THAT(refusal, StartsWith("HTTP/1.1 401 Unauthorized\r\n"));
  EXPECT_THAT(refusal, HasSubstr("Connection: close\r\n"));
}

TEST(HttpServer, AllowsOneRouteALargerBody) {
  const auto allow = [](const Request& head) {
    HeadDecision decision;
    if (head.query == "large") decision.body_bytes_max = 20;
    return decision;
  };
  TestServer server({.handle = Describe, .on_head = allow}, {.body_bytes_max = 10});
  const auto status = [&](const std::string& query, std::size_t bytes) {
    TestClient client(server.port());
    client.Send("POST /" + query + " HTTP/1.1\r\nHost: h\r\nContent-Length: " +
                std::to_string(bytes) + "\r\n\r\n" + std::string(bytes, 'x'));
    return client.ReadResponse().substr(9, 3);
  };
  EXPECT_EQ(status("", 10), "200");
  EXPECT_EQ(status("", 11), "413");
  EXPECT_EQ(status("?large", 20), "200");
  EXPECT_EQ(status("?large", 21), "413");
}

TEST(HttpServer, TurnsAnExceptionIntoAFailure) {
  TestServer server({.handle = [](Request&, const RequestScope&) -> async::Task<Response> {
    throw std::runtime_error("secret");
    co_return Response();
  }});
  TestClient client(server.port());
  client.Send(Get("/") + Get("/"));
  for (int i = 0; i < 2; ++i) {
    const std::string response = client.ReadResponse();
    EXPECT_THAT(response, StartsWith("HTTP/1.1 500 Internal Server Error\r\n"));
    EXPECT_THAT(response, Not(HasSubstr("secret")));
  }
}

TEST(HttpServer, WordsItsRefusalsAsItIsTold) {
  TestServer server(
      {.handle = Describe, .refuse = [](int status, std::string_view message, const Request& head) {
         return MakeResponse(status, "application/json",
                             "{\"error\":\"" + std::string(message) + "\"}" + head.target);
       }});
  TestClient client(server.port());
  client.Send("POST /v2 HTTP/1.1\r\nHost: h\r\nExpect: x\r\n\r\n");
  const std::string response = client.ReadToEnd();
  EXPECT_THAT(response, StartsWith("HTTP/1.1 417 Expectation Failed\r\n"));
  EXPECT_THAT(response, HasSubstr("Content-Type: application/json\r\n"));
  EXPECT_THAT(response, EndsWith("{\"error\":\"Only 100-continue can be expected.\"}/v2"));
}

TEST(HttpServer, ShowsNothingOfTheLastRequestToTheNext) {
  const auto describe = [](const Request& head) {
    return head.method + head.target + head.query + std::to_string(head.headers.size()) + " " +
           std::to_string(head.body.size());
  };
  TestServer server({.handle = Describe,
                     .on_head =
                         [&](const Request& head) {
                           HeadDecision decision;
                           if (head.target == "/no") {
                             decision.refusal = MakeResponse(403, "text/plain", describe(head));
                           }
                           return decision;
                         },
                     .refuse =
                         [&](int status, std::string_view, const Request& head) {
                           return MakeResponse(status, "text/plain", describe(head));
                         }});
  TestClient client(server.port());
  client.Send(Post("secret") + Get("/no") + Post("secret") + "bad\n");
  (void)client.ReadResponse();
  EXPECT_THAT(client.ReadResponse(), EndsWith("\r\n\r\nGET/no1 0"));
  (void)client.ReadResponse();
  EXPECT_THAT(client.ReadToEnd(), EndsWith("\r\n\r\n0 0"));
}

TEST(HttpServer, SendsPartsOneAfterTheOther) {
  TestServer server({.handle = [](Request&, const RequestScope&) -> async::Task<Response> {
    Response response;
    for (int i = 0; i < 40; ++i) response.body.emplace_back(std::string(100'000, 'a'));
    response.body.emplace_back(std::vector<std::byte>(3, std::byte{'b'}));
    co_return response;
  }});
  TestClient client(server.port());
  client.Send(Get("/"));
  const std::string response = client.ReadResponse();
  EXPECT_TRUE(response.ends_with("\r\n\r\n" + std::string(4'000'000, 'a') + "bbb"));
}

TEST(HttpServer, TellsTheHandlerThatTheClientLeft) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient client(server.port());
  client.Send(Post("body"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  EXPECT_EQ(server.counts().cancelled, 0U);
  client.Close();
  server.WaitFor([](const Counts& counts) { return counts.cancelled == 1; });
  server.OnIo([&] {
    EXPECT_EQ(held.cancelled(), 1);
    held.Answer({});
  });
  server.WaitFor([](const Counts& counts) { return counts.connections == 0; });
}

TEST(HttpServer, SeesTheClientLeaveBehindARequestThatWaits) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient client(server.port());
  client.Send(Get("/a") + Get("/b"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  client.Close();
  server.WaitFor([](const Counts& counts) { return counts.cancelled == 1; });
  server.OnIo([&] { held.Answer({}); });
  server.WaitFor([](const Counts& counts) { return counts.connections == 0; });
  EXPECT_EQ(server.counts().requests, 1U);
}

TEST(HttpServer, ReceivesABodyWhoseHeadCameBehindARequestThatRan) {
  HeldRequests held;
  Handlers handlers{.handle = [&](Request& request, const RequestScope& scope) {
    return request.target == "/held" ? held.handlers().handle(request, scope)
                                     : Describe(request, scope);
  }};
  TestServer server(std::move(handlers));
  TestClient client(server.port());
  const std::string first = Get("/held");
  const std::string second = Post(std::string(9'999, 'b') + "e");
  const std::size_t cut = second.size() - 9'995;
  client.Send(first + second.substr(0, cut));
  server.WaitForBytes(first.size() + cut);
  server.OnIo([&] { held.Answer(MakeResponse(200, "text/plain", std::string("first"))); });
  EXPECT_THAT(client.ReadResponse(), EndsWith("first"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 2; });
  client.Send(second.substr(cut) + Get("/third"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("POST /? " + std::string(9'999, 'b') + "e"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("GET /third? "));
}

TEST(HttpServer, LetsTheIoContextEndWithIt) {
  boost::asio::io_context io(1);
  std::optional<Server> server(std::in_place, io, Handlers{.handle = Describe});
  ASSERT_TRUE(server->Listen(TcpListen{.host = "127.0.0.1"}).ok());
  boost::asio::post(io, [&] { server->Stop(std::chrono::seconds(1), [&] { server.reset(); }); });
  io.run();
  EXPECT_FALSE(server.has_value());
}

TEST(HttpServer, SaysWhetherAResponseWasWritten) {
  HeldRequests held;
  TestServer server(held.handlers());
  std::vector<bool> delivered;
  const auto answer = [&] {
    Response response = MakeResponse(200, "text/plain", std::string(20'000'000, 'x'));
    response.written = [&](bool whole) { delivered.push_back(whole); };
    held.Answer(std::move(response));
  };
  TestClient client(server.port());
  client.Send(Get("/"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  server.OnIo(answer);
  EXPECT_GT(client.ReadResponse().size(), 20'000'000U);
  client.Send(Get("/"));
  server.WaitFor([](const Counts& counts) { return counts.requests == 2; });
  server.OnIo(answer);
  client.Close();
  server.WaitFor([](const Counts& counts) { return counts.connections == 0; });
  EXPECT_EQ(server.counts().undelivered, 1U);
  server.OnIo([&] { EXPECT_EQ(delivered, (std::vector{true, false})); });
}

TEST(HttpServer, MayEndBeforeARequestThatRuns) {
  HeldRequests held;
  TestServer server(held.handlers());
  TestClient running(server.port());
  TestClient idle(server.port());
  running.Send(Get("/"));
  idle.Send("GET /");
  server.WaitFor([](const Counts& counts) { return counts.requests == 1; });
  server.WaitForBytes(Get("/").size() + 5);
  server.End();
  server.OnIo([&] {
    EXPECT_EQ(held.cancelled(), 1);
    held.Answer(MakeResponse(200, "text/plain", std::string("late")));
  });
  EXPECT_EQ(running.ReadToEnd() + idle.ReadToEnd(), "");
}

}  // namespace
}  // namespace bulkhead::http
