// SPDX-License-Identifier: Apache-2.0
// The texts that name key providers (docs/key_providers.md), as values.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace bulkhead::keys {

// Where a PIN or a token is read from: "file:/PATH", or "credential:NAME", which systemd puts into
// the folder of the environment's CREDENTIALS_DIRECTORY.
struct SecretSource {
  std::filesystem::path file;
  std::string credential;  // instead of `file`
  friend bool operator==(const SecretSource&, const SecretSource&) = default;
};

struct FileUrl {
  std::filesystem::path path;
};

struct Pkcs11Url {
  std::string token;
  std::string serial;
  std::filesystem::path module;
  SecretSource pin;
};

struct TransitUrl {
  std::string origin;
  std::string mount;
  SecretSource token;
  std::filesystem::path ca;
  std::string prefix;
  std::string name_space;
};

using ProviderUrl = std::variant<FileUrl, Pkcs11Url, TransitUrl>;

// kInvalid: no such text, with one line that says what is wrong and repeats no value: somebody may
// have put a PIN there.
base::Result<ProviderUrl> ParseProviderUrl(std::string_view text);

}  // namespace bulkhead::keys
