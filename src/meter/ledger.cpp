// SPDX-License-Identifier: Apache-2.0
#include "meter/ledger.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <sys/random.h>

#include "base/disk.h"
#include "base/errno_error.h"
#include "meter/committer.h"
#include "meter/group.h"
#include "meter/record_codec.h"
#include "meter/recovery.h"

namespace bulkhead::meter {
namespace {

constexpr std::size_t kWaitingMax = 65'536;
static_assert(kWaitingMax <= kGroupRecordsMax);

base::Result<std::string> NewLedgerId() {
  std::array<unsigned char, kLedgerIdBytes / 2> chance{};
  if (::getrandom(chance.data(), chance.size(), 0) != static_cast<ssize_t>(chance.size())) {
    return base::WithContext(base::ErrnoError(errno), "name a new ledger");
  }
  std::string id;
  for (const unsigned char byte : chance) {
    id += "0123456789abcdef"[byte >> 4];
    id += "0123456789abcdef"[byte & 15];
  }
  return id;
}

}  // namespace

base::Result<std::unique_ptr<Ledger>> Ledger::Open(const std::filesystem::path& folder,
                                                   const LedgerOptions& options) {
  auto lock = base::LockFolder(folder);
  if (!lock.ok()) return base::WithContext(std::move(lock).error(), "the ledger's folder");
  BH_ASSIGN(auto recovered, Recover(folder));
  if (!recovered) {
    recovered.emplace();
    BH_ASSIGN(recovered->next.ledger_id, NewLedgerId());
  }
  const SegmentHeader& header = recovered->next;
  // A segment with the next epoch in its header: this is what raises it.
  BH_ASSIGN(SegmentWriter writer, SegmentWriter::Create(folder, header, RoomOf(options)));
  LedgerOptions bounded = options;
  bounded.waiting_max = std::min(options.waiting_max, kWaitingMax);
  const Recovery recovery{.torn_bytes = recovered->torn_bytes, .records = header.position};
  return std::unique_ptr<Ledger>(new Ledger(std::make_unique<Committer>(
      std::move(lock).value(), folder, std::move(bounded), header, std::move(writer), recovery)));
}

Ledger::Ledger(std::unique_ptr<Committer> committer) : committer_(std::move(committer)) {}
Ledger::~Ledger() = default;

void Ledger::Append(const FrameRecord& record, Done done) {
  if (auto checked = CheckRecord(record); !checked.ok()) return done(std::move(checked).error());
  committer_->Append(record, std::move(done));
}

void Ledger::AppendMark(const ExportMark& mark, Done done) {
  if (auto checked = CheckMark(mark); !checked.ok()) return done(std::move(checked).error());
  committer_->AppendMark(mark, std::move(done));
}

const std::string& Ledger::id() const { return committer_->ledger_id(); }
uint64_t Ledger::epoch() const { return committer_->epoch(); }
const Recovery& Ledger::recovery() const { return committer_->recovery(); }
uint64_t Ledger::position() const { return committer_->position(); }
std::optional<ExportMark> Ledger::export_mark() const { return committer_->mark(); }

}  // namespace bulkhead::meter
