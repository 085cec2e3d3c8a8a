// SPDX-License-Identifier: Apache-2.0
// Serving a client that does not wait for one reply before it sends the next request.
#include <algorithm>
#include <future>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <linux/sockios.h>
#include <sched.h>
#include <sys/ioctl.h>

#include "base/monotonic_clock.h"
#include "channel/client_session.h"
#include "image/encode.h"
#include "worker/socket_io.h"
#include "worker/test_worker.h"

namespace bulkhead::worker {
namespace {

using base::Code;
using channel::RequestId;
using std::chrono::nanoseconds;

constexpr std::size_t kOutputs = std::size_t{6} * 84;

std::vector<std::byte> SmallPicture() {
  image::Image picture;
  picture.Reshape(64, 64);
  std::ranges::fill(picture.pixels(), uint8_t{128});
  return image::EncodeJpeg(picture, 90).value();
}

// A client that sends when it likes and reads when it likes.
class PipeliningClient {
 public:
  explicit PipeliningClient(base::UniqueFd socket) : socket_(std::move(socket)) {}

  void WaitForHello() {
    while (session_.hello() == nullptr && Receive()) {
    }
    ASSERT_NE(session_.hello(), nullptr);
  }

  void Request(RequestId id, nanoseconds deadline = nanoseconds(0)) {
    const auto front = session_.Begin({id, deadline, {}, picture_});
    ASSERT_TRUE(front.ok()) << front.error().detail;
    ASSERT_TRUE(WriteAll(socket_.get(), front.value()).ok());
    ASSERT_TRUE(WriteAll(socket_.get(), picture_).ok());
  }

  void Cancel(RequestId id) {
    ASSERT_TRUE(WriteAll(socket_.get(), session_.Cancel(id).value()).ok());
  }

  void Drain() { ASSERT_TRUE(WriteAll(socket_.get(), session_.BeginDrain().value()).ok()); }

  // Until the worker has read all that was sent.
  void WaitUntilRead() {
    for (int unread = 1; unread > 0;) {
      ASSERT_EQ(::ioctl(socket_.get(), SIOCOUTQ, &unread), 0);
      ::sched_yield();
    }
  }

  // Everything until the worker closes its end or every request is answered.
  void ReceiveAll() {
    while (session_.outstanding() > 0 && Receive()) {
    }
  }

  [[nodiscard]] bool AtEnd() { return !Receive(); }

  void Close() { socket_ = base::UniqueFd(); }
  [[nodiscard]] int socket() const { return socket_.get(); }

  std::map<RequestId, channel::DetectReply> replies;
  std::map<RequestId, base::Error> failures;

 private:
  // False at the end.
  bool Receive() {
    const auto count = ReadSome(socket_.get(), session_.ReceiveBuffer());
    EXPECT_TRUE(count.ok());
    if (!count.ok() || count.value() == 0) return false;
    auto events = session_.Received(count.value());
    EXPECT_TRUE(events.ok()) << events.error().detail;
    if (!events.ok()) return false;
    for (channel::ClientEvent& event : events.value()) {
      if (auto* reply = std::get_if<channel::DetectReply>(&event)) {
        replies.emplace(reply->id, std::move(*reply));
      } else if (auto* failure = std::get_if<channel::FailureReply>(&event)) {
        failures.emplace(failure->id, std::move(failure->error));
      }
    }
    return true;
  }

  base::UniqueFd socket_;
  channel::ClientSession session_;
  std::vector<std::byte> picture_ = SmallPicture();
};

// Keeps the first run after the warm-up from ending before it is told so.
class Gate {
 public:
  ScriptedEngine::OnRun OnRun(int warm_up_runs) {
    return [this, left = warm_up_runs](
               const base::TensorView& input) mutable -> base::Result<std::vector<float>> {
      if (left-- == 0) {
        begun_.set_value();
        open_.get_future().wait();
      }
      return std::vector<float>(static_cast<std::size_t>(input.dims[0]) * kOutputs, 0.0F);
    };
  }

  void WaitForRun() { begun_.get_future().wait(); }
  void Open() { open_.set_value(); }

