// SPDX-License-Identifier: Apache-2.0
// The other side of a node's control socket, for callers that wait: the gateway's side, tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/unique_fd.h"
#include "node/messages.h"
#include "node/packet_socket.h"

namespace bulkhead::node {

// A worker that is ready, and the client's end of its frames socket (channel/client_session.h).
struct ReadyWorker {
  Launched about;
  base::UniqueFd frames;
};

// What a node says without being asked.
using News = std::variant<ReadyWorker, Ended>;

// One thread at a time. Every call blocks until its timeout at most. Errors of each: kDeadline: the
// time was up; the answer, when it comes, is dropped. kUnavailable: the node closed the connection.
// kCorrupt: it broke the protocol; use another connection. The node's own refusals come as they
// are, and may have the same codes: usable() tells them apart.
class Client {
 public:
  static base::Result<Client> Connect(const std::filesystem::path& socket,
                                      std::chrono::milliseconds timeout);

  // `request.id` is set here. The model is a sealed file; `setup` an encoded channel::Setup. The
  // worker is this connection's: it ends with it.
  base::Status Launch(Launch request, int model, std::span<const std::byte> setup,
                      std::chrono::milliseconds timeout);

  // `plain` is a memfd, which stays the caller's to wipe; `out` an empty file, which the caller
  // makes durable.
  base::Result<Sealed> Seal(const seal::SealedName& name, int plain, int out,
                            std::chrono::milliseconds timeout);
  // The header that belongs in the place of this sealed file's own.
  base::Result<std::vector<std::byte>> Rewrap(const seal::SealedName& name, int file,
                                              std::chrono::milliseconds timeout);
  base::Result<KeyStatus> Key(KeyAction action, const std::string& tenant,
                              std::chrono::milliseconds timeout);

  // The node has taken the order; what comes of it is news.
  base::Status Drain(const std::string& name, std::chrono::milliseconds timeout);
  base::Status Destroy(const std::string& name, std::chrono::milliseconds timeout);
  base::Status Restart(const std::string& name, std::chrono::milliseconds timeout);

  base::Result<std::vector<WorkerSummary>> List(std::chrono::milliseconds timeout);

  // Every GPU of the node. kUnavailable: the devices do not answer.
  base::Result<std::vector<ListedGpu>> ListGpus(std::chrono::milliseconds timeout);
  // It is done. Refusals as node/gpu_listing.h has them.
  base::Status Change(ChangeInstance change, std::chrono::milliseconds timeout);

  // The next news, in their order. With a timeout of zero: if they came already.
  base::Result<News> Next(std::chrono::milliseconds timeout);

  // For those who wait for more than this connection: readable when something came that Next has
  // not seen. News that an earlier call received are not behind it: ask Next with a timeout of zero
  // until kDeadline, then wait. Stays this client's.
  [[nodiscard]] int descriptor() const { return socket_.get(); }

  // What the node said of itself.
  [[nodiscard]] const Welcome& welcome() const { return welcome_; }

  // False once the connection ended or the node broke the protocol.
  [[nodiscard]] bool usable() const { return usable_; }

  // Waits for this worker to become ready, or to be ready again; news of it before that, and news
  // of others, are dropped. kUnavailable: it failed or ended; the detail says how.
  base::Result<ReadyWorker> WaitUntilReady(const std::string& name,
                                           std::chrono::milliseconds timeout);
  // Waits for the next end of this worker's process or of itself; other news are dropped.
  base::Result<Ended> WaitForEnd(const std::string& name, std::chrono::milliseconds timeout);

 private:
  using Deadline = std::chrono::nanoseconds;

  explicit Client(base::UniqueFd socket) : socket_(std::move(socket)) {}
  base::Status Send(const Request& request, std::span<const int> descriptors, Deadline deadline);
  base::Result<Reply> Receive(Deadline deadline);
  base::Result<Reply> Take(Packet packet);
  base::Error Lost(base::Error error);
  base::Result<Reply> Ask(const Request& request, std::span<const int> descriptors, RequestId id,
                          Deadline deadline);
  base::Status Order(node::Order order, const std::string& name, std::chrono::milliseconds timeout);
  base::Result<News> Next(Deadline deadline);

  base::UniqueFd socket_;
  Welcome welcome_;
  RequestId last_id_ = 0;
  bool usable_ = true;
  std::deque<News> news_;  // that came while an answer was awaited
};

}  // namespace bulkhead::node
