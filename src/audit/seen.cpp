// SPDX-License-Identifier: Apache-2.0
#include "audit/seen.h"

#include <algorithm>
#include <charconv>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/base64.h"
#include "base/read_file.h"
#include "base/write_file.h"

namespace bulkhead::audit {
namespace {

constexpr std::string_view kHead = "bulkhead-audit-seen/1";

std::string TextOf(const Seen& seen) {
  return std::string(kHead) + "\n" + FormatVerifierKey(seen.key) + "\n" +
         std::to_string(seen.size) + "\n" + base::Base64(seen.root) + "\n";
}

std::vector<std::string> LinesOf(std::string_view text) {
  std::vector<std::string> lines;
  for (std::size_t end = text.find('\n'); end != std::string_view::npos; end = text.find('\n')) {
    lines.emplace_back(text.substr(0, end));
    text.remove_prefix(end + 1);
  }
  return lines;
}

}  // namespace

base::Result<std::optional<Seen>> ReadSeen(const std::filesystem::path& path) {
  const auto bytes = base::ReadFile(path, 4096);
  if (!bytes.ok() && bytes.error().code == base::Code::kNotFound) return std::optional<Seen>();
  BH_TRY(bytes);
  const std::string text(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
  const base::Error refused =
      base::OperatorError(base::Code::kCorrupt, path.string() + ": not what a verifier remembered");
  const auto lines = LinesOf(text);
  if (lines.size() != 4) return refused;
  const auto key = ParseVerifierKey(lines[1]);
  const auto root = base::ParseBase64(lines[3]);
  Seen seen;
  if (!key.ok() || !root || root->size() != seen.root.size()) return refused;
  seen.key = key.value();
  std::from_chars(lines[2].data(), lines[2].data() + lines[2].size(), seen.size);
  std::ranges::copy(*root, seen.root.begin());
  if (TextOf(seen) != text) return refused;
  return std::optional(std::move(seen));
}

base::Status WriteSeen(const std::filesystem::path& path, const Seen& seen) {
  const std::string text = TextOf(seen);
  return base::WriteFile(path, std::as_bytes(std::span(text)), base::Durable::kNow);
}

}  // namespace bulkhead::audit
