// SPDX-License-Identifier: Apache-2.0
// What is behind a WorkerLink: the socket, the session and the calls that wait.
#pragma once

#include <cstddef>
#include <map>
#include <memory>

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>

#include "async/deadline_timer.h"
#include "fleet/worker_link.h"
#include "fleet/write_queue.h"

namespace bulkhead::fleet {

// I/O thread. Its asynchronous steps hold it weakly: they end with its owner.
class WorkerLink::Wire : public std::enable_shared_from_this<WorkerLink::Wire> {
 public:
  using Answer = base::Result<channel::ClientEvent>;

  Wire(boost::asio::io_context& io, LinkWatch watch, const channel::ClientLimits& limits);

  base::Status Assign(const base::UniqueFd& frames);
  void Read();

  // Begins a call: nothing is left to be done for one that is refused here.
  base::Result<channel::RequestId> Begin(const DetectCall& call);
  base::Result<channel::RequestId> Begin(InferCall call);
  // Then waits for its answer.
  void Wait(channel::RequestId id, channel::Deadline deadline, const async::CancelToken& cancel,
            async::Done<Answer> done);

  void Reserve() { ++kept_; }
  void GiveBack();
  [[nodiscard]] std::size_t load() const { return session_.outstanding() + kept_; }
  [[nodiscard]] bool usable() const { return session_.hello() != nullptr && !ended_; }
  [[nodiscard]] const channel::Hello* hello() const { return session_.hello(); }
  [[nodiscard]] const std::shared_ptr<ReplyMemory>& reply_memory() const { return reply_memory_; }
  void Close();

 private:
  struct Waiting {
    channel::Deadline deadline{0};
    async::Done<Answer> done;
    async::CancelWatch cancel;
  };

  void OnRead(std::size_t count);
  bool Take(channel::ClientEvent event);
  void End(channel::RequestId id, Answer answer);
  void Cancel(channel::RequestId id);
  void Break(base::Error error);
  void FailAll(const base::Error& error);
  void WriteSoon();
  void Write();
  void EndLate();
  void TellRoomSoon();

  boost::asio::io_context& io_;
  boost::asio::local::stream_protocol::socket socket_;
  async::DeadlineTimer timer_;
  LinkWatch watch_;
  channel::ClientSession session_;
  const std::shared_ptr<ReplyMemory> reply_memory_ = std::make_shared<ReplyMemory>();
  WriteQueue unwritten_;
  std::map<channel::RequestId, Waiting> waiting_;
  channel::RequestId last_id_ = 0;
  std::size_t kept_ = 0;
  bool writing_ = false;  // Write comes, or waits for room in the socket
  bool telling_room_ = false;
  bool ended_ = false;
  bool silent_ = false;  // the owner wants to hear nothing more
};

}  // namespace bulkhead::fleet
