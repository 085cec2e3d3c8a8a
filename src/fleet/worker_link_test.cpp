// SPDX-License-Identifier: Apache-2.0
#include "fleet/worker_link.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/monotonic_clock.h"
#include "channel/message_header.h"
#include "fleet/test_worker.h"

namespace bulkhead::fleet {
namespace {

using base::Code;
using channel::DetectReply;
using testing::HasSubstr;
using testing::Not;

class WorkerLinkTest : public testing::Test {
 protected:
  void SetUp() override {
    LinkWatch watch{[this] { ++hellos_; },
                    [this](const base::Error& error) {
                      EXPECT_FALSE(broken_);
                      broken_ = error;
                    },
                    [this] { ++rooms_; }};
    auto link = WorkerLink::Open(io_, worker_.TakeFrames(), std::move(watch));
    ASSERT_TRUE(link.ok()) << link.error().detail;
    link_ = std::move(link).value();
  }

  void SayHello(int frames_in_flight_max = 3) {
    worker_.SayHello(frames_in_flight_max);
    RunReady(io_);
  }

  static DetectCall CallOf(std::size_t bytes) {
    const auto picture = std::make_shared<std::vector<std::byte>>(bytes, std::byte{7});
    DetectCall call;
    call.options.classes = {1};
    call.encoded = *picture;
    call.owner = picture;
    return call;
  }

  Outcome<base::Result<DetectReply>> Detect(DetectCall call, async::CancelToken cancel = {}) {
    link_->Reserve();
    auto outcome = Start(io_, link_->Detect(std::move(call), std::move(cancel)));
    RunReady(io_);
    return outcome;
  }

  // The tensor that the model takes.
  Outcome<base::Result<channel::InferReply>> Infer() {
    const auto numbers = std::make_shared<std::vector<std::byte>>(3 * 640 * 2 * sizeof(float));
    InferCall call;
    call.inputs = {{base::ElementType::kFloat32, {1, 3, 640, 2}, *numbers}};
    call.outputs = {0};
    call.owner = numbers;
    link_->Reserve();
    auto outcome = Start(io_, link_->Infer(std::move(call), {}));
    RunReady(io_);
    return outcome;
  }

  static void ExpectCode(const Outcome<base::Result<DetectReply>>& outcome, Code code) {
    ASSERT_TRUE(*outcome);
    ASSERT_FALSE((*outcome)->ok());
    EXPECT_EQ((*outcome)->error().code, code) << (*outcome)->error().detail;
  }

