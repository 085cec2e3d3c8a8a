// SPDX-License-Identifier: Apache-2.0
#include "audit/recovery.h"

#include <cerrno>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "audit/checkpoint.h"
#include "audit/line_reader.h"
#include "audit/log_folder.h"
#include "audit/tiles.h"
#include "base/disk.h"
#include "base/read_file.h"

namespace bulkhead::audit {
namespace {

base::Error Damaged(std::string what) {
  return base::OperatorError(base::Code::kCorrupt,
                             what + "; `bulkhead audit verify` says what is wrong with the log");
}

std::span<const std::byte> Bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// nullopt: no log yet.
base::Result<std::optional<Checkpoint>> ReadHead(const std::filesystem::path& log,
                                                 const VerifierKey& key) {
  const auto note = base::ReadFile(log / kCheckpointFile, kNoteBytesMax);
  if (note.ok()) {
    const std::string_view text(reinterpret_cast<const char*>(note.value().data()),
                                note.value().size());
    BH_ASSIGN(Checkpoint head, OpenCheckpoint(text, key));
    return std::optional(std::move(head));
  }
  if (note.error().code != base::Code::kNotFound) return note.error();
  struct stat status{};
  if (::stat((log / SegmentPath(0)).c_str(), &status) == 0 && status.st_size > 0) {
    return Damaged("there are records and no checkpoint");
  }
  return std::optional<Checkpoint>();
}

// All that was signed, from the records.
base::Result<Tree> SignedRecords(const std::filesystem::path& log, const Checkpoint& head,
                                 const Tree::OnFullTile& on_full) {
  Tree tree;
  LineReader lines(log, 0);
  while (tree.size() < head.size) {
    BH_ASSIGN(const auto line, lines.Next());
    if (!line || !line->ended) return Damaged("signed records are missing");
    BH_TRY(tree.Append(LeafHash(Bytes(line->text)), on_full));
  }
  if (tree.Root() != head.root) return Damaged("the signed records were changed");
  return tree;
}

base::Result<Tree> RebuildTree(const std::filesystem::path& log, const Checkpoint& head) {
  // Tiles are evidence: they stay where the records do not give the root either.
  BH_ASSIGN(const Tree tree, SignedRecords(log, head, [](auto...) { return base::Ok(); }));
  return SignedRecords(
      log, head, [&log](std::size_t level, uint64_t index, std::span<const Hash> hashes) {
        return WriteTile(log, {.level = level, .index = index, .width = kTileWidth}, hashes);
      });
}

// The hash of the newest signed record.
base::Result<Hash> LastLeaf(const std::filesystem::path& log, const Tree& tree) {
  if (!tree.edge(0).empty()) return tree.edge(0).back();
  BH_ASSIGN(
      const auto tile,
      ReadTile(log, {.level = 0, .index = tree.size() / kTileWidth - 1, .width = kTileWidth}));
  return tile.back();
}

base::Result<Tree> SignedTree(const std::filesystem::path& log, const Checkpoint& head,
                              bool& rebuilt) {
  auto tree = ReadTree(log, head.size);
  if (tree.ok() && tree.value().Root() == head.root) return tree;
  rebuilt = true;
  return RebuildTree(log, head);
}

// What a killed process wrote and did not sync counts from now on, so it must be durable before
// anything follows it.
base::Status CutAndSync(const std::filesystem::path& log, uint64_t segment,
                        std::optional<uint64_t> cut_at) {
  const std::string path = SegmentPath(segment);
  const base::UniqueFd file(::open((log / path).c_str(), O_WRONLY | O_CLOEXEC));
  if (!file.valid() && errno == ENOENT) return base::Ok();
  if (!file.valid()) return base::DiskError(errno, path);
  const bool cut = !cut_at || ::ftruncate(file.get(), static_cast<off_t>(*cut_at)) == 0;
  if (!cut || ::fsync(file.get()) != 0) return base::DiskError(errno, path);
  return base::Ok();
}

// Reads on after the first line that is not the next record: is it a torn tail, and how long?
base::Result<uint64_t> TornBytes(LineReader& lines, const Line& torn, uint64_t next_sequence) {
  TornTail tail(next_sequence);
  tail.See(torn.text);
  const uint64_t segment = torn.segment;
  const uint64_t begin = torn.offset;
  uint64_t end = begin + torn.text.size() + (torn.ended ? 1 : 0);
  for (;;) {
    BH_ASSIGN(const auto line, lines.Next());
    if (line) tail.See(line->text);
    // A segment is begun when the one before it is full and durable.
    if (tail.acknowledged() || (line && line->segment != segment)) {
      return Damaged("record " + std::to_string(next_sequence) + " is damaged");
    }
    if (!line) return end - begin;
    end = line->offset + line->text.size() + (line->ended ? 1 : 0);
  }
}

// The records of the newest segments: those that were not signed come into the tree.
class Replay {
 public:
  Replay(const std::filesystem::path& log, LogState& state) : log_(log), state_(state) {}

