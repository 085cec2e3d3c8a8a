// SPDX-License-Identifier: Apache-2.0
#include "node/supervisor.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>
#include <unistd.h>

#include "base/monotonic_clock.h"
#include "node/control_socket.h"
#include "node/gpu_listing.h"
#include "node/launch_plan.h"
#include "node/node_protocol.h"
#include "node/packet_socket.h"
#include "node/poller.h"
#include "node/seal_thread.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

// How long nobody is accepted when there are no descriptors for it.
constexpr std::chrono::seconds kAcceptPause{1};

struct Connection {
  base::UniqueFd socket;
  bool greeted = false;
  bool over = false;  // to be closed, together with its workers
};

class Supervisor {
 public:
  Supervisor(base::UniqueFd listener, const SupervisorParts& parts,
             const SupervisorOptions& options, int stop, Poller poller,
             std::unique_ptr<SealThread> seal_thread)
      : listener_(std::move(listener)),
        stop_(stop),
        devices_(parts.devices),
        log_(parts.log),
        program_(options.program),
        poller_(std::move(poller)),
        fleet_({parts.devices, parts.isolation, parts.program, poller_, parts.log,
                [this](ClientId client, const Reply& reply, int descriptor) {
                  Tell(client, reply, descriptor);
                },
                [this](UnsealOrder order, std::shared_ptr<base::UniqueFd> file, Unsealed done) {
                  Unseal(std::move(order), std::move(file), std::move(done));
                }},
               options.rules, options.seed),
        sealing_(parts.sealing),
        seal_thread_(std::move(seal_thread)) {}
  Supervisor(const Supervisor&) = delete;
  Supervisor& operator=(const Supervisor&) = delete;
  ~Supervisor() { fleet_.DestroyAll(base::MonotonicNow()); }

  base::Status Run() {
    BH_TRY(poller_.Watch(stop_, {Source::kStop, 0}));
    BH_TRY(poller_.Watch(listener_.get(), {Source::kListener, 0}));
    BH_TRY(poller_.Watch(seal_thread_->descriptor(), {Source::kSealing, 0}));
    while (true) {
      const TimePoint now = base::MonotonicNow();
      fleet_.Tick(now);
      CloseWhatIsOver(now);
      if (stops_ > 0 && fleet_.empty()) return base::Ok();
      ResumeAccepting(now);
      BH_ASSIGN(const std::vector<Key> ready, poller_.Wait(Timeout()));
      for (const Key& key : ready) Hear(key);
    }
  }

 private:
  using Unsealed = std::function<void(base::Result<UnsealedModel>)>;

  [[nodiscard]] std::optional<std::chrono::nanoseconds> Timeout() const;
  void Hear(Key key);
  void HearStop();
  void Accept();
  void PauseAccepting(std::optional<TimePoint> until);
  void ResumeAccepting(TimePoint now);
  void Receive(ClientId client);
  void Serve(ClientId client, Connection& connection, Packet packet);
  void Answer(ClientId client, const Launch& launch, std::vector<base::UniqueFd> descriptors);
  void Answer(ClientId client, const WorkerOrder& order);
  void Answer(ClientId client, const ListGpus& list);
  void Answer(ClientId client, const ChangeInstance& change);
  void Answer(ClientId client, const Seal& seal, std::vector<base::UniqueFd> descriptors);
  void Answer(ClientId client, const Rewrap& rewrap, std::vector<base::UniqueFd> descriptors);
  void Answer(ClientId client, const KeyOrder& order);
  void Unseal(UnsealOrder order, std::shared_ptr<base::UniqueFd> file, Unsealed done);
  void Tell(ClientId client, const Reply& reply, int descriptor);
  template <typename T>
  void TellResult(ClientId client, RequestId id, const base::Result<T>& result) {
    if (result.ok()) return Tell(client, result.value(), -1);
    log_(fmt::format("client {}: refused: {}", client, result.error().detail));
    Tell(client, Refused{id, result.error()}, -1);
  }
  void Break(ClientId client, const base::Error& error);
  void CloseWhatIsOver(TimePoint now);

  base::UniqueFd listener_;
  int stop_;
  NodeDevices devices_;
  Log log_;
  std::string program_;
  Poller poller_;
  std::map<ClientId, Connection> connections_;
  ClientId last_client_ = 0;
  int stops_ = 0;
  bool accepting_ = true;
  std::optional<TimePoint> accepting_resumes_at_;
  Fleet fleet_;
  Sealing sealing_;  // used on its thread alone
  // Last: it ends before what it uses, and before those to whom it would tell.
  std::unique_ptr<SealThread> seal_thread_;
};

std::optional<std::chrono::nanoseconds> Supervisor::Timeout() const {
  std::optional<TimePoint> due = fleet_.Due();
  if (accepting_resumes_at_)
    due = std::min(due.value_or(*accepting_resumes_at_), *accepting_resumes_at_);
  if (!due) return std::nullopt;
  return *due - base::MonotonicNow();
}