  boost::asio::io_context io_;
  PlayedWorker worker_;
  std::shared_ptr<WorkerLink> link_;
  int hellos_ = 0;
  int rooms_ = 0;
  std::optional<base::Error> broken_;
};

TEST_F(WorkerLinkTest, TakesCallsOnceTheWorkerSaidHello) {
  RunReady(io_);
  EXPECT_FALSE(link_->HasRoom());
  EXPECT_EQ(link_->hello(), nullptr);
  SayHello();
  EXPECT_EQ(hellos_, 1);
  EXPECT_TRUE(link_->HasRoom());
  EXPECT_EQ(link_->hello()->spec.class_names.size(), 2U);
}

TEST_F(WorkerLinkTest, GivesEachCallItsOwnReplyInWhateverOrderTheyCome) {
  SayHello();
  const auto first = Detect(CallOf(100));
  const auto second = Detect(CallOf(200));
  const auto requests = worker_.ReadRequests();
  ASSERT_EQ(requests.size(), 2U);
  EXPECT_EQ(requests[0].picture_bytes, 100U);
  EXPECT_EQ(requests[1].encoded().back(), std::byte{7});
  worker_.Reply(requests[1].id);
  RunReady(io_);
  EXPECT_FALSE(*first);
  ASSERT_TRUE(*second);
  EXPECT_EQ((*second)->value().id, requests[1].id);
  worker_.Reply(requests[0].id);
  RunReady(io_);
  ASSERT_TRUE(*first);
  EXPECT_EQ((*first)->value().id, requests[0].id);
  EXPECT_EQ(link_->load(), 0U);
}

TEST_F(WorkerLinkTest, ReadsRepliesIntoMemoryThatWasGivenBack) {
  SayHello();
  std::vector<const std::byte*> places;
  for (int i = 0; i < 3; ++i) {
    auto reply = Infer();
    worker_.ReplyNumbers(worker_.ReadRequests().at(0).id);
    RunReady(io_);
    ASSERT_TRUE(*reply);
    places.push_back((*reply)->value().memory.bytes().data());
    link_->reply_memory()->Give(std::move((*reply)->value().memory));
  }
  // One is always ready for the message after the one that is read.
  EXPECT_EQ(places[2], places[0]);
}

TEST_F(WorkerLinkTest, GivesTheWorkersOwnFailure) {
  SayHello();
  const auto call = Detect(CallOf(1));
  worker_.Fail(worker_.ReadRequests().at(0).id, base::PublicError(Code::kCorrupt, "no picture"));
  RunReady(io_);
  ExpectCode(call, Code::kCorrupt);
  EXPECT_EQ((*call)->error().public_message, "no picture");
  EXPECT_TRUE(link_->usable());
}

TEST_F(WorkerLinkTest, TakesNoMoreCallsThanTheWorkerDoesKeptPlacesIncluded) {
  SayHello(2);
  link_->Reserve();
  EXPECT_TRUE(link_->HasRoom());
  const auto call = Detect(CallOf(1));
  EXPECT_EQ(link_->load(), 2U);
  EXPECT_FALSE(link_->HasRoom());
  link_->GiveBack();
  EXPECT_TRUE(link_->HasRoom());
}

TEST_F(WorkerLinkTest, TellsOfRoomWhenAnAnswerCameAndWhenAPlaceWasGivenBack) {
  SayHello(1);
  const auto call = Detect(CallOf(1));
  rooms_ = 0;
  worker_.Reply(worker_.ReadRequests().at(0).id);
  RunReady(io_);
  EXPECT_EQ(rooms_, 1);
  link_->Reserve();
  link_->GiveBack();
  RunReady(io_);
  EXPECT_EQ(rooms_, 2);
}

TEST_F(WorkerLinkTest, EndsACallWhoseTimeIsUpAndDropsItsAnswer) {
  SayHello(1);
  DetectCall call = CallOf(1);
  call.deadline = base::MonotonicNow() + std::chrono::milliseconds(1);
  const auto late = Detect(std::move(call));
  RunUntil(io_, [&] { return late->has_value(); });
  ExpectCode(late, Code::kDeadline);
  EXPECT_FALSE(link_->HasRoom());
  worker_.Reply(worker_.ReadRequests().at(0).id);
  RunReady(io_);
  EXPECT_TRUE(link_->HasRoom());
  EXPECT_FALSE(broken_);
}

TEST_F(WorkerLinkTest, EndsTheLaterOfTwoDeadlinesToo) {
  SayHello();
  DetectCall sooner = CallOf(1);
  sooner.deadline = base::MonotonicNow() + std::chrono::milliseconds(1);
  DetectCall later = CallOf(1);
  later.deadline = sooner.deadline + std::chrono::milliseconds(1);
  const auto second = Detect(std::move(later));
  const auto first = Detect(std::move(sooner));
  RunUntil(io_, [&] { return first->has_value() && second->has_value(); });
  ExpectCode(first, Code::kDeadline);
  ExpectCode(second, Code::kDeadline);
}

TEST_F(WorkerLinkTest, TellsTheWorkerOfACancelledCallAndAnswersItAtOnce) {
  SayHello();
  async::CancelSource source;
  const auto call = Detect(CallOf(1), source.token());
  const auto id = worker_.ReadRequests().at(0).id;
  source.Cancel();
  RunReady(io_);
  ExpectCode(call, Code::kDeadline);
  const auto events = worker_.Read();
  ASSERT_EQ(events.size(), 1U);
  EXPECT_EQ(std::get<channel::CancelRequest>(events[0]).id, id);
  EXPECT_EQ(link_->load(), 1U);
  worker_.Fail(id, base::PublicError(Code::kDeadline, "cancelled"));
  RunReady(io_);
  EXPECT_EQ(link_->load(), 0U);
}

TEST_F(WorkerLinkTest, AnswersACallThatWasCancelledBeforeItBegan) {
  SayHello();
  async::CancelSource source;
  source.Cancel();
  ExpectCode(Detect(CallOf(1), source.token()), Code::kDeadline);
  EXPECT_FALSE(broken_);
}

TEST_F(WorkerLinkTest, SendsThePictureOfACancelledCallToItsEndAndLetsItGoThen) {
  SayHello();
  async::CancelSource source;
  DetectCall large = CallOf(std::size_t{8} << 20);  // far more than a socket holds
  const std::weak_ptr<const void> picture = large.owner;
  const auto cancelled = Detect(std::move(large), source.token());
  source.Cancel();
  const auto next = Detect(CallOf(5));
  ExpectCode(cancelled, Code::kDeadline);
  EXPECT_FALSE(picture.expired());
  std::vector<channel::ArrivedRequest> requests;
  while (requests.size() < 2) {
    for (auto& request : worker_.ReadRequests()) requests.push_back(std::move(request));
    RunReady(io_);
  }
  EXPECT_EQ(requests[0].picture_bytes, std::size_t{8} << 20);
  EXPECT_EQ(requests[1].picture_bytes, 5U);
  EXPECT_TRUE(picture.expired());
}

TEST_F(WorkerLinkTest, RefusesWhatTheModelCannotBeAskedAndGivesThePlaceBack) {
  SayHello();
  DetectCall call = CallOf(1);
  call.options.classes = {2};
  ExpectCode(Detect(std::move(call)), Code::kInvalid);
  EXPECT_EQ(link_->load(), 0U);
  EXPECT_TRUE(worker_.Read().empty());
}

TEST_F(WorkerLinkTest, EndsWithAWorkerThatAnswersWhatItWasNotAsked) {
  SayHello();
  const auto call = Detect(CallOf(1));
  worker_.Send(channel::EncodeHeader({.type = channel::MessageType::kDetectReply, .id = 77}));
  RunReady(io_);
  ASSERT_TRUE(broken_);
  EXPECT_EQ(broken_->code, Code::kCorrupt);
  ExpectCode(call, Code::kUnavailable);
  EXPECT_THAT((*call)->error().public_message, Not(HasSubstr("request")));
  EXPECT_FALSE(link_->usable());
}

TEST_F(WorkerLinkTest, EndsWithAWorkerThatSaysNonsenseInsteadOfHello) {
  worker_.Send(channel::BytesOf(std::string(64, 'x')));
  RunReady(io_);
  ASSERT_TRUE(broken_);
  EXPECT_EQ(broken_->code, Code::kCorrupt);
  EXPECT_EQ(hellos_, 0);
}

TEST_F(WorkerLinkTest, EndsWithAWorkerThatClosedItsSocket) {
  SayHello();
  const auto call = Detect(CallOf(1));
  worker_.Close();
  RunReady(io_);
  ASSERT_TRUE(broken_);
  EXPECT_EQ(broken_->code, Code::kUnavailable);
  ExpectCode(call, Code::kUnavailable);
}

TEST_F(WorkerLinkTest, SaysWhyAWorkerCouldNotStart) {
  worker_.Send(channel::WorkerSession::EncodeStartFailure(
      base::PublicError(Code::kUnsupported, "no such head")));
  RunReady(io_);
  ASSERT_TRUE(broken_);
  EXPECT_EQ(broken_->public_message, "no such head");
}

TEST_F(WorkerLinkTest, RefusesCallsAfterItsEnd) {
  SayHello();
  link_->Reserve();
  worker_.Close();
  RunReady(io_);
  const auto call = Start(io_, link_->Detect(CallOf(1), {}));
  RunReady(io_);
  ExpectCode(call, Code::kUnavailable);
}

TEST_F(WorkerLinkTest, EndsItsCallsWhenItIsDroppedAndTellsItsOwnerNothing) {
  SayHello();
  const auto call = Detect(CallOf(1));
  link_.reset();
  RunReady(io_);
  ExpectCode(call, Code::kUnavailable);
  EXPECT_FALSE(broken_);
}

TEST_F(WorkerLinkTest, MayBeDroppedByItsOwnerWhenItBreaks) {
  std::shared_ptr<WorkerLink> link;
  PlayedWorker worker;
  LinkWatch watch;
  watch.on_broken = [&](const base::Error& /*error*/) { link.reset(); };
  link = WorkerLink::Open(io_, worker.TakeFrames(), std::move(watch)).value();
  worker.Close();
  RunReady(io_);
  EXPECT_EQ(link, nullptr);
}

}  // namespace
}  // namespace bulkhead::fleet