 private:
  std::promise<void> begun_;
  std::promise<void> open_;
};

TEST(ServePipelined, AnswersEverythingThatWasSentBeforeAnythingIsRead) {
  TestWorker worker({});
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  for (RequestId id = 1; id <= 16; ++id) client.Request(id);
  client.ReceiveAll();
  EXPECT_EQ(client.replies.size(), 16U);
}

TEST(ServePipelined, AnswersWithoutRunningWhatCameTooLate) {
  int runs = 0;
  WorkerTestOptions options;
  options.on_run = [&runs](const base::TensorView&) -> base::Result<std::vector<float>> {
    ++runs;
    return std::vector<float>(kOutputs, 0.0F);
  };
  TestWorker worker(options);
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  client.Request(1, nanoseconds(1));
  client.Request(2, base::MonotonicNow() + std::chrono::hours(1));
  client.ReceiveAll();
  EXPECT_EQ(client.failures.at(1).code, Code::kDeadline);
  EXPECT_EQ(client.replies.size(), 1U);
  client.Close();
  EXPECT_TRUE(worker.End().ok());
  EXPECT_EQ(runs, 2);  // the warm-up and the second request
}

TEST(ServePipelined, AnswersWithoutRunningWhatWasCancelled) {
  Gate gate;
  WorkerTestOptions options;
  options.on_run = gate.OnRun(1);
  TestWorker worker(options);
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  client.Request(1);
  gate.WaitForRun();
  client.Request(2);
  client.Request(3);
  client.Cancel(2);
  // What follows the cancelling was read after it.
  client.Drain();
  client.WaitUntilRead();
  gate.Open();
  client.ReceiveAll();
  EXPECT_TRUE(client.replies.contains(1));
  EXPECT_TRUE(client.replies.contains(3));
  // It may have begun before the worker had come to the cancelling.
  EXPECT_EQ(client.replies.contains(2) + client.failures.contains(2), 1);
  EXPECT_TRUE(worker.End().ok());
}

TEST(ServePipelined, RunsTogetherWhatWaitsTogether) {
  Gate gate;
  WorkerTestOptions options;
  options.graph = TestGraph(-1, 64);
  options.setup.batch_max = 4;
  options.setup.batch_wait = std::chrono::seconds(10);
  options.on_run = gate.OnRun(2);  // one picture and a full batch
  TestWorker worker(options);
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  client.Request(1);
  gate.WaitForRun();
  for (RequestId id = 2; id <= 5; ++id) client.Request(id);
  client.WaitUntilRead();
  gate.Open();
  client.ReceiveAll();
  ASSERT_EQ(client.replies.size(), 5U);
  EXPECT_EQ(client.replies.at(1).times.batch, 1);
  EXPECT_GT(client.replies.at(5).times.batch, 1);
  EXPECT_GT(client.replies.at(5).times.queue.count(), 0);
}

TEST(ServePipelined, AnswersWhatItHasWhenTheClientDrains) {
  TestWorker worker({});
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  for (RequestId id = 1; id <= 5; ++id) client.Request(id);
  client.Drain();
  client.ReceiveAll();
  EXPECT_EQ(client.replies.size(), 5U);
  EXPECT_TRUE(client.AtEnd());
  EXPECT_TRUE(worker.End().ok());
}

TEST(ServePipelined, AnswersWhatItHasWhenTheClientSendsNoMore) {
  TestWorker worker({});
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  for (RequestId id = 1; id <= 5; ++id) client.Request(id);
  ASSERT_EQ(::shutdown(client.socket(), SHUT_WR), 0);
  client.ReceiveAll();
  EXPECT_EQ(client.replies.size(), 5U);
  EXPECT_TRUE(worker.End().ok());
}

TEST(ServePipelined, FinishesWhenTheClientGoesWithRepliesOutstanding) {
  TestWorker worker({});
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  for (RequestId id = 1; id <= 16; ++id) client.Request(id);
  client.Close();
  EXPECT_TRUE(worker.End().ok());
}

TEST(ServePipelined, FinishesWhenNobodyReadsTheReplies) {
  TestWorker worker({});
  PipeliningClient client(std::move(worker.client()));
  client.WaitForHello();
  // The writing end stays open and says nothing more.
  ASSERT_EQ(::shutdown(client.socket(), SHUT_RD), 0);
  client.Request(1);
  EXPECT_TRUE(worker.End().ok());
}

}  // namespace
}  // namespace bulkhead::worker