  base::Status Run() {
    const uint64_t signed_size = state_.signed_size;
    const uint64_t segment = signed_size == 0 ? 0 : (signed_size - 1) / kSegmentRecords;
    sequence_ = segment * kSegmentRecords;
    if (signed_size > 0) {
      BH_ASSIGN(last_signed_, LastLeaf(log_, state_.tree));
    }
    LineReader lines(log_, segment);
    for (;;) {
      BH_ASSIGN(const auto line, lines.Next());
      if (!line) break;
      BH_ASSIGN(const bool is_next, Take(*line));
      if (is_next) continue;
      if (sequence_ < signed_size) break;
      const uint64_t at = line->segment;
      const uint64_t cut_at = line->offset;
      BH_ASSIGN(state_.cut_bytes, TornBytes(lines, *line, sequence_));
      BH_TRY(CutAndSync(log_, at, cut_at));
      break;
    }
    if (sequence_ < signed_size) return Damaged("signed records are missing or changed");
    if (sequence_ > 0) BH_TRY(CutAndSync(log_, (sequence_ - 1) / kSegmentRecords, std::nullopt));
    return base::SyncFolder(log_ / kRecordsFolder);
  }

 private:
  // False: it is not the next record.
  base::Result<bool> Take(const Line& line) {
    const auto record = line.ended ? ReadRecord(line.text) : base::Error{};
    if (!record.ok() || line.segment != sequence_ / kSegmentRecords) return false;
    const RecordPlace& place = record.value().place;
    // What comes before the segment was signed and is not read.
    const bool first = sequence_ == line.segment * kSegmentRecords && sequence_ > 0 && !seen_;
    RecordPlace before = state_.last;
    if (first) before = {.sequence = sequence_ - 1, .group = place.group};
    const Hash& previous = first ? place.previous : state_.next_previous;
    if (!WrongPlace(place, sequence_, before, previous).empty()) return false;
    const Hash hash = LeafHash(Bytes(line.text));
    if (sequence_ + 1 == state_.signed_size && hash != last_signed_) return false;
    if (sequence_ >= state_.signed_size) {
      BH_TRY(state_.tree.Append(
          hash, [this](std::size_t level, uint64_t index, std::span<const Hash> hashes) {
            state_.unsigned_tiles.push_back({level, index, {hashes.begin(), hashes.end()}});
            return base::Ok();
          }));
    }
    seen_ = true;
    state_.last = place;
    state_.next_previous = hash;
    ++sequence_;
    const bool full = sequence_ % kSegmentRecords == 0;
    state_.segment_bytes = full ? 0 : line.offset + line.text.size() + 1;
    return true;
  }

  const std::filesystem::path& log_;
  LogState& state_;
  Hash last_signed_{};
  uint64_t sequence_ = 0;
  bool seen_ = false;
};

}  // namespace

void TornTail::See(std::string_view line) {
  const auto record = ReadRecord(line);
  if (!record.ok()) return;
  // Whole, and the first of a group that began when all before it was durable: it does not fit what
  // stands before it now.
  const RecordPlace& place = record.value().place;
  if (place.group > next_ || (place.group == next_ && place.sequence == next_)) {
    acknowledged_ = true;
  }
}

std::string_view WrongPlace(const RecordPlace& record, uint64_t sequence, const RecordPlace& before,
                            const Hash& before_hash) {
  if (record.sequence != sequence) return "another record stands in its place";
  if (record.previous != before_hash) return "it does not follow the record before it";
  if (record.group != sequence && (sequence == 0 || record.group != before.group)) {
    return "its group is not its own and not the one before it";
  }
  if (sequence > 0 && record.time_unix_ms < before.time_unix_ms) {
    return "it is older than the record before it";
  }
  return "";
}

base::Result<LogState> Recover(const std::filesystem::path& log, const VerifierKey& key) {
  BH_ASSIGN(const std::optional<Checkpoint> head, ReadHead(log, key));
  LogState state{.is_new = !head.has_value()};
  if (!head) return state;
  state.signed_size = head->size;
  BH_ASSIGN(state.tree, SignedTree(log, *head, state.rebuilt_tiles));
  BH_TRY(Replay(log, state).Run());
  return state;
}

}  // namespace bulkhead::audit
