// SPDX-License-Identifier: Apache-2.0
#include "audit/checkpoint.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/utf8.h"

namespace bulkhead::audit {
namespace {

constexpr std::string_view kSignatureMark = "\u2014 ";

base::Error NoCheckpoint(std::string_view why) {
  return base::OperatorError(base::Code::kCorrupt, "not a checkpoint: " + std::string(why));
}

std::array<std::byte, 4> IdBytes(const VerifierKey& key) {
  const uint32_t id = KeyId(key);
  return {static_cast<std::byte>(id >> 24), static_cast<std::byte>(id >> 16 & 0xFF),
          static_cast<std::byte>(id >> 8 & 0xFF), static_cast<std::byte>(id & 0xFF)};
}

std::string Body(const std::string& origin, uint64_t size, const Hash& root) {
  return origin + "\n" + std::to_string(size) + "\n" + base::Base64(root) + "\n";
}

// The text up to the next end of line, which is taken away; nullopt: there is none.
std::optional<std::string_view> TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return line;
}

bool IsNoteText(std::string_view note) {
  return note.size() <= kNoteBytesMax && base::IsUtf8(note) &&
         std::ranges::all_of(note, [](char c) { return c == '\n' || c < 0 || c >= 0x20; });
}

// One line of the signatures: whether it is the key's, and right.
base::Result<bool> CheckSignature(std::string_view line, std::string_view body,
                                  const VerifierKey& key) {
  if (!line.starts_with(kSignatureMark)) return NoCheckpoint("a signature's line is none");
  line.remove_prefix(kSignatureMark.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos) return NoCheckpoint("a signature's line is none");
  const auto bytes = base::ParseBase64(line.substr(space + 1));
  if (!bytes || bytes->size() <= 4) return NoCheckpoint("a signature is not base 64");
  if (line.substr(0, space) != key.name ||
      !std::ranges::equal(std::span(*bytes).first(4), IdBytes(key))) {
    return false;
  }
  if (base::VerifyEd25519(key.key, std::as_bytes(std::span(body)), std::span(*bytes).subspan(4))) {
    return true;
  }
  return base::OperatorError(base::Code::kDenied, "the checkpoint's signature is wrong");
}

base::Status CheckSignatures(std::string_view lines, std::string_view body,
                             const VerifierKey& key) {
  bool is_signed = false;
  std::size_t count = 0;
  while (!lines.empty()) {
    const auto line = TakeLine(lines);
    if (!line || ++count > kSignaturesMax) return NoCheckpoint("its signatures do not end");
    BH_ASSIGN(const bool ours, CheckSignature(*line, body, key));
    is_signed = is_signed || ours;
  }
  if (is_signed) return base::Ok();
  return base::OperatorError(base::Code::kDenied, "the checkpoint has no signature of " + key.name);
}

base::Result<Checkpoint> ReadBody(std::string_view body) {
  const auto origin = TakeLine(body);
  const auto size = TakeLine(body);
  const auto root = TakeLine(body);
  if (!root || origin->empty()) return NoCheckpoint("it has less than three lines");
  Checkpoint checkpoint{.origin = std::string(*origin)};
  const char* end = size->data() + size->size();
  const auto read = std::from_chars(size->data(), end, checkpoint.size);
  if (size->empty() || read.ec != std::errc{} || read.ptr != end ||
      std::to_string(checkpoint.size) != *size) {
    return NoCheckpoint("its size is no number");
  }
  const auto hash = base::ParseBase64(*root);
  if (!hash || hash->size() != checkpoint.root.size()) return NoCheckpoint("its root is no hash");
  std::ranges::copy(*hash, checkpoint.root.begin());
  while (!body.empty()) {
    const auto line = TakeLine(body);
    if (!line || line->empty()) return NoCheckpoint("a line is empty");
  }
  return checkpoint;
}

}  // namespace

base::Result<std::string> SignCheckpoint(uint64_t size, const Hash& root, const Signer& signer) {
  const std::string body = Body(signer.key.name, size, root);
  BH_ASSIGN(const base::Ed25519Signature signature, signer.sign(std::as_bytes(std::span(body))));
  std::vector<std::byte> bytes(signature.begin(), signature.end());
  const auto id = IdBytes(signer.key);
  bytes.insert(bytes.begin(), id.begin(), id.end());
  return body + "\n" + std::string(kSignatureMark) + signer.key.name + " " + base::Base64(bytes) +
         "\n";
}

base::Result<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  if (!IsNoteText(note)) return NoCheckpoint("it is too long, or has control characters");
  const std::size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos) return NoCheckpoint("it has no signatures");
  const std::string_view body = note.substr(0, split + 1);
  // Nothing of the text counts before a signature is right.
  BH_TRY(CheckSignatures(note.substr(split + 2), body, key));
  BH_ASSIGN(Checkpoint checkpoint, ReadBody(body));
  if (checkpoint.origin == key.name) return checkpoint;
  return base::OperatorError(base::Code::kDenied, "the checkpoint is another log's");
}

}  // namespace bulkhead::audit
