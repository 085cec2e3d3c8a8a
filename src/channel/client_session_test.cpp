// SPDX-License-Identifier: Apache-2.0
#include "channel/client_session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/test_messages.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using testing::HasSubstr;
using yolo::Task;

Bytes Message(const MessageHeader& header, const Bytes& body) {
  MessageHeader whole = header;
  whole.body_bytes = static_cast<uint32_t>(body.size());
  const auto bytes = EncodeHeader(whole);
  return Bytes(bytes.begin(), bytes.end()) + body;
}

Bytes HelloMessage(Task task = Task::kDetect) {
  return Message({.type = MessageType::kHello}, EncodeHello(HelloOf(task)).value());
}

Bytes ReplyMessage(RequestId id, Task task = Task::kDetect) {
  return Message({.type = MessageType::kDetectReply, .id = id},
                 EncodeReply(ShapeOf(HelloOf(task).spec), ReplyOf(task, id)).value());
}

Bytes FailureMessage(RequestId id) {
  return Message({.type = MessageType::kFailureReply, .id = id},
                 EncodeFailure(base::PublicError(Code::kInvalid, "no picture")));
}

const Bytes kPicture = BytesOf("a picture");

DetectRequest RequestOf(RequestId id) { return {.id = id, .options = {}, .encoded = kPicture}; }

// After Hello, with the requests 1 to `requests`.
ClientSession Serving(RequestId requests = 0, Task task = Task::kDetect) {
  ClientSession session;
  EXPECT_TRUE(Feed(session, HelloMessage(task)).ok());
  for (RequestId id = 1; id <= requests; ++id) EXPECT_TRUE(session.Begin(RequestOf(id)).ok());
  return session;
}

// What the worker said is a breach of this rule, for good.
void ExpectBreach(ClientSession& session, const Bytes& bytes, const std::string& rule) {
  const auto events = Feed(session, bytes);
  ASSERT_FALSE(events.ok()) << rule;
  EXPECT_EQ(events.error().code, Code::kCorrupt);
  EXPECT_THAT(events.error().detail, HasSubstr(rule));
  EXPECT_THAT(session.Received(0).error().detail, HasSubstr(rule));
}

TEST(ClientSession, TellsHelloFirst) {
  ClientSession session;
  EXPECT_EQ(session.hello(), nullptr);
  const auto events = Feed(session, HelloMessage());
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events.value().size(), 1U);
  EXPECT_EQ(std::get<Hello>(events.value()[0]).engine, "ONNX Runtime 1.30");
  ASSERT_NE(session.hello(), nullptr);
  EXPECT_EQ(session.hello()->spec.class_names.size(), 2U);
}

TEST(ClientSession, TellsRepliesInPiecesOfAnySize) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{SIZE_MAX}}) {
    ClientSession session = Serving(2);
    const auto events = Feed(session, FailureMessage(2) + ReplyMessage(1), piece);
    ASSERT_TRUE(events.ok()) << events.error().detail;
    ASSERT_EQ(events.value().size(), 2U);
    EXPECT_EQ(std::get<FailureReply>(events.value()[0]).error.public_message, "no picture");
    EXPECT_EQ(std::get<DetectReply>(events.value()[1]).id, 1U);
    EXPECT_EQ(session.outstanding(), 0U);
  }
}

TEST(ClientSession, ReadsRepliesOfEveryTask) {
  for (const Task task : kEveryTask) {
    ClientSession session = Serving(1, task);
    EXPECT_TRUE(Feed(session, ReplyMessage(1, task)).ok());
  }
}

TEST(ClientSession, TellsThatTheWorkerCouldNotStart) {
  ClientSession session;
  const auto events = Feed(session, FailureMessage(0));
  ASSERT_TRUE(events.ok());
  EXPECT_EQ(std::get<FailureReply>(events.value().at(0)).error.code, Code::kInvalid);
  ExpectBreach(session, HelloMessage(), "after the failure to start");
}

