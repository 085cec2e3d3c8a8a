// SPDX-License-Identifier: Apache-2.0
#include "fleet/worker_link.h"

#include <utility>

#include "base/check.h"
#include "fleet/worker_wire.h"

namespace bulkhead::fleet {
namespace {

template <typename Reply>
base::Result<Reply> ReplyOf(base::Result<channel::ClientEvent> answer) {
  if (!answer.ok()) return std::move(answer).error();
  // The session admits no other reply than the one that was asked for.
  BH_CHECK(std::holds_alternative<Reply>(answer.value()));
  return std::get<Reply>(std::move(answer).value());
}

}  // namespace

base::Result<std::shared_ptr<WorkerLink>> WorkerLink::Open(boost::asio::io_context& io,
                                                           base::UniqueFd frames, LinkWatch watch,
                                                           const channel::ClientLimits& limits) {
  auto wire = std::make_shared<Wire>(io, std::move(watch), limits);
  BH_TRY(wire->Assign(frames));
  wire->Read();
  return std::shared_ptr<WorkerLink>(new WorkerLink(std::move(wire)));
}

WorkerLink::WorkerLink(std::shared_ptr<Wire> wire) : wire_(std::move(wire)) {}

WorkerLink::~WorkerLink() { wire_->Close(); }

async::Task<base::Result<channel::DetectReply>> WorkerLink::Detect(DetectCall call,
                                                                   async::CancelToken cancel) {
  const std::shared_ptr<Wire> wire = wire_;
  const auto begun = wire->Begin(call);
  if (!begun.ok()) co_return begun.error();
  auto wait = [&](async::Done<Wire::Answer> done) {
    wire->Wait(begun.value(), call.deadline, cancel, std::move(done));
  };
  co_return ReplyOf<channel::DetectReply>(co_await async::Await<Wire::Answer>(std::move(wait)));
}

async::Task<base::Result<channel::InferReply>> WorkerLink::Infer(InferCall call,
                                                                 async::CancelToken cancel) {
  const std::shared_ptr<Wire> wire = wire_;
  const channel::Deadline deadline = call.deadline;
  const auto begun = wire->Begin(std::move(call));
  if (!begun.ok()) co_return begun.error();
  auto wait = [&](async::Done<Wire::Answer> done) {
    wire->Wait(begun.value(), deadline, cancel, std::move(done));
  };
  co_return ReplyOf<channel::InferReply>(co_await async::Await<Wire::Answer>(std::move(wait)));
}

std::size_t WorkerLink::load() const { return wire_->load(); }

bool WorkerLink::HasRoom() const {
  return usable() && wire_->load() < static_cast<std::size_t>(wire_->hello()->frames_in_flight_max);
}

void WorkerLink::Reserve() {
  BH_CHECK(HasRoom());
  wire_->Reserve();
}

void WorkerLink::GiveBack() { wire_->GiveBack(); }

const std::shared_ptr<ReplyMemory>& WorkerLink::reply_memory() const {
  return wire_->reply_memory();
}

const channel::Hello* WorkerLink::hello() const { return wire_->hello(); }

bool WorkerLink::usable() const { return wire_->usable(); }

void WorkerLink::Close() { wire_->Close(); }

}  // namespace bulkhead::fleet
