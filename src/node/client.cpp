// SPDX-License-Identifier: Apache-2.0
#include "node/client.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <poll.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/monotonic_clock.h"
#include "node/control_socket.h"
#include "node/node_protocol.h"
#include "node/packet_socket.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

std::chrono::nanoseconds In(std::chrono::milliseconds timeout) {
  return base::MonotonicNow() + timeout;
}

base::Status WaitFor(int socket, short events, std::chrono::nanoseconds deadline) {
  while (true) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - base::MonotonicNow());
    if (left.count() <= 0) {
      return OperatorError(Code::kDeadline, "the node did not answer in time");
    }
    pollfd one{socket, events, 0};
    if (::poll(&one, 1, static_cast<int>(std::min<int64_t>(left.count(), 60'000))) > 0) {
      return base::Ok();
    }
  }
}

// The id of the request that it answers; nullopt: it answers none.
std::optional<RequestId> Answered(const Reply& reply) {
  if (const auto* accepted = std::get_if<Accepted>(&reply)) return accepted->id;
  if (const auto* refused = std::get_if<Refused>(&reply)) return refused->id;
  if (const auto* listing = std::get_if<Listing>(&reply)) return listing->id;
  if (const auto* listing = std::get_if<GpuListing>(&reply)) return listing->id;
  if (const auto* sealed = std::get_if<Sealed>(&reply)) return sealed->id;
  if (const auto* rewrapped = std::get_if<Rewrapped>(&reply)) return rewrapped->id;
  if (const auto* status = std::get_if<KeyStatus>(&reply)) return status->id;
  if (std::holds_alternative<Welcome>(reply)) return 0;
  return std::nullopt;
}

const std::string& NameOf(const News& news) {
  if (const auto* ready = std::get_if<ReadyWorker>(&news)) return ready->about.name;
  return std::get<Ended>(news).name;
}

base::Error DescribeFailure(const Ended& ended) {
  std::string text = ended.name + " " + std::string(PhaseName(ended.phase));
  if (ended.end) text += ": " + isolation::Describe(*ended.end);
  if (ended.error) text += ": " + ended.error->detail;
  return OperatorError(Code::kUnavailable, text);
}

base::Error Unexpected() {
  return OperatorError(Code::kCorrupt, "the node answered something else than it was asked");
}

}  // namespace

base::Result<Client> Client::Connect(const std::filesystem::path& socket,
                                     std::chrono::milliseconds timeout) {
  BH_ASSIGN(base::UniqueFd connection, ConnectControl(socket));
  Client client(std::move(connection));
  BH_ASSIGN(Reply reply, client.Ask(Hello{}, {}, 0, In(timeout)));
  auto* welcome = std::get_if<Welcome>(&reply);
  if (welcome == nullptr) return client.Lost(Unexpected());
  client.welcome_ = std::move(*welcome);
  return client;
}

base::Status Client::Launch(node::Launch request, int model, std::span<const std::byte> setup,
                            std::chrono::milliseconds timeout) {
  const base::UniqueFd file(::memfd_create("setup", MFD_CLOEXEC));
  if (!file.valid() ||
      ::pwrite(file.get(), setup.data(), setup.size(), 0) != static_cast<ssize_t>(setup.size())) {
    return base::ErrnoError(errno);
  }
  request.id = ++last_id_;
  const std::array<int, 2> descriptors{model, file.get()};
  const auto reply = Ask(request, descriptors, request.id, In(timeout));
  BH_TRY(reply);
  if (!std::holds_alternative<Accepted>(reply.value())) return Lost(Unexpected());
  return base::Ok();
}

base::Result<Sealed> Client::Seal(const seal::SealedName& name, int plain, int out,
                                  std::chrono::milliseconds timeout) {
  const RequestId id = ++last_id_;
  const std::array<int, 2> descriptors{plain, out};
  BH_ASSIGN(Reply reply, Ask(node::Seal{id, name}, descriptors, id, In(timeout)));
  auto* sealed = std::get_if<Sealed>(&reply);
  if (sealed == nullptr) return Lost(Unexpected());
  return std::move(*sealed);
}

base::Result<std::vector<std::byte>> Client::Rewrap(const seal::SealedName& name, int file,
                                                    std::chrono::milliseconds timeout) {
  const RequestId id = ++last_id_;
  BH_ASSIGN(Reply reply, Ask(node::Rewrap{id, name}, std::span(&file, 1), id, In(timeout)));
  auto* rewrapped = std::get_if<Rewrapped>(&reply);
  if (rewrapped == nullptr) return Lost(Unexpected());
  return std::move(rewrapped->header);
}

base::Result<KeyStatus> Client::Key(KeyAction action, const std::string& tenant,
                                    std::chrono::milliseconds timeout) {
  const RequestId id = ++last_id_;
  BH_ASSIGN(Reply reply, Ask(KeyOrder{id, action, tenant}, {}, id, In(timeout)));
  auto* status = std::get_if<KeyStatus>(&reply);
  if (status == nullptr) return Lost(Unexpected());
  return std::move(*status);
}

base::Status Client::Drain(const std::string& name, std::chrono::milliseconds timeout) {
  return Order(node::Order::kDrain, name, timeout);
}

base::Status Client::Destroy(const std::string& name, std::chrono::milliseconds timeout) {
  return Order(node::Order::kDestroy, name, timeout);
}

base::Status Client::Restart(const std::string& name, std::chrono::milliseconds timeout) {
  return Order(node::Order::kRestart, name, timeout);
}

