// SPDX-License-Identifier: Apache-2.0
#include "gateway/audit_trail.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <system_error>
#include <utility>

#include "audit/signing_key.h"
#include "audit/unfinished.h"
#include "base/hex.h"
#include "base/random_bytes.h"
#include "base/unix_clock.h"
#include "http/refusal.h"

namespace bulkhead::gateway {
namespace {

using Appended = base::Result<uint64_t>;

// Outcomes that found no room; their beginnings are recorded, so that nothing is hidden without
// them.
constexpr std::size_t kOwedMax = 1000;

base::Error Refusal(const base::Error& error) {
  return base::OperatorError(
      base::Code::kUnavailable,
      "it cannot be recorded in the audit log, so it was not done: " + error.detail);
}

base::Result<audit::Label> NewAuditId() {
  std::array<std::byte, 8> chance{};
  BH_TRY(base::FillRandom(chance));
  return audit::Label(base::Hex(chance));
}

std::string NameOf(const audit::Event& event) {
  std::string name(audit::NamesOf(event.kind).name);
  if (!event.tenant.empty()) name += " " + event.tenant.text();
  if (!event.object_name.empty()) name += " " + event.object_name.text();
  return name;
}

}  // namespace

struct AuditTrail::State {
  explicit State(AuditTrailParts given) : parts(std::move(given)) {}

  async::Task<Appended> Append(const audit::Event& event) {
    co_return co_await async::Await<Appended>([this, &event](async::Done<Appended> done) {
      log->Append(event,
                  [done = std::move(done)](Appended result) mutable { done(std::move(result)); });
    });
  }

  void Note(const audit::Event& event) {
    log->Append(event, [this](const Appended& result) {
      if (result.ok()) {
        dropping.store(false);
      } else if (!dropping.exchange(true)) {
        parts.log("the audit log: records of refused requests are dropped: " +
                  result.error().detail);
      }
    });
  }

  AuditTrailParts parts;
  std::atomic<bool> dropping = false;
  std::vector<audit::Event> owed;  // of the I/O thread
  // Last: its thread uses what stands above.
  std::unique_ptr<audit::Log> log;
};

base::Result<std::unique_ptr<AuditTrail>> AuditTrail::Open(AuditTrailParts parts) {
  auto state = std::make_unique<State>(std::move(parts));
  const std::filesystem::path& state_folder = state->parts.state_folder;
  const std::filesystem::path& copy = state->parts.copy;
  audit::LogOptions options;
  BH_ASSIGN(options.signer,
            audit::ReadOrMakeSigner(state_folder / "audit-key", "bulkhead-gateway"));
  options.unix_now_ms = base::UnixNowMs;
  std::error_code unreadable;
  if (!copy.empty()) {
    if (!std::filesystem::is_directory(copy, unreadable)) {
      return base::OperatorError(base::Code::kNotFound,
                                 copy.string() + ", for the audit log's checkpoints, is no folder");
    }
    options.second_place = audit::CheckpointFolder(copy);
  }
  const std::string key = audit::FormatVerifierKey(options.signer.key);
  BH_ASSIGN(audit::OpenedLog opened, audit::OpenAndEnd(state_folder / "audit", std::move(options)));
  BH_TRY(opened.log->AppendAndWait(state->parts.configuration));
  state->log = std::move(opened.log);
  state->parts.log("the audit log is signed with " + key);
  for (const audit::Event& event : opened.ended) {
    state->parts.log("the audit log: the last gateway ended within " + NameOf(event) +
                     "; nobody knows whether it was done");
  }
  return std::unique_ptr<AuditTrail>(new AuditTrail(std::move(state)));
}

AuditTrail::AuditTrail(std::unique_ptr<State> state) : state_(std::move(state)) {}

AuditTrail::~AuditTrail() {
  for (const audit::Event& event : state_->owed) (void)state_->log->AppendAndWait(event);
}

async::Task<base::Status> AuditTrail::Begin(std::vector<audit::Event>& events) {
  const auto id = NewAuditId();
  if (!id.ok()) co_return Refusal(id.error());
  std::size_t begun = 0;
  for (audit::Event& event : events) {
    event.stage = audit::Stage::kRequestReceived;
    event.audit_id = id.value();
    event.received_unix_ms = base::UnixNowMs();
    const Appended appended = co_await state_->Append(event);
    if (appended.ok()) {
      ++begun;
      continue;
    }
    std::vector<audit::Event> earlier(events.begin(),
                                      events.begin() + static_cast<std::ptrdiff_t>(begun));
    ActionOutcome refused;
    if (begun > 0) co_await End(std::move(earlier), 503, std::move(refused));
    co_return Refusal(appended.error());
  }
  co_return base::Ok();
}

async::Task<> AuditTrail::End(std::vector<audit::Event> events, int status, ActionOutcome outcome) {
  for (audit::Event& event : events) {
    event.stage = audit::Stage::kResponseComplete;
    event.status = static_cast<uint16_t>(status);
    event.reason = http::ReasonPhrase(status);
    if (!outcome.object_name.empty()) event.object_name = outcome.object_name;
    for (const auto& [name, value] : outcome.annotations) event.annotations[name] = value;
    const Appended appended = co_await state_->Append(event);
    if (appended.ok()) continue;
    state_->parts.log("the audit log: what came of " + NameOf(event) +
                      " is not recorded yet: " + appended.error().detail);
    if (state_->owed.size() < kOwedMax) state_->owed.push_back(std::move(event));
  }
}

void AuditTrail::Note(const audit::Event& event) { state_->Note(event); }

async::Task<base::Status> AuditTrail::Checkpoint() {
  std::vector<audit::Event> owed = std::exchange(state_->owed, {});
  for (audit::Event& event : owed) {
    const Appended appended = co_await state_->Append(event);
    if (!appended.ok()) state_->owed.push_back(std::move(event));
  }
  const Appended done = co_await async::Await<Appended>([this](async::Done<Appended> called) {
    state_->log->Checkpoint(
        [called = std::move(called)](Appended result) mutable { called(std::move(result)); });
  });
  if (!done.ok()) co_return done.error();
  co_return base::Ok();
}

}  // namespace bulkhead::gateway
