// SPDX-License-Identifier: Apache-2.0
#include "worker/request_queue.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/monotonic_clock.h"
#include "channel/client_session.h"
#include "worker/test_worker.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using channel::RequestId;
using std::chrono::hours;
using std::chrono::nanoseconds;
using testing::ElementsAre;
using testing::IsEmpty;

// Long enough that no test that waits for it ends.
constexpr BatchPolicy kFour{4, hours(1)};

// A queue and the other end of its protocol, without a socket between them.
class RequestQueueTest : public testing::Test {
 protected:
  void Open(int frames_in_flight_max = 16) {
    channel::Hello hello;
    hello.spec = yolo::ReadModelSpec(TestGraph(1, 64)).value();
    hello.engine = "test";
    hello.frames_in_flight_max = frames_in_flight_max;
    hello.inputs = {{"images", base::ElementType::kUint8, {-1}}};
    hello.outputs = {{"output0", base::ElementType::kUint8, {-1}}};
    const auto bytes = queue_.Open(hello);
    ASSERT_TRUE(bytes.ok()) << bytes.error().detail;
    Tell(client_, bytes.value());
  }

  static void Tell(channel::ClientSession& client, std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::span<std::byte> buffer = client.ReceiveBuffer();
      const std::size_t count = std::min(buffer.size(), bytes.size());
      std::ranges::copy(bytes.first(count), buffer.begin());
      ASSERT_TRUE(client.Received(count).ok());
      bytes = bytes.subspan(count);
    }
  }

  void Feed(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const std::span<std::byte> buffer = queue_.NextBuffer();
      ASSERT_FALSE(buffer.empty());
      const std::size_t count = std::min(buffer.size(), bytes.size());
      std::ranges::copy(bytes.first(count), buffer.begin());
      queue_.Received(count);
      bytes = bytes.subspan(count);
    }
  }

  void Request(RequestId id, nanoseconds deadline = nanoseconds(0),
               const std::string& picture = "picture") {
    RequestOf(client_, id, deadline, picture);
  }

  void RequestOf(channel::ClientSession& client, RequestId id, nanoseconds deadline,
                 const std::string& picture) {
    const auto encoded = std::as_bytes(std::span(picture));
    Feed(client.Begin({id, deadline, {}, encoded}).value());
    Feed(encoded);
  }

  void InferRequest(RequestId id, nanoseconds deadline = nanoseconds(0)) {
    const std::string numbers = "numbers";
    channel::InferRequest request{.id = id, .deadline = deadline};
    request.inputs = {{base::ElementType::kUint8, {7}, std::as_bytes(std::span(numbers))}};
    Feed(client_.Begin(request).value());
    Feed(request.inputs[0].bytes);
  }

  static std::vector<RequestId> Ids(const std::vector<WaitingRequest>& requests) {
    std::vector<RequestId> ids;
    for (const auto& waiting : requests) ids.push_back(waiting.request.id);
    return ids;
  }

  void AnswerAll(std::vector<WaitingRequest> requests) {
    for (WaitingRequest& waiting : requests) {
      queue_.Fail({waiting.request.id, base::PublicError(Code::kInvalid, "no")});
      queue_.Recycle(std::move(waiting));
    }
  }

  RequestQueue queue_{kFour};
  channel::ClientSession client_;
};

TEST_F(RequestQueueTest, GivesOutRequestsInTheirOrder) {
  Open();
  Request(1);
  Request(2);
  Request(3);
  Request(4);
  const auto work = queue_.Take();
  ASSERT_TRUE(work);
  EXPECT_THAT(work->too_late, IsEmpty());
  EXPECT_THAT(Ids(work->batch), ElementsAre(1, 2, 3, 4));
  const auto encoded = work->batch[0].request.encoded();
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(encoded.data()), encoded.size()), "picture");
}

TEST_F(RequestQueueTest, GivesOutALoneRequestAtOnce) {
  Open();
  Request(1);
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(1));
}

TEST_F(RequestQueueTest, KeepsWhatDoesNotFitABatch) {
  Open();
  for (RequestId id = 1; id <= 5; ++id) Request(id);
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(5));
}

TEST_F(RequestQueueTest, GivesOutFirstWhatIsPastItsDeadline) {
  Open();
  Request(1);
  Request(2, nanoseconds(1));
  Request(3, base::MonotonicNow() + hours(1));
  EXPECT_THAT(Ids(queue_.Take()->too_late), ElementsAre(2));
}

TEST_F(RequestQueueTest, GivesOutFirstWhatWasCancelled) {
  Open();
  Request(1);
  Request(2);
  Feed(client_.Cancel(1).value());
  const auto work = queue_.Take();
  EXPECT_THAT(Ids(work->too_late), ElementsAre(1));
  EXPECT_THAT(work->batch, IsEmpty());
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(2));
}

TEST_F(RequestQueueTest, IgnoresTheCancellingOfWhatHasBegun) {
  Open();
  Request(1);
  auto begun = queue_.Take();
  Feed(client_.Cancel(1).value());
  AnswerAll(std::move(begun->batch));
  Request(2);
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(2));
}

