// SPDX-License-Identifier: Apache-2.0
#include "gateway/inference.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/monotonic_clock.h"
#include "base/unix_clock.h"
#include "gateway/graph_tensors.h"
#include "meter/record_codec.h"

namespace bulkhead::gateway {
namespace {

using std::chrono::nanoseconds;

uint64_t Microseconds(nanoseconds time) {
  return static_cast<uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(time).count());
}

// Of a batch that several frames shared, one frame's part. The worker says it, who may say
// anything: no more than the ledger takes.
uint64_t ComputeMicroseconds(const channel::FrameTimes& times) {
  return std::min(Microseconds(times.decode + times.letterbox +
                               times.infer / std::max(times.batch, 1) + times.heads),
                  meter::kAmountMax);
}

FailureReason ReasonOf(base::Code code, bool cancelled) {
  if (cancelled) return FailureReason::kCanceled;
  if (code == base::Code::kExhausted || code == base::Code::kDeadline) {
    return FailureReason::kRejected;
  }
  return code == base::Code::kInvalid ? FailureReason::kOther : FailureReason::kBackend;
}

std::string_view LimitName(tenant::Limit limit) {
  switch (limit) {
    case tenant::Limit::kFramesPerSecond:
      return "frames_per_second";
    case tenant::Limit::kBytesPerSecond:
      return "bytes_per_second";
    case tenant::Limit::kRequestsInFlight:
      return "in_flight";
    case tenant::Limit::kFramesPerMonth:
      return "frames_per_month";
  }
  return "";
}

uint32_t FramesOf(const openinference::InferRequest& request) {
  if (request.inputs.empty() || request.inputs.front().dims.empty()) return 1;
  return static_cast<uint32_t>(
      std::clamp<int64_t>(request.inputs.front().dims.front(), 1, UINT32_MAX));
}

}  // namespace

// Counts a request as pending for as long as it lives.
struct Inference::Begun {
  Begun(Statistics& counts, ModelKey of, const std::string& tenant_name)
      : statistics(counts), key(std::move(of)) {
    statistics.Began(key, tenant_name);
  }
  Begun(const Begun&) = delete;
  Begun& operator=(const Begun&) = delete;
  ~Begun() { statistics.Ended(key); }
  Statistics& statistics;
  ModelKey key;
};

channel::Deadline Inference::DeadlineOf(const Asked& asked) const {
  nanoseconds timeout = parts_.timeout_max;
  if (asked.timeout) timeout = std::min<nanoseconds>(timeout, *asked.timeout);
  return asked.arrived + timeout;
}

Answer<tenant::Ticket> Inference::Admit(const Asked& asked, uint32_t frames) {
  Accounts::Admitted admitted = parts_.accounts.Admit(asked.caller, {frames, asked.body_bytes});
  if (auto* refused = std::get_if<Accounts::Refused>(&admitted)) {
    if (refused->limit) {
      parts_.statistics.Refused(asked.caller.tenant_name, LimitName(*refused->limit));
    }
    return Failure{std::move(refused->error), nanoseconds(refused->wait_ns)};
  }
  return std::get<tenant::Ticket>(std::move(admitted));
}

async::Task<Answer<fleet::Lease>> Inference::Route(const Asked& asked, channel::Deadline deadline) {
  fleet::RouteRequest request{asked.caller.tenant, asked.model, asked.version, deadline};
  TraceStep step(asked.trace, "queue");
  // Mostly there is room, and then no coroutine is needed to wait for it.
  auto now = parts_.fleet.RouteNow(request);
  if (now.ok() && now.value()) {
    step.Succeeded();
    TraceVersion(asked.trace, now.value()->version());
    co_return *std::move(now).value();
  }
  auto lease = co_await parts_.fleet.Route(std::move(request), asked.cancel);
  if (lease.ok()) {
    step.Succeeded();
    TraceVersion(asked.trace, lease.value().version());
    co_return std::move(lease).value();
  }
  const auto version = asked.version.value_or(0);
  if (lease.error().code == base::Code::kNotFound) {
    parts_.statistics.Refused(asked.caller.tenant_name, "no_model");
    co_return Failure{std::move(lease).error(), std::nullopt};
  }
  co_return Fail(asked, version, std::move(lease).error(), false, 0);
}

Failure Inference::Fail(const Asked& asked, tenant::Version version, base::Error error,
                        bool in_worker, uint32_t frames) {
  const ModelKey key{asked.caller.tenant, asked.model, version};
  const bool cancelled = asked.cancel.cancelled();
  parts_.statistics.Failed(key, asked.caller.tenant_name, ReasonOf(error.code, cancelled),
                           base::MonotonicNow() - asked.arrived);
  const tenant::Deployment* deployment =
      parts_.accounts.directory().FindDeployment(asked.caller.tenant, asked.model);
  if (in_worker && !cancelled && deployment != nullptr) {
    parts_.metering.Note({meter::Outcome::kFailed,
                          asked.caller.tenant.text,
                          asked.caller.key.text,
                          asked.model.text,
                          version,
                          deployment->id.text,
                          frames,
                          asked.body_bytes,
                          0,
                          0,
                          0,
                          base::UnixNowMs(),
                          {}});
  }
  return {std::move(error), std::nullopt};
}