void Supervisor::Hear(Key key) {
  switch (key.source) {
    case Source::kStop:
      return HearStop();
    case Source::kListener:
      return Accept();
    case Source::kConnection:
      return Receive(key.id);
    case Source::kSealing:
      return seal_thread_->FinishDone();
    case Source::kProcess:
    case Source::kStatus:
    case Source::kLog:
      return fleet_.Hear(key, base::MonotonicNow());
  }
}

void Supervisor::HearStop() {
  // As much as a signalfd or an eventfd gives at once.
  std::array<std::byte, 128> request{};
  if (::read(stop_, request.data(), request.size()) <= 0) return;
  ++stops_;
  if (stops_ == 1) {
    log_("stopping: workers drain");
    if (accepting_) poller_.Forget(listener_.get());
    accepting_ = false;
    fleet_.DrainAll(base::MonotonicNow());
  } else {
    log_("stopping at once");
    fleet_.DestroyAll(base::MonotonicNow());
  }
}

void Supervisor::Accept() {
  auto accepted = AcceptControl(listener_.get());
  if (!accepted.ok()) {
    log_(accepted.error().detail);
    if (accepted.error().code != Code::kDenied) {
      PauseAccepting(base::MonotonicNow() + kAcceptPause);
    }
    return;
  }
  if (!accepted.value().valid()) return;
  const ClientId client = ++last_client_;
  const base::Status watched = poller_.Watch(accepted.value().get(), {Source::kConnection, client});
  if (!watched.ok()) return log_(watched.error().detail);
  connections_[client].socket = std::move(accepted).value();
  if (connections_.size() >= kClientsMax) PauseAccepting(std::nullopt);
}

void Supervisor::PauseAccepting(std::optional<TimePoint> until) {
  poller_.Forget(listener_.get());
  accepting_ = false;
  accepting_resumes_at_ = until;
}

void Supervisor::ResumeAccepting(TimePoint now) {
  if (accepting_ || stops_ > 0 || connections_.size() >= kClientsMax) return;
  if (accepting_resumes_at_ && now < *accepting_resumes_at_) return;
  accepting_ = poller_.Watch(listener_.get(), {Source::kListener, 0}).ok();
  accepting_resumes_at_.reset();
  if (!accepting_) accepting_resumes_at_ = now + kAcceptPause;
}

void Supervisor::Receive(ClientId client) {
  const auto found = connections_.find(client);
  if (found == connections_.end() || found->second.over) return;
  auto received = ReceivePacket(found->second.socket.get());
  if (!received.ok()) {
    if (received.error().code != Code::kUnavailable) return Break(client, received.error());
    found->second.over = true;
    return;
  }
  std::optional<Packet> packet = std::move(received).value();
  if (packet) Serve(client, found->second, std::move(*packet));
}

void Supervisor::Serve(ClientId client, Connection& connection, Packet packet) {
  auto request = DecodeRequest(packet.bytes, packet.descriptors.size());
  if (!request.ok()) return Break(client, request.error());
  const bool hello = std::holds_alternative<Hello>(request.value());
  if (hello == connection.greeted) {
    return Break(client, OperatorError(Code::kCorrupt, "Hello comes first, and once"));
  }
  if (hello) {
    connection.greeted = true;
    const auto gpus = DescribeGpus(devices_);
    if (!gpus.ok()) log_("the GPUs cannot be listed: " + gpus.error().detail);
    return Tell(client, Welcome{program_, gpus.ok() ? gpus.value() : NodeGpus{}}, -1);
  }
  if (const auto* launch = std::get_if<Launch>(&request.value())) {
    return Answer(client, *launch, std::move(packet.descriptors));
  }
  if (const auto* order = std::get_if<WorkerOrder>(&request.value())) {
    return Answer(client, *order);
  }
  if (const auto* list = std::get_if<ListGpus>(&request.value())) return Answer(client, *list);
  if (const auto* change = std::get_if<ChangeInstance>(&request.value())) {
    return Answer(client, *change);
  }
  if (const auto* seal = std::get_if<node::Seal>(&request.value())) {
    return Answer(client, *seal, std::move(packet.descriptors));
  }
  if (const auto* rewrap = std::get_if<Rewrap>(&request.value())) {
    return Answer(client, *rewrap, std::move(packet.descriptors));
  }
  if (const auto* order = std::get_if<KeyOrder>(&request.value())) return Answer(client, *order);
  Tell(client, fleet_.Answer(std::get<List>(request.value())), -1);
}

void Supervisor::Answer(ClientId client, const ListGpus& list) {
  auto listing =
      ListGpusOf(devices_, list, [this](const std::string& id) { return fleet_.WorkerOn(id); });
  if (!listing.ok()) return Tell(client, Refused{list.id, listing.error()}, -1);
  Tell(client, std::move(listing).value(), -1);
}

void Supervisor::Answer(ClientId client, const ChangeInstance& change) {
  const bool make = change.change == ChangeInstance::Change::kMake;
  base::Status changed = OperatorError(Code::kUnavailable, "this node is stopping");
  if (stops_ == 0) changed = Change(devices_, change);
  log_(fmt::format("{} {} at {} of {}: {}", make ? "make" : "remove", change.profile, change.start,
                   change.device_id, changed.ok() ? "done" : changed.error().detail));
  if (changed.ok()) return Tell(client, Accepted{change.id}, -1);
  Tell(client, Refused{change.id, changed.error()}, -1);
}