TEST_F(RequestQueueTest, GivesOutTensorsAloneAndInTheirOrder) {
  Open();
  InferRequest(1);
  InferRequest(2);
  Request(3);
  for (const RequestId id : {1U, 2U}) {
    const auto work = queue_.Take();
    ASSERT_TRUE(work && work->inference);
    EXPECT_EQ(work->inference->request.id, id);
    EXPECT_THAT(work->batch, IsEmpty());
  }
  const auto work = queue_.Take();
  EXPECT_THAT(Ids(work->batch), ElementsAre(3));
  EXPECT_FALSE(work->inference);
}

TEST_F(RequestQueueTest, HoldsNoPicturesBackForOthersBehindTensors) {
  Open();
  Request(1);
  Request(2);
  InferRequest(3);
  Request(4);
  // A batch of four waits an hour to be filled, unless nothing can join it any more.
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(1, 2));
  EXPECT_EQ(queue_.Take()->inference->request.id, 3U);
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(4));
}

TEST_F(RequestQueueTest, GivesOutTensorsThatAreTooLateAsSuch) {
  Open();
  InferRequest(1);
  InferRequest(2, nanoseconds(1));
  Feed(client_.Cancel(1).value());
  const auto work = queue_.Take();
  EXPECT_THAT(Ids(work->too_late), ElementsAre(1, 2));
  EXPECT_FALSE(work->inference);
}

TEST_F(RequestQueueTest, EndsAfterADrainWhenAllIsAnswered) {
  Open();
  Request(1);
  Request(2);
  Feed(client_.BeginDrain().value());
  EXPECT_TRUE(queue_.NextBuffer().empty());
  EXPECT_THAT(Ids(queue_.Take()->batch), ElementsAre(1, 2));
  EXPECT_FALSE(queue_.Take());
  EXPECT_TRUE(queue_.end().ok());
}

TEST_F(RequestQueueTest, EndsAtOnceWhenTheClientBreaksTheProtocol) {
  Open();
  Request(1);
  Feed(std::as_bytes(std::span("this is not a header of ours at all")));
  EXPECT_FALSE(queue_.Take());
  EXPECT_TRUE(queue_.NextBuffer().empty());
  EXPECT_EQ(queue_.end().error().code, Code::kCorrupt);
}

TEST_F(RequestQueueTest, EndsWhenTheClientSendsMoreThanItMay) {
  Open(1);
  Request(1);
  // A second session stands for a client that does not count.
  channel::ClientSession other;
  channel::Hello hello;
  hello.spec = yolo::ReadModelSpec(TestGraph(1, 64)).value();
  hello.engine = "test";
  channel::WorkerSession elsewhere;
  Tell(other, elsewhere.Start(hello).value());
  const std::string picture = "picture";
  Feed(other.Begin({2, {}, {}, std::as_bytes(std::span(picture))}).value());
  EXPECT_EQ(queue_.end().error().code, Code::kCorrupt);
}

TEST_F(RequestQueueTest, KeepsTheFirstError) {
  Open();
  queue_.Close(base::OperatorError(Code::kCorrupt, "first"));
  queue_.Close(base::OperatorError(Code::kInternal, "second"));
  queue_.Close(base::Ok());
  EXPECT_EQ(queue_.end().error().detail, "first");
}

TEST_F(RequestQueueTest, ReadsNothingBeforeItIsOpen) {
  std::span<std::byte> buffer;
  std::thread reader([&] { buffer = queue_.NextBuffer(); });
  Open();
  reader.join();
  EXPECT_FALSE(buffer.empty());
}

TEST_F(RequestQueueTest, LetsAWaitingReaderGoWhenItCloses) {
  std::span<std::byte> buffer;
  std::thread reader([&] { buffer = queue_.NextBuffer(); });
  queue_.Close(base::Ok());
  reader.join();
  EXPECT_TRUE(buffer.empty());
}

TEST_F(RequestQueueTest, ReadsNoFurtherWhileTooManyBytesWait) {
  Open();
  const std::string large(channel::kPictureBytesMax, 'p');
  Request(1, nanoseconds(0), large);
  std::atomic<bool> reads_on = false;
  std::thread reader([&] {
    static_cast<void>(queue_.NextBuffer());
    reads_on = true;
  });
  auto work = queue_.Take();
  EXPECT_FALSE(reads_on);
  AnswerAll(std::move(work->batch));
  reader.join();
  EXPECT_TRUE(reads_on);
}

TEST_F(RequestQueueTest, WakesTheServingThread) {
  Open();
  std::optional<Work> work;
  std::thread serving([&] { work = queue_.Take(); });
  Request(1);
  serving.join();
  ASSERT_TRUE(work);
  EXPECT_THAT(Ids(work->batch), ElementsAre(1));
}

TEST_F(RequestQueueTest, EndsAWaitForMoreWhenNoMoreWillCome) {
  Open();
  Request(1);
  Request(2);
  std::optional<Work> work;
  std::thread serving([&] { work = queue_.Take(); });
  queue_.Close(base::Ok());
  serving.join();
  ASSERT_TRUE(work);
  EXPECT_THAT(Ids(work->batch), ElementsAre(1, 2));
}

}  // namespace
}  // namespace bulkhead::worker