base::Status Client::Order(node::Order order, const std::string& name,
                           std::chrono::milliseconds timeout) {
  const RequestId id = ++last_id_;
  const auto reply = Ask(WorkerOrder{id, order, name}, {}, id, In(timeout));
  BH_TRY(reply);
  if (!std::holds_alternative<Accepted>(reply.value())) return Lost(Unexpected());
  return base::Ok();
}

base::Result<std::vector<WorkerSummary>> Client::List(std::chrono::milliseconds timeout) {
  const Deadline deadline = In(timeout);
  std::vector<WorkerSummary> workers;
  while (true) {
    const RequestId id = ++last_id_;
    const std::string after = workers.empty() ? "" : workers.back().name;
    BH_ASSIGN(Reply reply, Ask(node::List{id, after}, {}, id, deadline));
    auto* listing = std::get_if<Listing>(&reply);
    // One that says there is more but shows nothing would be asked for ever.
    if (listing == nullptr || (listing->more && listing->workers.empty()))
      return Lost(Unexpected());
    for (WorkerSummary& worker : listing->workers) workers.push_back(std::move(worker));
    if (!listing->more) return workers;
  }
}

base::Result<std::vector<ListedGpu>> Client::ListGpus(std::chrono::milliseconds timeout) {
  const Deadline deadline = In(timeout);
  std::vector<ListedGpu> gpus;
  while (true) {
    const RequestId id = ++last_id_;
    BH_ASSIGN(Reply reply,
              Ask(node::ListGpus{id, static_cast<uint32_t>(gpus.size())}, {}, id, deadline));
    auto* listing = std::get_if<GpuListing>(&reply);
    if (listing == nullptr) return Lost(Unexpected());
    for (ListedGpu& gpu : listing->gpus) gpus.push_back(std::move(gpu));
    if (!listing->more) return gpus;
  }
}

base::Status Client::Change(ChangeInstance change, std::chrono::milliseconds timeout) {
  change.id = ++last_id_;
  const auto reply = Ask(change, {}, change.id, In(timeout));
  BH_TRY(reply);
  if (!std::holds_alternative<Accepted>(reply.value())) return Lost(Unexpected());
  return base::Ok();
}

base::Result<News> Client::Next(std::chrono::milliseconds timeout) { return Next(In(timeout)); }

base::Result<News> Client::Next(Deadline deadline) {
  while (news_.empty()) {
    // An answer that comes here was given up on.
    BH_TRY(Receive(deadline));
  }
  News news = std::move(news_.front());
  news_.pop_front();
  return news;
}

base::Result<ReadyWorker> Client::WaitUntilReady(const std::string& name,
                                                 std::chrono::milliseconds timeout) {
  const Deadline deadline = In(timeout);
  while (true) {
    BH_ASSIGN(News news, Next(deadline));
    if (NameOf(news) != name) continue;
    if (auto* ready = std::get_if<ReadyWorker>(&news)) return std::move(*ready);
    const Ended& ended = std::get<Ended>(news);
    if (ended.phase != Phase::kBackingOff) return DescribeFailure(ended);
  }
}

base::Result<Ended> Client::WaitForEnd(const std::string& name, std::chrono::milliseconds timeout) {
  const Deadline deadline = In(timeout);
  while (true) {
    BH_ASSIGN(News news, Next(deadline));
    auto* ended = std::get_if<Ended>(&news);
    if (ended != nullptr && ended->name == name) return std::move(*ended);
  }
}

base::Result<Reply> Client::Ask(const Request& request, std::span<const int> descriptors,
                                RequestId id, Deadline deadline) {
  BH_TRY(Send(request, descriptors, deadline));
  while (true) {
    BH_ASSIGN(Reply reply, Receive(deadline));
    const auto answered = Answered(reply);
    auto* refused = std::get_if<Refused>(&reply);
    // A refusal of no request is the end of the connection.
    if (refused != nullptr && refused->id == 0) return Lost(std::move(refused->error));
    if (refused != nullptr && refused->id == id) return std::move(refused->error);
    if (answered == id) return reply;
  }
}

base::Error Client::Lost(base::Error error) {
  usable_ = false;
  return error;
}

base::Status Client::Send(const Request& request, std::span<const int> descriptors,
                          Deadline deadline) {
  BH_ASSIGN(const std::vector<std::byte> packet, EncodeRequest(request));
  while (true) {
    base::Status sent = SendPacket(socket_.get(), packet, descriptors);
    if (sent.ok()) return sent;
    if (sent.error().code == Code::kUnavailable) return Lost(std::move(sent).error());
    if (sent.error().code != Code::kExhausted) return sent;
    BH_TRY(WaitFor(socket_.get(), POLLOUT, deadline));
  }
}

base::Result<Reply> Client::Receive(Deadline deadline) {
  while (true) {
    base::Result<std::optional<Packet>> packet = ReceivePacket(socket_.get());
    if (!packet.ok()) return Lost(std::move(packet).error());
    if (packet.value()) return Take(*std::move(packet).value());
    BH_TRY(WaitFor(socket_.get(), POLLIN, deadline));
  }
}

base::Result<Reply> Client::Take(Packet packet) {
  base::Result<Reply> reply = DecodeReply(packet.bytes, packet.descriptors.size());
  if (!reply.ok()) return Lost(std::move(reply).error());
  if (const auto* launched = std::get_if<Launched>(&reply.value())) {
    news_.emplace_back(ReadyWorker{*launched, std::move(packet.descriptors.at(0))});
  } else if (const auto* ended = std::get_if<Ended>(&reply.value())) {
    news_.emplace_back(*ended);
  }
  return reply;
}

}  // namespace bulkhead::node
