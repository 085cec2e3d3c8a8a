// SPDX-License-Identifier: Apache-2.0
// Raw tensors through both ends of the protocol.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "channel/client_session.h"
#include "channel/limits.h"
#include "channel/test_messages.h"
#include "channel/worker_session.h"

namespace bulkhead::channel {
namespace {

using base::Code;
using base::ElementType;
using testing::ElementsAre;
using testing::HasSubstr;

const Bytes kNumbers(std::size_t{3} * 640 * 2 * 4, std::byte{42});
const Bytes kRows(std::size_t{6} * 2 * 4, std::byte{7});
const Bytes kHalf = BytesOf("hf");

InferRequest RequestOf(RequestId id, std::vector<uint32_t> wanted = {}) {
  InferRequest request;
  request.id = id;
  request.inputs = {{ElementType::kFloat32, {1, 3, 640, 2}, kNumbers}};
  request.outputs = std::move(wanted);
  return request;
}

InferReply ReplyWith(RequestId id, std::vector<InferOutput> outputs) {
  InferReply reply;
  reply.id = id;
  reply.times.infer = std::chrono::nanoseconds(3);
  reply.outputs = std::move(outputs);
  return reply;
}

InferOutput Rows() { return {0, {ElementType::kFloat32, {1, 6, 2}, kRows}}; }
InferOutput Half() { return {1, {ElementType::kFloat16, {}, kHalf}}; }

Bytes Sent(const InferAnswer& answer) {
  Bytes bytes = answer.front;
  for (const auto& output : answer.outputs) bytes = bytes + output;
  return bytes;
}

class InferSession : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Feed(client_, worker_.Start(HelloOf(yolo::Task::kDetect)).value()).ok());
  }

  // The request, at the worker.
  ArrivedRequest Arrive(const InferRequest& request) {
    auto events = Feed(worker_, client_.Begin(request).value() + kNumbers);
    EXPECT_TRUE(events.ok()) << events.error().detail;
    return std::get<ArrivedRequest>(std::move(events.value().at(0)));
  }

  void ExpectBreach(const Bytes& bytes, const std::string& rule) {
    const auto events = Feed(client_, bytes);
    ASSERT_FALSE(events.ok()) << rule;
    EXPECT_EQ(events.error().code, Code::kCorrupt);
    EXPECT_THAT(events.error().detail, HasSubstr(rule));
  }

  // The answer, with a body length that it does not have.
  Bytes Claiming(RequestId id, uint32_t body_bytes) {
    const auto header =
        EncodeHeader({.type = MessageType::kInferReply, .id = id, .body_bytes = body_bytes});
    return {header.begin(), header.end()};
  }

  WorkerSession worker_;
  ClientSession client_;
};

TEST_F(InferSession, TellsTheWorkerTheTensorsAlignedToTheirNumbers) {
  InferRequest request = RequestOf(3, {1});
  request.deadline = Deadline(99);
  const ArrivedRequest arrived = Arrive(request);
  EXPECT_EQ(arrived.id, 3U);
  EXPECT_EQ(arrived.deadline, Deadline(99));
  ASSERT_TRUE(arrived.inference);
  EXPECT_THAT(arrived.inference->wanted, ElementsAre(1));
  EXPECT_THAT(arrived.inference->inputs[0].dims, ElementsAre(1, 3, 640, 2));
  EXPECT_TRUE(std::ranges::equal(arrived.inference->inputs[0].bytes, kNumbers));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arrived.inference->inputs[0].bytes.data()) % 16, 0U);
}

TEST_F(InferSession, KeepsTheAlignmentBehindACancelAndAPicture) {
  const Bytes picture = BytesOf("odd");
  Bytes bytes = client_.Begin({.id = 1, .options = {}, .encoded = picture}).value() + picture;
  bytes = bytes + client_.Cancel(1).value() + client_.Begin(RequestOf(2)).value() + kNumbers;
  auto events = Feed(worker_, bytes);
  ASSERT_TRUE(events.ok());
  const auto& arrived = std::get<ArrivedRequest>(events.value().at(2));
  EXPECT_EQ(reinterpret_cast<uintptr_t>(arrived.inference->inputs[0].bytes.data()) % 16, 0U);
}

TEST_F(InferSession, AsksForEveryOutputWhenNoneIsNamed) {
  EXPECT_THAT(Arrive(RequestOf(1)).inference->wanted, ElementsAre(0, 1));
}