// --- What blocks, on its thread -----------------------------------------------------------------

void Supervisor::Unseal(UnsealOrder order, std::shared_ptr<base::UniqueFd> file, Unsealed done) {
  seal_thread_->Post([this, order = std::move(order), file = std::move(file),
                      done = std::move(done)]() -> SealThread::Finish {
    auto model = std::make_shared<base::Result<UnsealedModel>>(sealing_.Unseal(order, file->get()));
    return [done, model] { done(std::move(*model)); };
  });
}

void Supervisor::Answer(ClientId client, const node::Seal& seal,
                        std::vector<base::UniqueFd> descriptors) {
  const auto files = std::make_shared<std::vector<base::UniqueFd>>(std::move(descriptors));
  seal_thread_->Post([this, client, seal, files]() -> SealThread::Finish {
    auto sealed = sealing_.Seal(seal.name, files->at(0).get(), files->at(1).get());
    if (sealed.ok()) sealed.value().id = seal.id;
    return [this, client, id = seal.id, sealed] { TellResult(client, id, sealed); };
  });
}

void Supervisor::Answer(ClientId client, const Rewrap& rewrap,
                        std::vector<base::UniqueFd> descriptors) {
  const auto files = std::make_shared<std::vector<base::UniqueFd>>(std::move(descriptors));
  seal_thread_->Post([this, client, rewrap, files]() -> SealThread::Finish {
    auto made = sealing_.Rewrap(rewrap.name, files->at(0).get());
    if (made.ok()) made.value().id = rewrap.id;
    return [this, client, id = rewrap.id, made] { TellResult(client, id, made); };
  });
}

void Supervisor::Answer(ClientId client, const KeyOrder& order) {
  seal_thread_->Post([this, client, order]() -> SealThread::Finish {
    auto status = sealing_.Obey(order);
    if (status.ok()) status.value().id = order.id;
    return [this, client, order, status] {
      const bool ends = order.action == KeyAction::kRevoke || order.action == KeyAction::kDestroy;
      if (ends && status.ok()) fleet_.DestroyAllOfTenant(order.tenant, base::MonotonicNow());
      TellResult(client, order.id, status);
    };
  });
}

void Supervisor::Answer(ClientId client, const Launch& launch,
                        std::vector<base::UniqueFd> descriptors) {
  base::Status launched = OperatorError(Code::kUnavailable, "this node is stopping");
  if (stops_ == 0) launched = fleet_.Launch(client, launch, std::move(descriptors));
  if (launched.ok()) return Tell(client, Accepted{launch.id}, -1);
  log_(fmt::format("{}: refused: {}", launch.name, launched.error().detail));
  Tell(client, Refused{launch.id, launched.error()}, -1);
}

void Supervisor::Answer(ClientId client, const WorkerOrder& order) {
  if (!fleet_.Has(order.name)) {
    const base::Error error =
        OperatorError(Code::kNotFound, "there is no worker named " + order.name);
    return Tell(client, Refused{order.id, error}, -1);
  }
  Tell(client, Accepted{order.id}, -1);
  fleet_.Obey(order, base::MonotonicNow());
}

void Supervisor::Tell(ClientId client, const Reply& reply, int descriptor) {
  const auto found = connections_.find(client);
  if (found == connections_.end() || found->second.over) return;
  const auto packet = EncodeReply(reply);
  base::Status sent = base::Ok();
  if (!packet.ok()) {
    sent = packet.error();
  } else {
    const std::size_t descriptors = descriptor < 0 ? 0 : 1;
    sent = SendPacket(found->second.socket.get(), packet.value(),
                      std::span<const int>(&descriptor, descriptors));
  }
  if (sent.ok()) return;
  log_(fmt::format("client {}: {}", client, sent.error().detail));
  found->second.over = true;
}

void Supervisor::Break(ClientId client, const base::Error& error) {
  log_(fmt::format("client {}: {}", client, error.detail));
  Tell(client, Refused{0, error}, -1);
  connections_.at(client).over = true;
}

void Supervisor::CloseWhatIsOver(TimePoint now) {
  const auto over = [](const auto& entry) { return entry.second.over; };
  // Once more after each: to destroy its workers may be too much for another one's socket.
  while (true) {
    const auto next = std::ranges::find_if(connections_, over);
    if (next == connections_.end()) return;
    poller_.Forget(next->second.socket.get());
    fleet_.DestroyAllOf(next->first, now);
    connections_.erase(next);
  }
}

}  // namespace

base::Status Supervise(base::UniqueFd listener, const SupervisorParts& parts,
                       const SupervisorOptions& options, int stop) {
  BH_ASSIGN(Poller poller, Poller::Open());
  BH_ASSIGN(auto seal_thread, SealThread::Start());
  return Supervisor(std::move(listener), parts, options, stop, std::move(poller),
                    std::move(seal_thread))
      .Run();
}

}  // namespace bulkhead::node
