// SPDX-License-Identifier: Apache-2.0
// A BlockingClient against a peer that follows a script in a thread. Nothing here sleeps: peers
// wait for bytes or for the end, and deadlines are met by peers that never answer.
#include "channel/blocking_client.h"

#include <array>
#include <functional>
#include <future>
#include <optional>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "channel/limits.h"
#include "channel/test_messages.h"
#include "channel/worker_session.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using std::chrono::milliseconds;
using testing::HasSubstr;
using yolo::Task;

constexpr milliseconds kLong{60'000};
constexpr milliseconds kShort{20};

// The worker's side of the socket, blocking.
class Peer {
 public:
  explicit Peer(int socket) : socket_(socket) {}

  WorkerSession session;

  void Send(const Bytes& bytes) const {
    std::span<const std::byte> rest = bytes;
    while (!rest.empty()) {
      const ssize_t sent = ::send(socket_, rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent < 0) return;
      rest = rest.subspan(static_cast<std::size_t>(sent));
    }
  }

  void SayHello() { Send(session.Start(HelloOf(Task::kDetect)).value()); }

  // Waits until something came, and leaves it there.
  void AwaitAByte() const {
    std::byte first{};
    EXPECT_EQ(::recv(socket_, &first, 1, MSG_PEEK), 1);
  }

  // The next request; nullopt at the end or on Drain.
  std::optional<ArrivedRequest> Next() {
    while (events_.empty()) {
      const std::span<std::byte> buffer = session.ReceiveBuffer();
      const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
      if (count <= 0) return std::nullopt;
      events_ = session.Received(static_cast<std::size_t>(count)).value();
    }
    WorkerEvent event = std::move(events_.front());
    events_.erase(events_.begin());
    auto* request = std::get_if<ArrivedRequest>(&event);
    if (request == nullptr) return std::nullopt;
    return std::move(*request);
  }

  void Answer(const ArrivedRequest& request) {
    DetectReply reply = ReplyOf(Task::kDetect, request.id);
    // What arrived shows in what is answered.
    reply.result.image_width = static_cast<int>(request.encoded().size() % 60'000) + 100;
    Send(session.Reply(reply));
  }

 private:
  int socket_;
  std::vector<WorkerEvent> events_;
};

class BlockingClientTest : public testing::Test {
 protected:
  void TearDown() override {
    if (worker_.joinable()) worker_.join();
  }

  // Starts the peer; its socket closes when the script ends.
  base::UniqueFd Start(std::function<void(Peer&)> script) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    worker_ = std::thread([script = std::move(script), end = ends[1]] {
      const base::UniqueFd socket(end);
      Peer peer(end);
      script(peer);
    });
    return base::UniqueFd(ends[0]);
  }

  // A client of a peer that says Hello and then follows the script.
  BlockingClient Client(std::function<void(Peer&)> script) {
    auto client = BlockingClient::Connect(Start([script = std::move(script)](Peer& peer) {
                                            peer.SayHello();
                                            script(peer);
                                          }),
                                          kLong);
    EXPECT_TRUE(client.ok());
    return std::move(client).value();
  }

 private:
  std::thread worker_;
};

void AnswerAll(Peer& peer) {
  while (auto request = peer.Next()) peer.Answer(*request);
}

// Reads until the client closes.
void WaitForTheEnd(Peer& peer) {
  while (peer.Next()) {
  }
}

const Bytes kPicture = BytesOf("a picture");

TEST_F(BlockingClientTest, SendsTensorsAndTakesTensors) {
  base::UniqueFd socket = Start([](Peer& peer) {
    peer.SayHello();
    const auto request = peer.Next();
    ASSERT_TRUE(request && request->inference);
    EXPECT_EQ(request->inference->inputs[0].bytes.size(), 3U * 640 * 4);
    EXPECT_EQ(request->inference->inputs[0].bytes.back(), std::byte{9});
    const Bytes half = BytesOf("hf");
    InferReply reply;
    reply.id = request->id;
    reply.outputs = {{1, {base::ElementType::kFloat16, {}, half}}};
    const InferAnswer answer = peer.session.Reply(reply);
    peer.Send(answer.front);
    peer.Send(Bytes(answer.outputs.at(0).begin(), answer.outputs.at(0).end()));
  });
  auto client = BlockingClient::Connect(std::move(socket), kLong);
  ASSERT_TRUE(client.ok());
  const Bytes numbers(std::size_t{3} * 640 * 4, std::byte{9});
  const base::TensorView input{base::ElementType::kFloat32, {1, 3, 640, 1}, numbers};
  const uint32_t wanted = 1;
  const auto reply = client.value().Infer({&input, 1}, {&wanted, 1}, kLong);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  ASSERT_EQ(reply.value().outputs.size(), 1U);
  EXPECT_TRUE(std::ranges::equal(reply.value().outputs[0].tensor.bytes, BytesOf("hf")));
}

TEST_F(BlockingClientTest, GetsTheReplyToEachRequest) {
  BlockingClient client = Client(AnswerAll);
  EXPECT_EQ(client.hello().spec.family, "YOLO11");
  for (const std::size_t size : {std::size_t{1}, std::size_t{300'000}, std::size_t{5'000'000}}) {
    const auto reply = client.Detect(Bytes(size), {}, kLong);
    ASSERT_TRUE(reply.ok()) << reply.error().detail;
    EXPECT_EQ(reply.value().result.image_width, static_cast<int>(size % 60'000) + 100);
  }
  EXPECT_TRUE(client.Drain(kLong).ok());
  EXPECT_FALSE(client.usable());
}

TEST_F(BlockingClientTest, GivesTheWorkersFailureAndGoesOn) {
  BlockingClient client = Client([](Peer& peer) {
    const auto first = peer.Next();
    peer.Send(peer.session.Fail(
        {.id = first->id, .error = base::PublicError(Code::kCorrupt, "not finite")}));
    AnswerAll(peer);
  });
  const auto failed = client.Detect(kPicture, {}, kLong);
  EXPECT_EQ(failed.error().code, Code::kCorrupt);
  EXPECT_EQ(failed.error().public_message, "not finite");
  EXPECT_TRUE(client.usable());
  EXPECT_TRUE(client.Detect(kPicture, {}, kLong).ok());
}

TEST_F(BlockingClientTest, SendsNothingThatTheWorkerWouldRefuse) {
  BlockingClient client = Client(AnswerAll);
  EXPECT_EQ(client.Detect({}, {}, kLong).error().code, Code::kInvalid);
  EXPECT_TRUE(client.Detect(kPicture, {}, kLong).ok());
}

TEST_F(BlockingClientTest, GivesTheErrorOfAWorkerThatCouldNotStart) {
  const auto client = BlockingClient::Connect(
      Start([](Peer& peer) {
        peer.Send(WorkerSession::EncodeStartFailure(base::PublicError(Code::kInvalid, "no YOLO")));
      }),
      kLong);
  ASSERT_FALSE(client.ok());
  EXPECT_EQ(client.error().public_message, "no YOLO");
}

TEST_F(BlockingClientTest, StopsWaitingForHello) {
  const auto client =
      BlockingClient::Connect(Start([](Peer& peer) {
                                EXPECT_TRUE(peer.session.Start(HelloOf(Task::kDetect)).ok());
                                WaitForTheEnd(peer);
                              }),
                              kShort);
  EXPECT_EQ(client.error().code, Code::kDeadline);
}

TEST_F(BlockingClientTest, SaysThatTheWorkerClosed) {
  BlockingClient client = Client([](Peer& peer) { (void)peer.Next(); });
  EXPECT_EQ(client.Detect(kPicture, {}, kLong).error().code, Code::kUnavailable);
  EXPECT_FALSE(client.usable());
  EXPECT_EQ(client.Detect(kPicture, {}, kLong).error().code, Code::kUnavailable);
  EXPECT_EQ(client.Drain(kLong).error().code, Code::kUnavailable);
}

TEST_F(BlockingClientTest, DoesNotDieOfAWorkerThatClosesWhileItSends) {
  BlockingClient client = Client([](Peer&) {});
  EXPECT_EQ(client.Detect(Bytes(kPictureBytesMax), {}, kLong).error().code, Code::kUnavailable);
}

// A reply of more bytes than a socket holds: stripes of one pixel.
DetectReply LongReply() {
  DetectReply reply = ReplyOf(Task::kSegment, 1);
  reply.result.image_width = reply.result.image_height = 1500;
  yolo::Mask mask{.width = 1500, .height = 1500, .bits = std::vector<uint8_t>(1500 * 1500)};
  for (std::size_t i = 0; i < mask.bits.size(); i += 2) mask.bits[i] = 1;
  reply.result.detections.resize(1);
  reply.result.detections[0].mask = std::move(mask);
  return reply;
}

// The bytes of an answer to request 1, from a session that needs not read it first.
Bytes EarlyAnswer() {
  WorkerSession session;
  ClientSession client;
  EXPECT_TRUE(Feed(client, session.Start(HelloOf(Task::kSegment)).value()).ok());
  const DetectRequest request{.id = 1, .options = {}, .encoded = kPicture};
  EXPECT_TRUE(Feed(session, client.Begin(request).value() + kPicture).ok());
  return session.Reply(LongReply());
}

TEST_F(BlockingClientTest, ReadsAnAnswerThatComesWhileItStillSends) {
  // Neither the request nor the answer fits the socket, and the peer reads nothing before its
  // answer was read.
  const Bytes answer = EarlyAnswer();
  const auto script = [&answer](Peer& peer) {
    peer.Send(peer.session.Start(HelloOf(Task::kSegment)).value());
    peer.AwaitAByte();
    peer.Send(answer);
    const auto first = peer.Next();
    EXPECT_EQ(first->encoded().size(), 20'000'000U);
    (void)peer.session.Fail({.id = 1, .error = {}});
    const auto second = peer.Next();
    peer.Send(peer.session.Reply(ReplyOf(Task::kSegment, second->id)));
  };
  auto client = BlockingClient::Connect(Start(script), kLong);
  ASSERT_TRUE(client.ok());
  const auto early = client.value().Detect(Bytes(20'000'000), {}, kLong);
  ASSERT_TRUE(early.ok()) << early.error().detail;
  EXPECT_EQ(early.value().result.image_width, 1500);
  EXPECT_TRUE(client.value().Detect(kPicture, {}, kLong).ok());
}

TEST_F(BlockingClientTest, FailsARequestThatIsAnsweredLateAndDropsTheAnswer) {
  std::promise<void> give_up;
  BlockingClient client = Client([late = give_up.get_future().share()](Peer& peer) {
    const auto first = peer.Next();
    late.wait();
    peer.Answer(*first);
    AnswerAll(peer);
  });
  EXPECT_EQ(client.Detect(Bytes(7), {}, kShort).error().code, Code::kDeadline);
  EXPECT_TRUE(client.usable());
  give_up.set_value();
  const auto reply = client.Detect(Bytes(9), {}, kLong);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(reply.value().result.image_width, 109);
}

TEST_F(BlockingClientTest, EndsAWorkerThatAnswersLateTwice) {
  std::promise<void> give_up;
  BlockingClient client = Client([late = give_up.get_future().share()](Peer& peer) {
    const auto first = peer.Next();
    late.wait();
    const Bytes answer = peer.session.Reply(ReplyOf(Task::kDetect, first->id));
    peer.Send(answer);
    peer.Send(answer);
    WaitForTheEnd(peer);
  });
  EXPECT_EQ(client.Detect(kPicture, {}, kShort).error().code, Code::kDeadline);
  give_up.set_value();
  const auto second = client.Detect(kPicture, {}, kLong);
  EXPECT_EQ(second.error().code, Code::kCorrupt);
  EXPECT_THAT(second.error().detail, HasSubstr("not outstanding"));
  EXPECT_FALSE(client.usable());
}

TEST_F(BlockingClientTest, SendsTheRestOfAPictureWhenAWorkerReadsAgain) {
  std::promise<void> give_up;
  BlockingClient client = Client([late = give_up.get_future().share()](Peer& peer) {
    late.wait();
    AnswerAll(peer);
  });
  EXPECT_EQ(client.Detect(Bytes(20'000'000), {}, kShort).error().code, Code::kDeadline);
  EXPECT_EQ(client.Detect(kPicture, {}, kShort).error().code, Code::kDeadline);
  give_up.set_value();
  const auto reply = client.Detect(Bytes(9), {}, kLong);
  ASSERT_TRUE(reply.ok()) << reply.error().detail;
  EXPECT_EQ(reply.value().result.image_width, 109);
  EXPECT_TRUE(client.Drain(kLong).ok());
}

TEST_F(BlockingClientTest, OwesAWorkerNoMoreThanItsFramesInFlight) {
  std::promise<void> give_up;
  BlockingClient client = Client([late = give_up.get_future().share()](Peer& peer) {
    late.wait();
    AnswerAll(peer);
  });
  // Hello allows 3; a fourth request would be a breach at the worker's end.
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(client.Detect(kPicture, {}, kShort).error().code, Code::kDeadline);
  }
  give_up.set_value();
  EXPECT_TRUE(client.Detect(kPicture, {}, kLong).ok());
}

TEST_F(BlockingClientTest, EndsAWorkerThatFloods) {
  BlockingClient client = Client([](Peer& peer) {
    const auto first = peer.Next();
    const Bytes answer = peer.session.Reply(ReplyOf(Task::kDetect, first->id));
    for (int i = 0; i < 10'000; ++i) peer.Send(answer);
  });
  (void)client.Detect(kPicture, {}, kLong);  // the first answer is a good one when it comes alone
  EXPECT_EQ(client.Drain(kLong).error().code, Code::kCorrupt);
}

TEST_F(BlockingClientTest, StopsWaitingForTheLastByteOfAnAnswer) {
  BlockingClient client = Client([](Peer& peer) {
    const auto first = peer.Next();
    const Bytes answer = peer.session.Reply(ReplyOf(Task::kDetect, first->id));
    peer.Send({answer.begin(), answer.end() - 1});
    WaitForTheEnd(peer);
  });
  EXPECT_EQ(client.Detect(kPicture, {}, kShort).error().code, Code::kDeadline);
}

TEST_F(BlockingClientTest, SaysThatADrainedWorkerOwedAnswers) {
  BlockingClient client = Client([](Peer& peer) {
    (void)peer.Next();
    (void)peer.Next();
  });
  EXPECT_EQ(client.Detect(kPicture, {}, kShort).error().code, Code::kDeadline);
  EXPECT_EQ(client.Drain(kLong).error().code, Code::kUnavailable);
}

TEST_F(BlockingClientTest, StopsWaitingForAWorkerThatDoesNotEnd) {
  std::promise<void> end;
  BlockingClient client = Client([until = end.get_future().share()](Peer& peer) {
    EXPECT_FALSE(peer.Next());
    until.wait();
  });
  EXPECT_EQ(client.Drain(kShort).error().code, Code::kDeadline);
  EXPECT_EQ(client.Detect(kPicture, {}, kLong).error().code, Code::kConflict);
  end.set_value();
  EXPECT_TRUE(client.Drain(kLong).ok());
}

TEST_F(BlockingClientTest, AsksForNothingWhenThereIsNoTime) {
  BlockingClient client = Client([](Peer& peer) { EXPECT_FALSE(peer.Next()); });
  EXPECT_EQ(client.Detect(kPicture, {}, milliseconds(0)).error().code, Code::kDeadline);
  EXPECT_EQ(client.Detect(kPicture, {}, milliseconds::min()).error().code, Code::kDeadline);
  EXPECT_TRUE(client.Drain(milliseconds::max()).ok());
}

}  // namespace
}  // namespace bulkhead::channel
