// SPDX-License-Identifier: Apache-2.0
#include "app/open_keys.h"

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>

#include "base/secret_bytes.h"
#include "keys/open_provider.h"
#include "keys/secret_file.h"

namespace bulkhead::app {
namespace {

// Empty: none.
std::filesystem::path PassphrasePath(const std::string& given, bool keyring) {
  if (!given.empty() || !keyring) return given;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  std::error_code error;
  std::filesystem::path path = std::filesystem::path(folder) / "bulkhead-key-passphrase";
  return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

}  // namespace

base::Result<OpenedKeys> OpenKeyProvider(std::string_view text,
                                         const std::string& passphrase_file) {
  OpenedKeys opened{std::string(text.substr(0, text.find(':'))), nullptr};
  std::optional<base::SecretBytes> passphrase;
  const std::filesystem::path from = PassphrasePath(passphrase_file, opened.name == "file");
  if (!from.empty()) {
    auto read = keys::ReadSecretFile(from);
    if (!read.ok()) return base::WithContext(std::move(read).error(), from.string());
    passphrase = std::move(read).value();
  }
  BH_ASSIGN(opened.provider, keys::OpenProvider(text, std::move(passphrase)));
  return opened;
}

}  // namespace bulkhead::app
