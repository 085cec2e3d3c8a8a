// SPDX-License-Identifier: Apache-2.0
#include "channel/worker_session.h"

#include <algorithm>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/client_session.h"
#include "channel/limits.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using testing::HasSubstr;
using yolo::Task;

const Bytes kPicture = BytesOf("a picture");

WorkerSession Serving(Task task = Task::kDetect) {
  WorkerSession session;
  EXPECT_TRUE(session.Start(HelloOf(task)).ok());
  return session;
}

// A client that has heard this worker's Hello.
ClientSession ClientOf(Task task = Task::kDetect) {
  WorkerSession twin;
  ClientSession client;
  EXPECT_TRUE(Feed(client, twin.Start(HelloOf(task)).value()).ok());
  return client;
}

Bytes RequestBytes(ClientSession& client, RequestId id, const Bytes& picture = kPicture,
                   Deadline deadline = Deadline(0)) {
  return client.Begin({.id = id, .deadline = deadline, .options = {}, .encoded = picture}).value() +
         picture;
}

// The bytes of requests 1 to `count`, as a client without any limit might send them.
Bytes Requests(RequestId count) {
  Bytes bytes;
  for (RequestId id = 1; id <= count; ++id) {
    ClientSession client = ClientOf();
    bytes = bytes + RequestBytes(client, id);
  }
  return bytes;
}

Bytes HeaderOnly(const MessageHeader& header) {
  const auto bytes = EncodeHeader(header);
  return {bytes.begin(), bytes.end()};
}

void ExpectBreach(WorkerSession& session, const Bytes& bytes, const std::string& rule) {
  const auto events = Feed(session, bytes);
  ASSERT_FALSE(events.ok()) << rule;
  EXPECT_EQ(events.error().code, Code::kCorrupt);
  EXPECT_THAT(events.error().detail, HasSubstr(rule));
  EXPECT_THAT(session.Received(0).error().detail, HasSubstr(rule));
}

TEST(WorkerSession, TellsRequestsWithTheirPicturesInPiecesOfAnySize) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{11}, std::size_t{SIZE_MAX}}) {
    ClientSession client = ClientOf();
    WorkerSession session = Serving();
    const Bytes other = BytesOf("another picture");
    const Bytes first_bytes = RequestBytes(client, 3, kPicture, Deadline(99));
    const auto events = Feed(session, first_bytes + RequestBytes(client, 4, other), piece);
    ASSERT_TRUE(events.ok()) << events.error().detail;
    ASSERT_EQ(events.value().size(), 2U);
    const auto& first = std::get<ArrivedRequest>(events.value()[0]);
    EXPECT_EQ(first.id, 3U);
    EXPECT_EQ(first.deadline, Deadline(99));
    EXPECT_EQ(first.options.detections_max, 300);
    EXPECT_TRUE(std::ranges::equal(first.encoded(), kPicture));
    EXPECT_TRUE(std::ranges::equal(std::get<ArrivedRequest>(events.value()[1]).encoded(), other));
    EXPECT_EQ(session.outstanding(), 2U);
  }
}

TEST(WorkerSession, TellsALargestPicture) {
  ClientSession client = ClientOf();
  WorkerSession session = Serving();
  const Bytes picture(kPictureBytesMax, std::byte{7});
  const auto events = Feed(session, RequestBytes(client, 1, picture));
  ASSERT_TRUE(events.ok()) << events.error().detail;
  const auto encoded = std::get<ArrivedRequest>(events.value().at(0)).encoded();
  EXPECT_EQ(encoded.size(), kPictureBytesMax);
  EXPECT_EQ(encoded.back(), std::byte{7});
}

