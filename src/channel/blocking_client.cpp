// SPDX-License-Identifier: Apache-2.0
#include "channel/blocking_client.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "base/check.h"
#include "base/monotonic_clock.h"
#include "channel/stream_socket.h"

namespace bulkhead::channel {

using base::Code;
using std::chrono::milliseconds;

struct BlockingClient::State {
  base::UniqueFd socket;
  ClientSession session;
  RequestId last_id = 0;
  // Of messages that an earlier call began; goes out before anything else.
  std::vector<std::byte> unsent;
  bool draining = false;
  std::optional<base::Error> ended;

  base::Result<std::vector<ClientEvent>> Turn(Outgoing& outgoing, Deadline until);
  base::Result<std::vector<ClientEvent>> TryTurn(Outgoing& outgoing, Deadline until);
  base::Status Settle(std::size_t outstanding_max, Deadline until);
  base::Result<ClientEvent> Await(Outgoing& outgoing, Deadline until);
};

namespace {

Deadline DeadlineAfter(milliseconds timeout) {
  constexpr milliseconds kLongest = std::chrono::hours(24 * 365);
  return base::MonotonicNow() + std::clamp(timeout, milliseconds(0), kLongest);
}

void Keep(const Outgoing& outgoing, std::vector<std::byte>& unsent) {
  for (const auto& piece : outgoing.pieces) {
    unsent.insert(unsent.end(), piece.begin(), piece.end());
  }
}

}  // namespace

base::Result<std::vector<ClientEvent>> BlockingClient::State::TryTurn(Outgoing& outgoing,
                                                                      Deadline until) {
  if (!outgoing.empty()) {
    BH_TRY(SendSome(socket.get(), outgoing));
    if (outgoing.empty()) return std::vector<ClientEvent>();
  }
  BH_ASSIGN(const bool readable, AwaitSocket(socket.get(), !outgoing.empty(), until));
  if (!readable) return std::vector<ClientEvent>();
  BH_ASSIGN(const std::size_t count, ReceiveSome(socket.get(), session.ReceiveBuffer()));
  return session.Received(count);
}

// Sends and receives once. Any error but kDeadline ends the connection.
base::Result<std::vector<ClientEvent>> BlockingClient::State::Turn(Outgoing& outgoing,
                                                                   Deadline until) {
  if (ended) return *ended;
  auto events = TryTurn(outgoing, until);
  if (!events.ok() && events.error().code != Code::kDeadline) {
    ended = events.error();
    socket = base::UniqueFd();
  }
  return events;
}

// The start of every call: sends what is left of earlier ones and waits until no more than this
// many answers are owed.
base::Status BlockingClient::State::Settle(std::size_t outstanding_max, Deadline until) {
  if (ended) return *ended;
  if (base::MonotonicNow() >= until) return OutOfTime();
  while (!unsent.empty() || session.outstanding() > outstanding_max) {
    Outgoing outgoing{{unsent}};
    const auto events = Turn(outgoing, until);
    const auto left = static_cast<std::ptrdiff_t>(outgoing.pieces[0].size());
    unsent.erase(unsent.begin(), unsent.end() - left);
    if (!events.ok()) return events.error();
    BH_CHECK(events.value().empty());  // every request of earlier calls was abandoned
  }
  return base::Ok();
}

base::Result<ClientEvent> BlockingClient::State::Await(Outgoing& outgoing, Deadline until) {
  while (true) {
    BH_ASSIGN(std::vector<ClientEvent> events, Turn(outgoing, until));
    if (!events.empty()) return std::move(events.front());
  }
}

base::Result<BlockingClient> BlockingClient::Connect(base::UniqueFd socket, milliseconds timeout,
                                                     const ClientLimits& limits) {
  auto state = std::make_unique<State>();
  state->socket = std::move(socket);
  state->session = ClientSession(limits);
  Outgoing nothing;
  BH_ASSIGN(const ClientEvent first, state->Await(nothing, DeadlineAfter(timeout)));
  if (const auto* failure = std::get_if<FailureReply>(&first)) return failure->error;
  return BlockingClient(std::move(state));
}

BlockingClient::BlockingClient(std::unique_ptr<State> state) : state_(std::move(state)) {}
BlockingClient::BlockingClient(BlockingClient&&) noexcept = default;
BlockingClient& BlockingClient::operator=(BlockingClient&&) noexcept = default;
BlockingClient::~BlockingClient() = default;

const Hello& BlockingClient::hello() const { return *state_->session.hello(); }
bool BlockingClient::usable() const { return !state_->ended; }

// `content` follows the request's front.
template <typename Reply, typename Request>
base::Result<Reply> BlockingClient::Ask(Request request,
                                        std::vector<std::span<const std::byte>> content,
                                        milliseconds timeout) {
  const Deadline until = DeadlineAfter(timeout);
  const auto in_flight_max = static_cast<std::size_t>(hello().frames_in_flight_max);
  BH_TRY(state_->Settle(in_flight_max - 1, until));
  request.id = ++state_->last_id;
  request.deadline = until;
  BH_ASSIGN(const std::vector<std::byte> front, state_->session.Begin(request));
  Outgoing outgoing{std::move(content)};
  outgoing.pieces.insert(outgoing.pieces.begin(), front);
  auto event = state_->Await(outgoing, until);
  Keep(outgoing, state_->unsent);
  if (!event.ok()) {
    if (event.error().code == Code::kDeadline) BH_TRY(state_->session.Abandon(request.id));
    return event.error();
  }
  if (auto* reply = std::get_if<Reply>(&event.value())) return std::move(*reply);
  return std::get<FailureReply>(std::move(event).value()).error;
}

base::Result<DetectReply> BlockingClient::Detect(std::span<const std::byte> encoded,
                                                 const yolo::DetectOptions& options,
                                                 milliseconds timeout, bool annotate) {
  DetectRequest request;
  request.options = options;
  request.encoded = encoded;
  request.annotate = annotate;
  return Ask<DetectReply>(std::move(request), {encoded}, timeout);
}

base::Result<InferReply> BlockingClient::Infer(std::span<const base::TensorView> inputs,
                                               std::span<const uint32_t> outputs,
                                               milliseconds timeout) {
  InferRequest request;
  request.inputs.assign(inputs.begin(), inputs.end());
  request.outputs.assign(outputs.begin(), outputs.end());
  std::vector<std::span<const std::byte>> content;
  for (const base::TensorView& input : inputs) content.push_back(input.bytes);
  return Ask<InferReply>(std::move(request), std::move(content), timeout);
}

base::Status BlockingClient::Drain(milliseconds timeout) {
  const Deadline until = DeadlineAfter(timeout);
  BH_TRY(state_->Settle(state_->session.outstanding(), until));
  if (!state_->draining) {
    BH_ASSIGN(state_->unsent, state_->session.BeginDrain());
    state_->draining = true;
  }
  BH_TRY(state_->Settle(0, until));
  Outgoing nothing;
  const auto end = state_->Await(nothing, until);
  BH_CHECK(!end.ok());  // the session admits no message when nothing is outstanding
  if (end.error().code == Code::kUnavailable) return base::Ok();
  return end.error();
}

}  // namespace bulkhead::channel
