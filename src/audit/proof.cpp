// SPDX-License-Identifier: Apache-2.0
#include "audit/proof.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "audit/line_reader.h"
#include "audit/log_folder.h"
#include "audit/merkle.h"
#include "audit/record.h"
#include "audit/tiles.h"
#include "base/base64.h"
#include "base/read_file.h"

namespace bulkhead::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";
constexpr std::size_t kHashesMax = 64;  // a tree is no higher

std::string Text(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

base::Error NoProof(std::string_view why) {
  return base::OperatorError(base::Code::kCorrupt, "not a proof: " + std::string(why));
}

std::optional<std::string_view> TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

base::Result<std::string> RecordLine(const std::filesystem::path& log, uint64_t sequence) {
  const uint64_t segment = sequence / kSegmentRecords;
  LineReader lines(log, segment);
  for (uint64_t at = segment * kSegmentRecords;; ++at) {
    BH_ASSIGN(const auto line, lines.Next());
    if (!line || !line->ended) break;
    if (at == sequence) return std::string(line->text);
  }
  return base::OperatorError(base::Code::kNotFound,
                             "the log has no record " + std::to_string(sequence));
}

struct Parts {
  std::string line;
  uint64_t index = 0;
  std::vector<Hash> path;
  std::string_view note;
};

base::Result<Parts> ReadParts(std::string_view proof) {
  if (proof.size() > kProofBytesMax) return NoProof("it is too long");
  Parts parts;
  if (TakeLine(proof) != kFirstLine) return NoProof("it begins with another line");
  const auto extra = TakeLine(proof);
  if (!extra || !extra->starts_with(kExtra)) return NoProof("it has no record");
  const auto record = base::ParseBase64(extra->substr(kExtra.size()));
  if (!record) return NoProof("its record is not base 64");
  parts.line = Text(*record);
  const auto index = TakeLine(proof);
  if (!index || !index->starts_with(kIndex)) return NoProof("it has no index");
  const std::string digits(index->substr(kIndex.size()));
  std::from_chars(digits.data(), digits.data() + digits.size(), parts.index);
  if (std::to_string(parts.index) != digits) return NoProof("its index is no number");
  for (;;) {
    const auto line = TakeLine(proof);
    if (!line || parts.path.size() > kHashesMax) return NoProof("its hashes do not end");
    if (line->empty()) break;
    const auto hash = base::ParseBase64(*line);
    if (!hash || hash->size() != sizeof(Hash)) return NoProof("a hash is none");
    std::ranges::copy(*hash, parts.path.emplace_back().begin());
  }
  parts.note = proof;
  return parts;
}

}  // namespace

base::Result<std::string> Prove(const std::filesystem::path& log, uint64_t sequence,
                                const VerifierKey& key) {
  BH_ASSIGN(const auto note, base::ReadFile(log / kCheckpointFile, kNoteBytesMax));
  BH_ASSIGN(const Checkpoint head, OpenCheckpoint(Text(note), key));
  BH_ASSIGN(const std::string line, RecordLine(log, sequence));
  if (sequence >= head.size) {
    return base::OperatorError(base::Code::kConflict,
                               "record " + std::to_string(sequence) +
                                   " is not signed yet: the next checkpoint will cover it");
  }
  BH_ASSIGN(const auto path, InclusionProof(sequence, head.size, SubtreesOf(log, head.size)));
  std::string proof = std::string(kFirstLine) + "\n";
  proof += std::string(kExtra) + base::Base64(std::as_bytes(std::span(line))) + "\n";
  proof += std::string(kIndex) + std::to_string(sequence) + "\n";
  for (const Hash& hash : path) proof += base::Base64(hash) + "\n";
  proof += "\n" + Text(note);
  BH_TRY(CheckProof(proof, key));
  return proof;
}

base::Result<ProvenRecord> CheckProof(std::string_view proof, const VerifierKey& key) {
  BH_ASSIGN(Parts parts, ReadParts(proof));
  BH_ASSIGN(Checkpoint head, OpenCheckpoint(parts.note, key));
  const Hash leaf = LeafHash(std::as_bytes(std::span(parts.line)));
  if (!ProvesInclusion(parts.path, leaf, parts.index, head.size, head.root)) {
    return base::OperatorError(base::Code::kCorrupt,
                               "the record is not in the tree that was signed");
  }
  const auto record = ReadRecord(parts.line);
  if (!record.ok() || record.value().place.sequence != parts.index) {
    return base::OperatorError(base::Code::kCorrupt, "what was signed there is no such record");
  }
  return ProvenRecord{
      .line = std::move(parts.line), .sequence = parts.index, .head = std::move(head)};
}

}  // namespace bulkhead::audit