TEST(WorkerSession, WipesAMemoryAndUsesItAgain) {
  WorkerSession session = Serving();
  auto events = Feed(session, Requests(1));
  ASSERT_TRUE(events.ok());
  FrameBuffer buffer = std::move(std::get<ArrivedRequest>(events.value()[0]).buffer);
  const std::byte* const memory = buffer.bytes().data();
  const std::size_t used = buffer.bytes().size();
  session.Recycle(std::move(buffer));
  (void)session.Fail({.id = 1, .error = {}});
  // The recycled memory takes over from the one that request 2 arrives in.
  ClientSession client = ClientOf();
  auto second = Feed(session, RequestBytes(client, 2));
  ASSERT_TRUE(second.ok());
  const std::span<const std::byte> free = session.ReceiveBuffer();
  EXPECT_EQ(free.data(), memory);
  EXPECT_TRUE(std::ranges::all_of(free.first(used), [](std::byte b) { return b == std::byte{0}; }));
}

TEST(WorkerSession, AnswersSoThatAClientUnderstands) {
  for (const Task task : kEveryTask) {
    WorkerSession session = Serving(task);
    ClientSession client = ClientOf(task);
    ASSERT_TRUE(Feed(session, RequestBytes(client, 1)).ok());
    ASSERT_TRUE(Feed(session, RequestBytes(client, 2)).ok());
    const auto events =
        Feed(client, session.Fail({.id = 2, .error = base::PublicError(Code::kInvalid, "no")}) +
                         session.Reply(ReplyOf(task, 1)));
    ASSERT_TRUE(events.ok()) << events.error().detail;
    EXPECT_EQ(std::get<FailureReply>(events.value().at(0)).error.public_message, "no");
    EXPECT_EQ(std::get<DetectReply>(events.value().at(1)).result.image_width, 100);
    EXPECT_EQ(session.outstanding(), 0U);
  }
}

TEST(WorkerSession, AnswersAResultThatNoMessageHoldsWithAFailure) {
  WorkerSession session = Serving();
  ClientSession client = ClientOf();
  ASSERT_TRUE(Feed(session, RequestBytes(client, 1)).ok());
  DetectReply reply = ReplyOf(Task::kDetect, 1);
  reply.result.detections.assign(std::size_t{kDetectionsMax} + 1, reply.result.detections[0]);
  const auto events = Feed(client, session.Reply(reply));
  ASSERT_TRUE(events.ok()) << events.error().detail;
  EXPECT_EQ(std::get<FailureReply>(events.value().at(0)).error.code, Code::kExhausted);
}

TEST(WorkerSession, SaysWhyItCouldNotStart) {
  ClientSession client;
  const auto events =
      Feed(client,
           WorkerSession::EncodeStartFailure(base::PublicError(Code::kUnsupported, "not a YOLO")));
  ASSERT_TRUE(events.ok());
  EXPECT_EQ(std::get<FailureReply>(events.value().at(0)).error.public_message, "not a YOLO");
}

TEST(WorkerSession, DoesNotStartWithAModelThatHelloCannotCarry) {
  Hello hello = HelloOf(Task::kDetect);
  hello.spec.class_names[0] = "\xFF";
  WorkerSession session;
  EXPECT_EQ(session.Start(hello).error().code, Code::kInvalid);
}

TEST(WorkerSession, TellsACancelOnlyBeforeTheAnswer) {
  WorkerSession session = Serving();
  const Bytes cancel = HeaderOnly({.type = MessageType::kCancelRequest, .id = 1});
  auto events = Feed(session, Requests(1) + cancel);
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events.value().size(), 2U);
  EXPECT_EQ(std::get<CancelRequest>(events.value()[1]).id, 1U);
  (void)session.Fail({.id = 1, .error = {}});
  events = Feed(session, cancel);
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(events.value().empty());
}

TEST(WorkerSession, TellsDrainAndCancelsAfterIt) {
  WorkerSession session = Serving();
  const auto events = Feed(session, Requests(1) + HeaderOnly({.type = MessageType::kDrain}) +
                                        HeaderOnly({.type = MessageType::kCancelRequest, .id = 1}));
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events.value().size(), 3U);
  EXPECT_TRUE(std::holds_alternative<Drain>(events.value()[1]));
  EXPECT_TRUE(session.draining());
}

