// SPDX-License-Identifier: Apache-2.0
#include "audit/committer.h"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "audit/checkpoint.h"
#include "audit/log_folder.h"
#include "audit/record.h"
#include "audit/tiles.h"
#include "audit/timestamp.h"
#include "base/disk.h"
#include "base/write_file.h"

namespace bulkhead::audit {
namespace {

constexpr uint64_t kUnsignedMax = 65'536;                // then a checkpoint is due
constexpr uint64_t kUnsignedRefused = 2 * kUnsignedMax;  // what is kept of hashes stays bounded

}  // namespace

Log::Committer::Committer(base::UniqueFd lock, std::filesystem::path folder, LogOptions options,
                          LogState state)
    : lock_(std::move(lock)),
      folder_(std::move(folder)),
      options_(std::move(options)),
      recovery_{.records = state.tree.size(),
                .cut_bytes = state.cut_bytes,
                .rebuilt_tiles = state.rebuilt_tiles},
      signed_size_(state.signed_size),
      state_(std::move(state)) {
  thread_.emplace("audit", options_.waiting_max,
                  [this](std::vector<Waiting>& batch) { Commit(batch); });
}

Log::Committer::~Committer() {
  thread_.reset();  // commits what waits
  std::vector<Waiting> last(1);
  last[0] = {.event = EncodeEvent({.kind = EventKind::kLogStop}),
             .then = Then::kSignAndSend,
             .done = [](const base::Result<uint64_t>&) {}};
  Commit(last);
}

void Log::Committer::Add(const Event& event, Then then, Done done) {
  Waiting waiting{.event = EncodeEvent(event), .then = then, .done = std::move(done)};
  if (thread_->Add(waiting)) return;
  waiting.done(
      base::OperatorError(base::Code::kExhausted, "too many audit records wait for the disk"));
}

void Log::Committer::Commit(std::vector<Waiting>& batch) {
  std::span<Waiting> rest(batch);
  while (!rest.empty()) {
    // A group is in one segment.
    const uint64_t room = kSegmentRecords - state_.tree.size() % kSegmentRecords;
    const auto count = static_cast<std::size_t>(std::min<uint64_t>(room, rest.size()));
    CommitGroup(rest.first(count));
    rest = rest.subspan(count);
  }
}

void Log::Committer::CommitGroup(std::span<Waiting> group) {
  const uint64_t first = state_.tree.size();
  const base::Status written = WriteGroup(group);
  const Then then = std::ranges::max(group, {}, &Waiting::then).then;
  base::Status is_signed = written;
  const bool due = state_.tree.size() - signed_size() >= kUnsignedMax;
  if (written.ok() && (then != Then::kNothing || due)) is_signed = Sign();
  base::Status sent = is_signed;
  if (is_signed.ok() && (then == Then::kSignAndSend || due)) sent = Send();
  for (std::size_t at = 0; at < group.size(); ++at) {
    // Moved out, so that what it holds is released as soon as it ran.
    const Done done = std::move(group[at].done);
    const base::Status& outcome = group[at].then == Then::kNothing ? written
                                  : group[at].then == Then::kSign  ? is_signed
                                                                   : sent;
    if (outcome.ok()) {
      done(first + at);
    } else {
      done(outcome.error());
    }
  }
}

base::Status Log::Committer::MayWrite() {
  if (broken_) return *broken_;
  if (state_.tree.size() - signed_size() < kUnsignedRefused) return base::Ok();
  const base::Status is_signed = Sign();
  if (is_signed.ok()) return is_signed;
  return base::OperatorError(base::Code::kExhausted,
                             "too many audit records are not signed: " + is_signed.error().detail);
}

base::Status Log::Committer::WriteGroup(std::span<const Waiting> group) {
  BH_TRY(MayWrite());
  const uint64_t first = state_.tree.size();
  RecordPlace place = state_.last;
  place.group = first;
  place.previous = state_.next_previous;
  place.time_unix_ms = std::clamp(options_.unix_now_ms(), state_.last.time_unix_ms, kUnixMsMax);
  std::vector<std::byte> lines;
  std::vector<Hash> hashes;
  for (std::size_t at = 0; at < group.size(); ++at) {
    place.sequence = first + at;
    const std::size_t begin = lines.size();
    EncodeRecord(place, group[at].event, lines);
    place.previous = hashes.emplace_back(LeafHash(std::span(lines).subspan(begin)));
    lines.push_back(std::byte{'\n'});
  }
  BH_TRY(OpenSegment());
  if (base::Status written = base::WriteAt(segment_.get(), state_.segment_bytes, lines);
      !written.ok()) {
    if (written.error().code != base::Code::kExhausted) return Break(written.error());
    BH_TRY(CutBack());
    return written;
  }
  if (::fdatasync(segment_.get()) != 0) return Break(base::DiskError(errno, "sync records"));
  for (const Hash& hash : hashes) BH_TRY(AddToTree(hash));
  state_.segment_bytes += lines.size();
  state_.next_previous = place.previous;
  state_.last = place;
  return base::Ok();
}

base::Status Log::Committer::OpenSegment() {
  const bool is_begun = state_.tree.size() % kSegmentRecords != 0;
  if (segment_.valid() && is_begun) return base::Ok();
  const std::string path = SegmentPath(state_.tree.size() / kSegmentRecords);
  base::UniqueFd file(::open((folder_ / path).c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
  if (!file.valid()) return base::DiskError(errno, path);
  if (base::Status synced = base::SyncFolder(folder_ / kRecordsFolder); !synced.ok()) {
    return Break(synced.error());
  }
  segment_ = std::move(file);
  if (!is_begun) state_.segment_bytes = 0;
  return base::Ok();
}

base::Status Log::Committer::CutBack() {
  // Synced, so that no crash brings these bytes back behind a shorter group.
  if (::ftruncate(segment_.get(), static_cast<off_t>(state_.segment_bytes)) == 0 &&
      ::fsync(segment_.get()) == 0) {
    return base::Ok();
  }
  return Break(base::DiskError(errno, "cut the records back"));
}

base::Error Log::Committer::Break(base::Error error) {
  broken_ = base::OperatorError(base::Code::kUnavailable,
                                "the audit log's disk failed: " + std::move(error.detail));
  return *broken_;
}

base::Status Log::Committer::AddToTree(const Hash& hash) {
  return state_.tree.Append(
      hash, [this](std::size_t level, uint64_t index, std::span<const Hash> hashes) {
        state_.unsigned_tiles.push_back({level, index, {hashes.begin(), hashes.end()}});
        return base::Ok();
      });
}

base::Status Log::Committer::Sign() {
  if (broken_) return *broken_;
  BH_TRY(WriteTiles());
  BH_ASSIGN(std::string note,
            SignCheckpoint(state_.tree.size(), state_.tree.Root(), options_.signer));
  BH_TRY(base::WriteFile(folder_ / kCheckpointFile, std::as_bytes(std::span(note)),
                         base::Durable::kNow));
  note_ = std::move(note);
  signed_size_.store(state_.tree.size());
  DropPartialTiles();
  return base::Ok();
}

base::Status Log::Committer::WriteTiles() {
  for (const FullTile& tile : state_.unsigned_tiles) {
    BH_TRY(WriteTile(folder_, {.level = tile.level, .index = tile.index, .width = kTileWidth},
                     tile.hashes));
  }
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    const auto edge = state_.tree.edge(level);
    if (edge.empty()) continue;
    const uint64_t index = (state_.tree.size() >> (8 * level)) / kTileWidth;
    BH_TRY(WriteTile(folder_, {.level = level, .index = index, .width = edge.size()}, edge));
  }
  return base::Ok();
}

void Log::Committer::DropPartialTiles() {
  for (const FullTile& tile : state_.unsigned_tiles) {
    const TileName any{.level = tile.level, .index = tile.index, .width = 1};
    std::error_code left;  // a crash would have left them as well
    std::filesystem::remove_all((folder_ / TilePath(any)).parent_path(), left);
  }
  state_.unsigned_tiles.clear();
}

base::Status Log::Committer::Send() {
  if (!options_.second_place) return base::Ok();
  base::Status sent = options_.second_place(note_, signed_size());
  if (sent.ok()) return sent;
  return base::WithContext(std::move(sent).error(), "the checkpoint's second place");
}

}  // namespace bulkhead::audit
