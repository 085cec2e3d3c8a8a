// SPDX-License-Identifier: Apache-2.0
#include "gateway/metering.h"

#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include <boost/asio/post.hpp>

#include "base/monotonic_clock.h"
#include "meter/receipts.h"

namespace bulkhead::gateway {
namespace {

struct Answer {
  async::Done<base::Result<meter::RecordId>> done;
  base::Result<meter::RecordId> result;
};

base::Error Refusal(const base::Error& error) {
  return {base::Code::kUnavailable, "the ledger: " + error.detail,
          "the request cannot be metered now; try again later"};
}

}  // namespace

struct Metering::State {
  explicit State(boost::asio::io_context& context) : io(context) {}

  // Any thread. What is refused at once is refused on the I/O thread, and no group follows it.
  void Take(Answer answer) {
    if (std::this_thread::get_id() == io_thread) {
      answer.done(std::move(answer.result));
      return;
    }
    const std::lock_guard lock(mutex);
    answered.push_back(std::move(answer));
  }

  // The ledger's thread: once per group instead of once per record, so that the I/O thread is woken
  // once.
  void Deliver() {
    std::vector<Answer> answers;
    {
      const std::lock_guard lock(mutex);
      answers.swap(answered);
    }
    if (answers.empty()) return;
    boost::asio::post(io, [answers = std::move(answers)]() mutable {
      for (Answer& answer : answers) answer.done(std::move(answer.result));
    });
  }

  // A taking back that finds no room is kept until there is some: its result would be billed. There
  // are no more of these than results that were on their way when the room ended. Nothing else is
  // kept, as failures bill nothing and a full disk may last.
  void Note(const meter::FrameRecord& record) {
    ledger->Append(record, [this, record](const base::Result<meter::RecordId>& result) {
      if (record.outcome != meter::Outcome::kUndelivered) return;
      if (result.ok() || result.error().code != base::Code::kExhausted) return;
      boost::asio::post(io, [this, record] { kept.push_back(record); });
    });
  }

  void NoteKept() {
    for (const meter::FrameRecord& record : std::exchange(kept, {})) Note(record);
  }

  boost::asio::io_context& io;
  const std::thread::id io_thread = std::this_thread::get_id();
  std::mutex mutex;
  std::vector<Answer> answered;
  // Of the I/O thread.
  bool usable = true;
  uint64_t waiting = 0;
  uint64_t recorded = 0;
  uint64_t refused = 0;
  telemetry::Histogram commit;
  std::vector<meter::FrameRecord> kept;
  std::optional<meter::Receipts> receipts;
  // Last: its thread uses what stands above.
  std::unique_ptr<meter::Ledger> ledger;
};

base::Result<std::unique_ptr<Metering>> Metering::Open(boost::asio::io_context& io,
                                                       const std::filesystem::path& folder,
                                                       std::span<const std::byte> receipt_secret) {
  auto state = std::make_unique<State>(io);
  meter::LedgerOptions options;
  options.after_group = [pointer = state.get()] { pointer->Deliver(); };
  BH_ASSIGN(state->ledger, meter::Ledger::Open(folder, options));
  state->receipts.emplace(state->ledger->id(), receipt_secret);
  return std::unique_ptr<Metering>(new Metering(std::move(state)));
}

Metering::Metering(std::unique_ptr<State> state) : state_(std::move(state)) {}

Metering::~Metering() { state_->NoteKept(); }

async::Task<base::Result<meter::RecordId>> Metering::Record(const meter::FrameRecord& record) {
  State& state = *state_;
  const std::chrono::nanoseconds begun = base::MonotonicNow();
  ++state.waiting;
  base::Result<meter::RecordId> id = co_await async::Await<base::Result<meter::RecordId>>(
      [&state, &record](async::Done<base::Result<meter::RecordId>> done) {
        state.ledger->Append(
            record, [&state, done = std::move(done)](base::Result<meter::RecordId> result) mutable {
              state.Take({std::move(done), std::move(result)});
            });
      });
  --state.waiting;
  state.commit.Observe(base::MonotonicNow() - begun);
  if (id.ok()) {
    ++state.recorded;
    if (!state.kept.empty()) state.NoteKept();
    co_return id;
  }
  ++state.refused;
  if (id.error().code == base::Code::kUnavailable) state.usable = false;
  co_return Refusal(id.error());
}

void Metering::TakeBack(meter::FrameRecord record, meter::RecordId about) {
  record.outcome = meter::Outcome::kUndelivered;
  record.about = about;
  Note(record);
}

void Metering::Note(const meter::FrameRecord& record) { state_->Note(record); }

std::string Metering::ReceiptOf(meter::RecordId id) const { return state_->receipts->Text(id); }

bool Metering::usable() const { return state_->usable; }

meter::Ledger& Metering::ledger() { return *state_->ledger; }

void Metering::AppendFamilies(std::vector<telemetry::Family>& families) const {
  using telemetry::Kind;
  families.push_back({"bulkhead_ledger_records_total",
                      "Records that became durable.",
                      Kind::kCounter,
                      {{{}, static_cast<double>(state_->recorded)}}});
  families.push_back({"bulkhead_ledger_refused_total",
                      "Records that did not become durable.",
                      Kind::kCounter,
                      {{{}, static_cast<double>(state_->refused)}}});
  families.push_back({"bulkhead_ledger_waiting",
                      "Results that wait for their record.",
                      Kind::kGauge,
                      {{{}, static_cast<double>(state_->waiting)}}});
  families.push_back({"bulkhead_ledger_usable",
                      "1, or 0 when nothing can be metered any more.",
                      Kind::kGauge,
                      {{{}, state_->usable ? 1.0 : 0.0}}});
  families.push_back({"bulkhead_ledger_commit_seconds",
                      "From a result to its durable record.",
                      Kind::kHistogram,
                      {{{}, state_->commit}}});
}

}  // namespace bulkhead::gateway
