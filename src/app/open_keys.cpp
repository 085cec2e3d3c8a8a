// SPDX-License-Identifier: Apache-2.0
#include "app/open_keys.h"

#include <algorithm>
#include <cstddef>
#include <cstdlib>
#include <filesystem>
#include <optional>
#include <utility>
#include <vector>

#include "base/read_file.h"
#include "base/secret_bytes.h"
#include "keys/file_provider.h"

namespace bulkhead::app {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kPassphraseBytesMax = 4096;

// Empty: none.
std::filesystem::path PassphrasePath(const std::string& given) {
  if (!given.empty()) return given;
  const char* folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder == nullptr) return {};
  std::error_code error;
  std::filesystem::path path = std::filesystem::path(folder) / "bulkhead-key-passphrase";
  return std::filesystem::exists(path, error) ? path : std::filesystem::path();
}

base::Result<base::SecretBytes> ReadPassphrase(const std::filesystem::path& path) {
  auto read = base::ReadFile(path, kPassphraseBytesMax);
  if (!read.ok()) return base::WithContext(std::move(read).error(), path.string());
  std::vector<std::byte>& bytes = read.value();
  const std::size_t count =
      bytes.size() - (!bytes.empty() && bytes.back() == std::byte{'\n'} ? 1 : 0);
  if (count == 0) return OperatorError(Code::kInvalid, path.string() + ": an empty passphrase");
  auto passphrase = base::SecretBytes::Allocate(count);
  if (passphrase.ok()) {
    std::copy_n(bytes.begin(), count, passphrase.value().bytes().begin());
  }
  base::WipeBytes(bytes);
  return passphrase;
}

base::Result<std::unique_ptr<keys::KeyProvider>> OpenFile(const std::string& path,
                                                          const std::string& passphrase_file) {
  const std::filesystem::path from = PassphrasePath(passphrase_file);
  if (from.empty()) return keys::OpenFileProvider(path, std::nullopt);
  BH_ASSIGN(base::SecretBytes passphrase, ReadPassphrase(from));
  return keys::OpenFileProvider(path, std::optional(std::move(passphrase)));
}

}  // namespace

base::Result<OpenedKeys> OpenKeyProvider(std::string_view text,
                                         const std::string& passphrase_file) {
  const std::size_t colon = text.find(':');
  OpenedKeys opened{std::string(text.substr(0, colon)), nullptr};
  const std::string rest(colon == std::string_view::npos ? "" : text.substr(colon + 1));
  if (opened.name != "file" || rest.empty()) {
    return OperatorError(Code::kInvalid, "keys are file:PATH, not " + std::string(text));
  }
  auto provider = OpenFile(rest, passphrase_file);
  if (!provider.ok()) return base::WithContext(std::move(provider).error(), std::string(text));
  opened.provider = std::move(provider).value();
  return opened;
}

}  // namespace bulkhead::app