TEST(WorkerSession, RefusesARequestAfterDrain) {
  WorkerSession session = Serving();
  ExpectBreach(session, HeaderOnly({.type = MessageType::kDrain}) + Requests(1), "after Drain");
}

TEST(WorkerSession, RefusesASecondDrainAndOneWithAnId) {
  const Bytes drain = HeaderOnly({.type = MessageType::kDrain});
  WorkerSession twice = Serving();
  ExpectBreach(twice, drain + drain, "Drain");
  WorkerSession named = Serving();
  ExpectBreach(named, HeaderOnly({.type = MessageType::kDrain, .id = 1}), "Drain");
}

TEST(WorkerSession, RefusesAnIdThatDoesNotRise) {
  WorkerSession session = Serving();
  ExpectBreach(session, Requests(1) + Requests(1), "does not rise");
  WorkerSession zero = Serving();
  ExpectBreach(zero, HeaderOnly({.type = MessageType::kDetectRequest, .id = 0, .body_bytes = 30}),
               "does not rise");
}

TEST(WorkerSession, RefusesMoreFramesThanItTakes) {
  WorkerSession session = Serving();
  ASSERT_TRUE(Feed(session, Requests(3)).ok());
  ClientSession client = ClientOf();
  ExpectBreach(session, RequestBytes(client, 4), "in flight");
}

TEST(WorkerSession, RefusesACancelOfWhatWasNeverAsked) {
  for (const RequestId id : {RequestId{0}, RequestId{2}}) {
    WorkerSession session = Serving();
    ExpectBreach(session, Requests(1) + HeaderOnly({.type = MessageType::kCancelRequest, .id = id}),
                 "never asked");
  }
}

TEST(WorkerSession, RefusesADeadlineOrABodyOfAMessageThatHasNone) {
  for (const MessageType type : {MessageType::kCancelRequest, MessageType::kDrain}) {
    WorkerSession late = Serving();
    ExpectBreach(late, HeaderOnly({.type = type, .deadline = Deadline(1)}), "has none");
    WorkerSession long_one = Serving();
    ExpectBreach(long_one, HeaderOnly({.type = type, .body_bytes = 1}), "has none");
  }
}

TEST(WorkerSession, RefusesMessagesOfAWorker) {
  for (const MessageType type :
       {MessageType::kHello, MessageType::kDetectReply, MessageType::kFailureReply}) {
    WorkerSession session = Serving();
    ExpectBreach(session, HeaderOnly({.type = type}), "of a worker");
  }
}

TEST(WorkerSession, RefusesABadHeader) {
  WorkerSession session = Serving();
  ExpectBreach(session, Bytes(kHeaderBytes), "magic");
}

// A request whose body is its options alone, of which one byte is changed.
Bytes RequestWith(std::size_t offset, int value, const Bytes& picture) {
  ClientSession client = ClientOf();
  const Bytes whole = RequestBytes(client, 1);
  Bytes options(whole.begin() + kHeaderBytes, whole.end() - std::ssize(kPicture));
  options.at(offset) = static_cast<std::byte>(value);
  return HeaderOnly({.type = MessageType::kDetectRequest,
                     .id = 1,
                     .body_bytes = static_cast<uint32_t>(options.size() + picture.size())}) +
         options + picture;
}

TEST(WorkerSession, RefusesOptionsOutOfTheirRange) {
  WorkerSession session = Serving();
  ExpectBreach(session, RequestWith(12, 2, kPicture), "options");
}

TEST(WorkerSession, RefusesARequestWithoutAPictureAndOneTooLarge) {
  WorkerSession empty = Serving();
  ExpectBreach(empty, RequestWith(13, 0, {}), "picture");
  WorkerSession large = Serving();
  ExpectBreach(large, RequestWith(13, 0, Bytes(kPictureBytesMax + 1)), "picture");
}

TEST(WorkerSessionDeathTest, AbortsWhenItAnswersWhatIsNotOutstanding) {
  WorkerSession session = Serving();
  EXPECT_DEATH((void)session.Fail({.id = 1, .error = {}}), "check failed");
}

}  // namespace
}  // namespace bulkhead::channel