async::Task<Answer<Receipt>> Inference::Meter(const Asked& asked, tenant::Version version,
                                              uint32_t frames, const channel::FrameTimes& times,
                                              int width, int height, tenant::Ticket& ticket) {
  const tenant::Deployment* deployment =
      parts_.accounts.directory().FindDeployment(asked.caller.tenant, asked.model);
  Receipt receipt;
  receipt.record = {meter::Outcome::kOk,
                    asked.caller.tenant.text,
                    asked.caller.key.text,
                    asked.model.text,
                    version,
                    deployment == nullptr ? "removed" : deployment->id.text,
                    frames,
                    asked.body_bytes,
                    static_cast<uint32_t>(width),
                    static_cast<uint32_t>(height),
                    ComputeMicroseconds(times),
                    base::UnixNowMs(),
                    {}};
  TraceStep step(asked.trace, "ledger");
  const nanoseconds begun = base::MonotonicNow();
  const base::Result<meter::RecordId> id = co_await parts_.metering.Record(receipt.record);
  if (!id.ok()) co_return Fail(asked, version, id.error(), false, 0);
  step.Succeeded();
  ticket.Commit(receipt.record.time_unix_ms, frames);
  receipt.id = id.value();
  receipt.text = parts_.metering.ReceiptOf(receipt.id);
  CountSuccess(asked, version, frames, times, base::MonotonicNow() - begun);
  co_return std::move(receipt);
}

void Inference::CountSuccess(const Asked& asked, tenant::Version version, uint32_t frames,
                             const channel::FrameTimes& times, nanoseconds ledger) {
  parts_.statistics.Succeeded({asked.caller.tenant, asked.model, version}, asked.caller.tenant_name,
                              frames, {times, ledger, base::MonotonicNow() - asked.arrived},
                              base::UnixNowMs());
}

async::Task<Answer<Detected>> Inference::Detect(Asked asked, DetectJob job) {
  auto admitted = Admit(asked, 1);
  if (auto* failure = std::get_if<Failure>(&admitted)) co_return std::move(*failure);
  auto& ticket = std::get<tenant::Ticket>(admitted);
  const channel::Deadline deadline = DeadlineOf(asked);
  auto routed = co_await Route(asked, deadline);
  if (auto* failure = std::get_if<Failure>(&routed)) co_return std::move(*failure);
  auto& lease = std::get<fleet::Lease>(routed);
  Detected detected;
  detected.hello = lease.ShareHello();
  detected.version = lease.version();
  const Begun begun(parts_.statistics, {asked.caller.tenant, asked.model, detected.version},
                    asked.caller.tenant_name);
  fleet::DetectCall call{deadline, std::move(job.options), job.encoded, std::move(job.owner),
                         job.annotate};
  TraceStep step(asked.trace, "worker");
  auto reply = co_await lease.Detect(std::move(call), asked.cancel);
  if (!reply.ok()) {
    co_return Fail(asked, detected.version, std::move(reply).error(), true, 1);
  }
  detected.reply = std::move(reply).value();
  step.Succeeded(detected.reply.times);
  auto receipt =
      co_await Meter(asked, detected.version, 1, detected.reply.times,
                     detected.reply.result.image_width, detected.reply.result.image_height, ticket);
  if (auto* failure = std::get_if<Failure>(&receipt)) co_return std::move(*failure);
  detected.receipt = std::get<Receipt>(std::move(receipt));
  co_return std::move(detected);
}

async::Task<Answer<GraphDone>> Inference::Run(Asked asked, GraphJob job) {
  const uint32_t frames = FramesOf(*job.request);
  auto admitted = Admit(asked, frames);
  if (auto* failure = std::get_if<Failure>(&admitted)) co_return std::move(*failure);
  auto& ticket = std::get<tenant::Ticket>(admitted);
  const channel::Deadline deadline = DeadlineOf(asked);
  auto routed = co_await Route(asked, deadline);
  if (auto* failure = std::get_if<Failure>(&routed)) co_return std::move(*failure);
  auto& lease = std::get<fleet::Lease>(routed);
  GraphDone done;
  done.hello = lease.ShareHello();
  done.reply_memory = lease.reply_memory();
  done.version = lease.version();
  auto request = GraphRequest(*job.request, *done.hello);
  if (!request.ok()) {
    co_return Fail(asked, done.version, std::move(request).error(), false, frames);
  }
  const Begun begun(parts_.statistics, {asked.caller.tenant, asked.model, done.version},
                    asked.caller.tenant_name);
  fleet::InferCall call{deadline, std::move(request.value().inputs),
                        std::move(request.value().outputs), std::move(job.owner)};
  TraceStep step(asked.trace, "worker");
  auto reply = co_await lease.Infer(std::move(call), asked.cancel);
  if (!reply.ok()) co_return Fail(asked, done.version, std::move(reply).error(), true, frames);
  done.reply = std::move(reply).value();
  step.Succeeded(done.reply.times);
  auto receipt = co_await Meter(asked, done.version, frames, done.reply.times, 0, 0, ticket);
  if (auto* failure = std::get_if<Failure>(&receipt)) co_return std::move(*failure);
  done.receipt = std::get<Receipt>(std::move(receipt));
  co_return std::move(done);
}

void Inference::TakeBack(const Receipt& receipt) {
  parts_.metering.TakeBack(receipt.record, receipt.id);
  const auto admission = parts_.accounts.directory().FindAdmission({receipt.record.tenant});
  if (admission != nullptr) {
    admission->TakeBack(receipt.record.time_unix_ms, receipt.record.frames);
  }
}

}  // namespace bulkhead::gateway