TEST(ClientSession, DropsTheReplyThatNobodyWaitsFor) {
  ClientSession session = Serving(2);
  ASSERT_TRUE(session.Abandon(1).ok());
  EXPECT_EQ(session.outstanding(), 2U);
  const auto events = Feed(session, ReplyMessage(1) + ReplyMessage(2));
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events.value().size(), 1U);
  EXPECT_EQ(std::get<DetectReply>(events.value()[0]).id, 2U);
  ExpectBreach(session, ReplyMessage(1), "not outstanding");
}

TEST(ClientSession, ChecksTheReplyThatNobodyWaitsFor) {
  ClientSession session = Serving(1);
  ASSERT_TRUE(session.Abandon(1).ok());
  DetectReply reply = ReplyOf(Task::kDetect, 1);
  reply.result.detections[0].class_index = 5;
  ExpectBreach(session,
               Message({.type = MessageType::kDetectReply, .id = 1},
                       EncodeReply(ShapeOf(HelloOf(Task::kDetect).spec), reply).value()),
               "class that the model does not have");
}

TEST(ClientSession, EndsWithTheFirstBadHeader) {
  ClientSession session = Serving();
  ExpectBreach(session, Bytes(kHeaderBytes), "magic");
}

TEST(ClientSession, RefusesADeadlineOfAReply) {
  ClientSession session = Serving(1);
  ExpectBreach(session,
               Message({.type = MessageType::kFailureReply, .id = 1, .deadline = Deadline(1)}, {}),
               "deadline");
}

TEST(ClientSession, RefusesAnythingBeforeHello) {
  ClientSession reply_first;
  ExpectBreach(reply_first, ReplyMessage(1), "before Hello");
  ClientSession failure_first;
  ExpectBreach(failure_first, FailureMessage(1), "before Hello");
  ClientSession drain_first;
  ExpectBreach(drain_first, Message({.type = MessageType::kDrain}, {}), "before Hello");
}

TEST(ClientSession, RefusesASecondHello) {
  ClientSession session = Serving();
  ExpectBreach(session, HelloMessage(), "no reply");
}

TEST(ClientSession, RefusesMessagesOfAClient) {
  for (const MessageType type :
       {MessageType::kDetectRequest, MessageType::kCancelRequest, MessageType::kDrain}) {
    ClientSession session = Serving(1);
    ExpectBreach(session, Message({.type = type, .id = 1}, {}), "no reply");
  }
}

TEST(ClientSession, RefusesAHelloThatDoesNotHold) {
  Bytes body = EncodeHello(HelloOf(Task::kDetect)).value();
  body[0] = std::byte{0};
  ClientSession session;
  ExpectBreach(session, Message({.type = MessageType::kHello}, body), "largest batch");
}

TEST(ClientSession, RefusesAReplyToNothing) {
  ClientSession session = Serving(1);
  ExpectBreach(session, ReplyMessage(2), "not outstanding");
  ClientSession failing = Serving(1);
  ExpectBreach(failing, FailureMessage(0), "not outstanding");
}

TEST(ClientSession, RefusesTheSecondReplyToARequest) {
  ClientSession session = Serving(2);
  ExpectBreach(session, ReplyMessage(1) + ReplyMessage(1), "not outstanding");
}

TEST(ClientSession, RefusesAReplyThatBreaksItsRules) {
  ClientSession session;
  ASSERT_TRUE(Feed(session, HelloMessage()).ok());
  DetectRequest request = RequestOf(1);
  request.options.confidence_min = 0.8F;
  ASSERT_TRUE(session.Begin(request).ok());
  ExpectBreach(session, ReplyMessage(1), "below the threshold");
}

TEST(ClientSession, RefusesABodyThatDoesNotParse) {
  ClientSession replies = Serving(1);
  ExpectBreach(replies, Message({.type = MessageType::kDetectReply, .id = 1}, Bytes(3)), "parse");
  ClientSession failures = Serving(1);
  ExpectBreach(failures, Message({.type = MessageType::kFailureReply, .id = 1}, {}), "parse");
}

// Only a header: the body must not be waited for.
Bytes LongMessage(MessageType type, RequestId id, std::size_t body_bytes) {
  const auto header =
      EncodeHeader({.type = type, .id = id, .body_bytes = static_cast<uint32_t>(body_bytes)});
  return {header.begin(), header.end()};
}

