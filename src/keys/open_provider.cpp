// SPDX-License-Identifier: Apache-2.0
#include "keys/open_provider.h"

#include <cstdlib>
#include <filesystem>
#include <utility>

#include "keys/file_provider.h"
#include "keys/pkcs11_provider.h"
#include "keys/provider_url.h"
#include "keys/secret_file.h"
#include "keys/transit_provider.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

using Opened = base::Result<std::unique_ptr<KeyProvider>>;

base::Result<std::filesystem::path> FileOf(const SecretSource& source) {
  if (source.credential.empty()) return source.file;
  // NOLINTNEXTLINE(concurrency-mt-unsafe): read once at start, nobody calls setenv
  const char* const folder = std::getenv("CREDENTIALS_DIRECTORY");
  if (folder != nullptr && *folder != '\0') {
    return std::filesystem::path(folder) / source.credential;
  }
  return OperatorError(Code::kNotFound, "there is no credential " + source.credential +
                                            ": systemd gave none (CREDENTIALS_DIRECTORY)");
}

Opened Open(const Pkcs11Url& url) {
  Pkcs11Place place;
  place.module = url.module;
  place.token = url.token;
  place.serial = url.serial;
  BH_ASSIGN(const std::filesystem::path pin, FileOf(url.pin));
  BH_ASSIGN(place.pin, ReadSecretFile(pin));
  return OpenPkcs11Provider(std::move(place));
}

Opened Open(const TransitUrl& url) {
  TransitPlace place;
  place.server.origin = url.origin;
  place.server.ca = url.ca;
  place.mount = url.mount;
  place.prefix = url.prefix;
  place.name_space = url.name_space;
  BH_ASSIGN(place.token_file, FileOf(url.token));
  return OpenTransitProvider(std::move(place));
}

}  // namespace

base::Result<std::unique_ptr<KeyProvider>> OpenProvider(
    std::string_view text, std::optional<base::SecretBytes> passphrase) {
  BH_ASSIGN(const ProviderUrl url, ParseProviderUrl(text));
  if (const auto* const file = std::get_if<FileUrl>(&url)) {
    return OpenFileProvider(file->path, std::move(passphrase));
  }
  if (passphrase) {
    return OperatorError(Code::kInvalid, "only a keyring file has a passphrase");
  }
  if (const auto* const pkcs11 = std::get_if<Pkcs11Url>(&url)) return Open(*pkcs11);
  return Open(std::get<TransitUrl>(url));
}

}  // namespace bulkhead::keys