TEST_F(InferSession, TellsTheClientTheOutputsInPiecesOfAnySize) {
  RequestId id = 0;
  for (const std::size_t piece : {std::size_t{1}, std::size_t{7}, std::size_t{SIZE_MAX}}) {
    Arrive(RequestOf(++id, {1, 0}));
    auto events = Feed(client_, Sent(worker_.Reply(ReplyWith(id, {Half(), Rows()}))), piece);
    ASSERT_TRUE(events.ok()) << events.error().detail;
    auto reply = std::get<InferReply>(std::move(events.value().at(0)));
    EXPECT_EQ(reply.id, id);
    EXPECT_EQ(reply.times.infer.count(), 3);
    ASSERT_EQ(reply.outputs.size(), 2U);
    EXPECT_EQ(reply.outputs[0].index, 1U);
    EXPECT_TRUE(std::ranges::equal(reply.outputs[0].tensor.bytes, kHalf));
    EXPECT_THAT(reply.outputs[1].tensor.dims, ElementsAre(1, 6, 2));
    EXPECT_TRUE(std::ranges::equal(reply.outputs[1].tensor.bytes, kRows));
    client_.Recycle(std::move(reply.memory));
    EXPECT_EQ(client_.outstanding(), 0U);
  }
}

TEST_F(InferSession, DropsOutputsThatNobodyWaitsFor) {
  Arrive(RequestOf(1));
  Arrive(RequestOf(2));
  ASSERT_TRUE(client_.Abandon(1).ok());
  const auto events = Feed(client_, Sent(worker_.Reply(ReplyWith(1, {Rows(), Half()}))) +
                                        Sent(worker_.Reply(ReplyWith(2, {Rows(), Half()}))));
  ASSERT_TRUE(events.ok());
  ASSERT_EQ(events.value().size(), 1U);
  EXPECT_EQ(std::get<InferReply>(events.value()[0]).id, 2U);
}

TEST_F(InferSession, RefusesARequestThatTheGraphDoesNotTake) {
  InferRequest request = RequestOf(1);
  request.inputs[0].dims[1] = 4;
  EXPECT_EQ(client_.Begin(request).error().code, Code::kInvalid);
  EXPECT_EQ(client_.Begin(RequestOf(1, {2})).error().code, Code::kInvalid);
  EXPECT_EQ(client_.Begin(RequestOf(0)).error().code, Code::kInvalid);
  EXPECT_EQ(client_.outstanding(), 0U);
  EXPECT_TRUE(client_.Begin(RequestOf(1)).ok());
}

TEST_F(InferSession, TakesNoReplyOfTheOtherKind) {
  Arrive(RequestOf(1));
  ExpectBreach(worker_.Reply(ReplyOf(yolo::Task::kDetect, 1)), "of another kind");
}

TEST_F(InferSession, TakesNoTensorsForAPicture) {
  const Bytes picture = BytesOf("picture");
  const Bytes request =
      client_.Begin({.id = 1, .options = {}, .encoded = picture}).value() + picture;
  ASSERT_TRUE(Feed(worker_, request).ok());
  ExpectBreach(Sent(worker_.Reply(ReplyWith(1, {Half()}))), "of another kind");
}

TEST_F(InferSession, FindsALengthThatNoReplyHasBeforeItWaits) {
  Arrive(RequestOf(1, {1}));
  ExpectBreach(Claiming(1, 16 + 2 + 1), "longer than its request allows");
}

TEST_F(InferSession, BoundsWhatVariesByTheLimitOfAllTensors) {
  Arrive(RequestOf(1, {0}));
  ASSERT_TRUE(Feed(client_, Claiming(1, 16 + 24 + kTensorBytesMax)).ok());
}

TEST_F(InferSession, EndsWithAWorkerThatLiesAboutDimensions) {
  Arrive(RequestOf(1, {0}));
  Bytes reply = Sent(worker_.Reply(ReplyWith(1, {Rows()})));
  reply[kHeaderBytes + 16 + 16] = std::byte{3};  // 1 x 6 x 3, with the bytes of two
  ExpectBreach(reply, "do not parse");
}

TEST_F(InferSession, AnswersOutputsThatAreNotAsDeclaredWithAFailure) {
  Arrive(RequestOf(1, {0}));
  InferOutput bent = Rows();
  bent.tensor.dims = {1, 2, 6};
  const InferAnswer answer = worker_.Reply(ReplyWith(1, {bent}));
  EXPECT_TRUE(answer.outputs.empty());
  const auto events = Feed(client_, answer.front);
  ASSERT_TRUE(events.ok()) << events.error().detail;
  const auto& failure = std::get<FailureReply>(events.value().at(0));
  EXPECT_EQ(failure.error.code, Code::kUnsupported);
  EXPECT_THAT(failure.error.public_message, HasSubstr("output0 is 1x6x?, not 1x2x6"));
  EXPECT_EQ(worker_.outstanding(), 0U);
}

TEST_F(InferSession, EndsWithAClientThatLies) {
  Bytes request = client_.Begin(RequestOf(1)).value() + kNumbers;
  request[kHeaderBytes + 12 + 24] = std::byte{3};  // 1 x 3 x 640 x 3
  const auto events = Feed(worker_, request);
  ASSERT_FALSE(events.ok());
  EXPECT_THAT(events.error().detail, HasSubstr("tensors that"));
}

}  // namespace
}  // namespace bulkhead::channel