TEST(ClientSession, RefusesABodyLongerThanItsMessageBeforeItComes) {
  ClientSession hello;
  ExpectBreach(hello, LongMessage(MessageType::kHello, 0, kHelloBytesMax + 1), "Hello longer");
  ClientSession start;
  ExpectBreach(start, LongMessage(MessageType::kFailureReply, 0, kFailureBytesMax + 1),
               "failure longer");
  ClientSession failure = Serving(1);
  ExpectBreach(failure, LongMessage(MessageType::kFailureReply, 1, kFailureBytesMax + 1),
               "longer than its request allows");
  ClientSession reply = Serving(1);
  const std::size_t longest = ReplyBytesMax(ShapeOf(HelloOf(Task::kDetect).spec), 300);
  EXPECT_TRUE(Feed(reply, LongMessage(MessageType::kDetectReply, 1, longest)).ok());
  ClientSession longer = Serving(1);
  ExpectBreach(longer, LongMessage(MessageType::kDetectReply, 1, longest + 1),
               "longer than its request allows");
}

TEST(ClientSession, TurnsMasksOverItsLimitIntoAFailure) {
  ClientSession session(ClientLimits{.mask_pixels_max = 11});
  ASSERT_TRUE(Feed(session, HelloMessage(Task::kSegment)).ok());
  ASSERT_TRUE(session.Begin(RequestOf(1)).ok());
  const auto events = Feed(session, ReplyMessage(1, Task::kSegment));
  ASSERT_TRUE(events.ok());
  EXPECT_EQ(std::get<FailureReply>(events.value().at(0)).error.code, Code::kExhausted);
  EXPECT_EQ(session.outstanding(), 0U);
}

TEST(ClientSession, BeginsNothingBeforeHelloOrAfterDrain) {
  ClientSession session;
  EXPECT_EQ(session.Begin(RequestOf(1)).error().code, Code::kConflict);
  EXPECT_EQ(session.BeginDrain().error().code, Code::kConflict);
  ASSERT_TRUE(Feed(session, HelloMessage()).ok());
  EXPECT_TRUE(session.BeginDrain().ok());
  EXPECT_EQ(session.Begin(RequestOf(1)).error().code, Code::kConflict);
  EXPECT_EQ(session.BeginDrain().error().code, Code::kConflict);
}

TEST(ClientSession, StillTakesRepliesAfterDrain) {
  ClientSession session = Serving(1);
  ASSERT_TRUE(session.BeginDrain().ok());
  EXPECT_TRUE(Feed(session, ReplyMessage(1)).ok());
}

TEST(ClientSession, BeginsNoMoreThanTheWorkerTakes) {
  ClientSession session = Serving(3);
  EXPECT_EQ(session.Begin(RequestOf(4)).error().code, Code::kExhausted);
  ASSERT_TRUE(Feed(session, ReplyMessage(2)).ok());
  EXPECT_TRUE(session.Begin(RequestOf(4)).ok());
}

TEST(ClientSession, BeginsNoRequestThatItsWorkerWouldRefuse) {
  const Bytes too_large(kPictureBytesMax + 1);
  std::vector<DetectRequest> requests(7, RequestOf(2));
  requests[0].id = 1;  // used already
  requests[1].deadline = Deadline(-1);
  requests[2].encoded = {};
  requests[3].encoded = too_large;
  requests[4].options.iou_max = 1.5F;
  requests[5].options.classes = {0, 2};
  requests[6].options.classes = {-1};
  ClientSession session = Serving(1);
  for (const DetectRequest& request : requests) {
    EXPECT_EQ(session.Begin(request).error().code, Code::kInvalid);
  }
  EXPECT_EQ(session.outstanding(), 1U);
}

TEST(ClientSession, CancelsOnlyWhatIsOutstanding) {
  ClientSession session = Serving(1);
  EXPECT_EQ(session.Cancel(2).error().code, Code::kNotFound);
  EXPECT_EQ(session.Abandon(2).error().code, Code::kNotFound);
  const auto cancel = session.Cancel(1);
  ASSERT_TRUE(cancel.ok());
  EXPECT_EQ(cancel.value(), Message({.type = MessageType::kCancelRequest, .id = 1}, {}));
}

}  // namespace
}  // namespace bulkhead::channel
