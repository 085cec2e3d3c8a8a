// SPDX-License-Identifier: Apache-2.0
#include "audit/verify.h"

#include <algorithm>
#include <span>
#include <string_view>
#include <utility>

#include "audit/checkpoint.h"
#include "audit/line_reader.h"
#include "audit/log_folder.h"
#include "audit/record.h"
#include "audit/recovery.h"
#include "audit/verify_tiles.h"
#include "base/read_file.h"

namespace bulkhead::audit {
namespace {

base::Result<std::string> ReadText(const std::filesystem::path& path) {
  BH_ASSIGN(const auto bytes, base::ReadFile(path, kNoteBytesMax));
  return std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

class Verification {
 public:
  Verification(const std::filesystem::path& log, std::vector<KnownHead> known)
      : log_(log), known_(std::move(known)) {}

  base::Result<VerifyReport> Run(const VerifierKey& key) {
    BH_TRY(ReadHead(key));
    std::ranges::sort(known_, {}, &KnownHead::size);
    BH_TRY(CheckHeads());
    LineReader lines(log_, 0);
    for (;;) {
      BH_ASSIGN(const auto line, lines.Next());
      if (!line) break;
      if (torn_) {
        SeeTail(*line);
      } else {
        BH_TRY(Take(*line));
      }
    }
    BH_TRY(End());
    return std::move(report_);
  }

 private:
  void Find(std::optional<uint64_t> record, std::string what) {
    if (report_.findings.size() < kFindingsMax) {
      report_.findings.push_back({.record = record, .what = std::move(what)});
    }
  }

  base::Status ReadHead(const VerifierKey& key);
  base::Status Take(const Line& line);
  std::string_view WrongWith(const Line& line, const base::Result<RecordView>& record) const;
  void SeeTail(const Line& line);
  base::Status CheckHeads();
  base::Status End();

  const std::filesystem::path& log_;
  std::vector<KnownHead> known_;  // and the log's own, by size
  std::size_t next_known_ = 0;
  VerifyReport report_;
  Tree tree_;
  TileCheck tiles_{log_};
  RecordPlace before_;
  Hash before_hash_{};
  uint64_t sequence_ = 0;
  std::optional<TornTail> torn_;
};

base::Status Verification::ReadHead(const VerifierKey& key) {
  const auto note = ReadText(log_ / kCheckpointFile);
  if (!note.ok()) {
    if (!std::filesystem::is_directory(log_ / kRecordsFolder)) {
      return base::OperatorError(base::Code::kNotFound, "no audit log");
    }
    Find(std::nullopt, "the checkpoint cannot be read: " + note.error().detail);
    return base::Ok();
  }
  const auto head = OpenCheckpoint(note.value(), key);
  if (!head.ok()) {
    Find(std::nullopt, head.error().detail);
    return base::Ok();
  }
  report_.signed_records = head.value().size;
  report_.signed_root = head.value().root;
  for (const KnownHead& known : known_) {
    if (known.size <= head.value().size) continue;
    Find(std::nullopt, "the log is older than " + known.source + " (" + std::to_string(known.size) +
                           " records, now " + std::to_string(head.value().size) + " signed)");
  }
  known_.push_back(
      {.size = head.value().size, .root = head.value().root, .source = "its newest checkpoint"});
  tiles_.Expect(head.value().size);
  return base::Ok();
}

std::string_view Verification::WrongWith(const Line& line,
                                         const base::Result<RecordView>& record) const {
  if (!line.ended) return "its line does not end";
  if (!record.ok()) return "it is no record";
  if (line.segment != sequence_ / kSegmentRecords) return "it is in another segment's file";
  return WrongPlace(record.value().place, sequence_, before_, before_hash_);
}

base::Status Verification::Take(const Line& line) {
  const auto record = ReadRecord(line.text);
  if (const std::string_view wrong = WrongWith(line, record); !wrong.empty()) {
    if (sequence_ >= report_.signed_records && report_.sound()) {
      torn_.emplace(sequence_);
      SeeTail(line);
      return base::Ok();
    }
    Find(sequence_, std::string(wrong));
  }
  const Hash hash = LeafHash(std::as_bytes(std::span(line.text)));
  BH_TRY(tree_.Append(hash, [this](std::size_t level, uint64_t index, std::span<const Hash> tile) {
    if (auto wrong = tiles_.Compare({.level = level, .index = index, .width = kTileWidth}, tile)) {
      Find(std::nullopt, *std::move(wrong));
    }
    return base::Ok();
  }));
  if (record.ok()) {
    before_ = record.value().place;
    if (sequence_ == 0) report_.first_unix_ms = before_.time_unix_ms;
  }
  before_hash_ = hash;
  // Goes on from what stands there, so that one missing record is one finding.
  sequence_ = record.ok() ? before_.sequence + 1 : sequence_ + 1;
  return CheckHeads();
}

void Verification::SeeTail(const Line& line) {
  torn_->See(line.text);
  report_.torn_bytes += line.text.size() + (line.ended ? 1 : 0);
  if (line.segment > sequence_ / kSegmentRecords) {
    Find(sequence_, "it is damaged, and another segment follows");
  }
}

base::Status Verification::CheckHeads() {
  for (; next_known_ < known_.size() && known_[next_known_].size == tree_.size(); ++next_known_) {
    const KnownHead& head = known_[next_known_];
    if (tree_.Root() == head.root) continue;
    Find(std::nullopt,
         "the first " + std::to_string(head.size) + " records are not those of " + head.source);
  }
  if (tree_.size() != report_.signed_records || !tiles_.expected()) return base::Ok();
  for (std::size_t level = 0; level < kTileLevels; ++level) {
    const auto edge = tree_.edge(level);
    if (edge.empty()) continue;
    const TileName name{
        .level = level, .index = (tree_.size() >> (8 * level)) / kTileWidth, .width = edge.size()};
    if (auto wrong = tiles_.Compare(name, edge)) Find(std::nullopt, *std::move(wrong));
  }
  return base::Ok();
}

base::Status Verification::End() {
  if (torn_ && torn_->acknowledged()) Find(sequence_, "it is damaged, and later ones follow");
  if (tree_.size() < report_.signed_records) {
    Find(tree_.size(), "it and all that follow are missing: " +
                           std::to_string(report_.signed_records) + " were signed");
  }
  report_.records = tree_.size();
  report_.last_unix_ms = before_.time_unix_ms;
  BH_ASSIGN(const auto strays, tiles_.FindStrays());
  for (const std::string& stray : strays) Find(std::nullopt, stray);
  BH_ASSIGN(const auto files, StrayFiles(log_, tree_.size()));
  for (const std::string& stray : files) Find(std::nullopt, stray);
  return base::Ok();
}

}  // namespace

base::Result<VerifyReport> Verify(const std::filesystem::path& log, const VerifierKey& key,
                                  std::vector<KnownHead> known) {
  return Verification(log, std::move(known)).Run(key);
}

base::Result<VerifierKey> OwnVerifierKey(const std::filesystem::path& log) {
  auto text = ReadText(log / kVerifierKeyFile);
  if (!text.ok()) {
    return base::WithContext(std::move(text).error(), (log / kVerifierKeyFile).string());
  }
  if (!text.value().ends_with('\n')) return ParseVerifierKey("");
  text.value().pop_back();
  return ParseVerifierKey(text.value());
}

}  // namespace bulkhead::audit
