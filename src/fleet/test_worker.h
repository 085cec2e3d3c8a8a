// SPDX-License-Identifier: Apache-2.0
// The other end of a link, played by the test.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include "async/test_loop.h"
#include "base/unique_fd.h"
#include "channel/test_messages.h"
#include "channel/worker_session.h"

namespace bulkhead::fleet {

using async::Outcome;
using async::RunReady;
using async::RunUntil;
using async::Start;

// A worker of two classes that takes as many frames as the test says. It reads and writes when it
// is told to.
class PlayedWorker {
 public:
  PlayedWorker() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()), 0);
    mine_ = base::UniqueFd(ends[0]);
    theirs_ = base::UniqueFd(ends[1]);
  }

  // Once.
  base::UniqueFd TakeFrames() { return std::move(theirs_); }

  void SayHello(int frames_in_flight_max = 3) {
    channel::Hello hello = channel::HelloOf(yolo::Task::kDetect);
    hello.frames_in_flight_max = frames_in_flight_max;
    Send(session_.Start(hello).value());
  }

  void Send(std::span<const std::byte> bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(mine_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      ASSERT_GT(sent, 0);
      bytes = bytes.subspan(static_cast<std::size_t>(sent));
    }
  }

  // What came since the last time.
  std::vector<channel::WorkerEvent> Read() {
    std::vector<channel::WorkerEvent> all;
    while (true) {
      const std::span<std::byte> buffer = session_.ReceiveBuffer();
      const ssize_t count = ::recv(mine_.get(), buffer.data(), buffer.size(), MSG_DONTWAIT);
      if (count <= 0) return all;
      auto events = session_.Received(static_cast<std::size_t>(count));
      EXPECT_TRUE(events.ok());
      if (!events.ok()) return all;
      for (auto& event : events.value()) all.push_back(std::move(event));
    }
  }

  // The requests among them.
  std::vector<channel::ArrivedRequest> ReadRequests() {
    std::vector<channel::ArrivedRequest> requests;
    for (channel::WorkerEvent& event : Read()) {
      if (auto* request = std::get_if<channel::ArrivedRequest>(&event)) {
        requests.push_back(std::move(*request));
      }
    }
    return requests;
  }

  void Reply(channel::RequestId id) {
    Send(session_.Reply(channel::ReplyOf(yolo::Task::kDetect, id)));
  }
  // One output of 12 numbers.
  void ReplyNumbers(channel::RequestId id) {
    const std::vector<std::byte> numbers(12 * sizeof(float), std::byte{1});
    channel::InferReply reply;
    reply.id = id;
    reply.outputs = {{0, {base::ElementType::kFloat32, {1, 6, 2}, numbers}}};
    const channel::InferAnswer answer = session_.Reply(reply);
    Send(answer.front);
    for (const auto& output : answer.outputs) Send(output);
  }
  void Fail(channel::RequestId id, base::Error error) {
    Send(session_.Fail({.id = id, .error = std::move(error)}));
  }

  void Close() { mine_ = base::UniqueFd(); }

 private:
  base::UniqueFd mine_;
  base::UniqueFd theirs_;
  channel::WorkerSession session_;
};

}  // namespace bulkhead::fleet
