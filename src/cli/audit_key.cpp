// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_key.h"

#include <utility>

#include "audit/checkpoint.h"
#include "base/read_file.h"

namespace bulkhead::cli {

base::Result<audit::VerifierKey> GivenVerifierKey(const std::string& given) {
  if (auto key = audit::ParseVerifierKey(given); key.ok()) return key;
  BH_ASSIGN(std::string text, ReadTextFile(given, audit::kNoteBytesMax));
  if (text.ends_with('\n')) text.pop_back();
  auto key = audit::ParseVerifierKey(text);
  if (!key.ok()) return base::WithContext(std::move(key).error(), given);
  return key;
}

base::Result<std::string> ReadTextFile(const std::filesystem::path& path, std::size_t bytes_max) {
  const auto bytes = base::ReadFile(path, bytes_max);
  if (!bytes.ok()) return base::WithContext(bytes.error(), path.string());
  return std::string(reinterpret_cast<const char*>(bytes.value().data()), bytes.value().size());
}

}  // namespace bulkhead::cli
