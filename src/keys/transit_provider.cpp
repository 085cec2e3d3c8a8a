// SPDX-License-Identifier: Apache-2.0
#include "keys/transit_provider.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/base64.h"
#include "keys/secret_file.h"
#include "keys/transit_answer.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr uint32_t kVersionsMax = 1000;
constexpr std::string_view kMark = ".destroyed";
constexpr std::string_view kNewKey =
    R"({"type":"aes256-gcm96","derived":true,"exportable":false,"allow_plaintext_backup":false})";

// A text that is wiped when it goes. It must not grow.
struct Wiped {
  std::string text;

  Wiped(std::string given) : text(std::move(given)) {}
  Wiped(const Wiped&) = delete;
  Wiped& operator=(const Wiped&) = delete;
  ~Wiped() { base::WipeBytes(std::as_writable_bytes(std::span(text))); }
};

base::Error NotTheirs() {
  return OperatorError(Code::kCorrupt,
                       "the wrapped key is not one of this key's, or for something else");
}

std::string Context(const Purpose& purpose) { return base::Base64(EncodePurpose(purpose)); }

class TransitProvider final : public KeyProvider {
 public:
  TransitProvider(std::unique_ptr<HttpsClient> client, TransitPlace place)
      : client_(std::move(client)), place_(std::move(place)) {}

  base::Status Create(const std::string& key) override;
  base::Result<KeyState> Describe(const std::string& key) override;
  base::Result<std::vector<std::byte>> Wrap(const std::string& key, const Purpose& purpose,
                                            base::Aes256Key data_key) override;
  base::Result<base::SecretBytes> Unwrap(const std::string& key, const Purpose& purpose,
                                         std::span<const std::byte> wrapped) override;
  base::Result<std::vector<std::byte>> Rewrap(const std::string& key, const Purpose& purpose,
                                              std::span<const std::byte> wrapped) override;
  base::Status Rotate(const std::string& key) override;
  base::Status EndOldVersions(const std::string& key) override;
  base::Status Destroy(const std::string& key) override;

 private:
  // The body of an answer of 200 or 204. `wrong` is the code of 400: what was sent is at fault.
  base::Result<base::SecretBytes> Ask(const char* method, const std::string& path,
                                      std::string_view body = {}, Code wrong = Code::kUnavailable);
  // The key, if it may be used: kNotFound as the port says.
  base::Result<TransitKey> Find(const std::string& name);
  [[nodiscard]] std::string Path(std::string_view verb, const std::string& key,
                                 std::string_view after = {}) const;
  // What to send to unwrap, and that a version of the key is there for it.
  base::Result<std::string> Unwrappable(const std::string& key, const Purpose& purpose,
                                        std::span<const std::byte> wrapped);

  std::unique_ptr<HttpsClient> client_;
  TransitPlace place_;
};

std::string TransitProvider::Path(std::string_view verb, const std::string& key,
                                  std::string_view after) const {
  return fmt::format("/v1/{}/{}/{}{}{}", place_.mount, verb, place_.prefix, key, after);
}

base::Result<base::SecretBytes> TransitProvider::Ask(const char* method, const std::string& path,
                                                     std::string_view body, Code wrong) {
  auto token = ReadSecretFile(place_.token_file);
  if (!token.ok()) {
    return OperatorError(Code::kDenied,
                         "the token for the transit engine: " + token.error().detail);
  }
  const auto bytes = token.value().bytes();
  std::vector<std::string> headers{"X-Vault-Request: true", "Content-Type: application/json"};
  if (!place_.name_space.empty()) headers.push_back("X-Vault-Namespace: " + place_.name_space);
  headers.push_back("X-Vault-Token: ");
  headers.back().append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  auto answer = client_->Send(method, path, headers, std::as_bytes(std::span(body)));
  base::WipeBytes(std::as_writable_bytes(std::span(headers.back())));
  if (!answer.ok()) return std::move(answer).error();
  const int status = answer.value().status;
  if (status == 200 || status == 204) return std::move(answer.value().body);
  const std::string errors = ParseTransitErrors(answer.value().body.bytes());
  const std::string said = fmt::format("{}{} answers {}{}{}", place_.server.origin, path, status,
                                       errors.empty() ? "" : ": ", errors);
  if (status == 400) return OperatorError(wrong, said);
  if (status == 403) return OperatorError(Code::kDenied, said);
  // A path without an engine is 404 as well, and says so.
  if (status == 404 && errors.empty()) return OperatorError(Code::kNotFound, said);
  if (status >= 300 && status < 400) {
    return OperatorError(Code::kUnavailable,
                         said + "; redirects are not followed, name the server that answers");
  }
  return OperatorError(Code::kUnavailable, said);
}

base::Result<TransitKey> TransitProvider::Find(const std::string& name) {
  BH_TRY(CheckKeyName(name));
  if (name.ends_with('-')) {
    return OperatorError(Code::kInvalid, "a transit engine has no key whose name ends with -");
  }
  auto answer = Ask("GET", Path("keys", name));
  if (!answer.ok()) {
    if (answer.error().code != Code::kNotFound) return std::move(answer).error();
    return OperatorError(Code::kNotFound, "there is no key " + name);
  }
  BH_ASSIGN(const TransitKey key, ParseTransitKey(answer.value().bytes()));
  if (key.ours) return key;
  return OperatorError(Code::kCorrupt, "the transit engine's key " + place_.prefix + name +
                                           " is not of the kind that is made here");
}

base::Status TransitProvider::Create(const std::string& key) {
  const auto found = Find(key);
  if (found.ok()) return OperatorError(Code::kConflict, "there is a key " + key);
  if (found.error().code != Code::kNotFound) return found.error();
  const auto mark = Ask("GET", Path("keys", key, kMark));
  if (mark.ok()) return OperatorError(Code::kConflict, "there was a key " + key);
  if (mark.error().code != Code::kNotFound) return mark.error();
  auto made = Ask("POST", Path("keys", key), kNewKey);
  if (!made.ok()) return std::move(made).error();
  BH_TRY(Find(key));
  return base::Ok();
}

base::Result<KeyState> TransitProvider::Describe(const std::string& key) {
  BH_ASSIGN(const TransitKey found, Find(key));
  return found.state;
}

base::Result<std::vector<std::byte>> TransitProvider::Wrap(const std::string& key,
                                                           const Purpose& purpose,
                                                           base::Aes256Key data_key) {
  // Asked first, because the engine makes a key of any name that it encrypts under.
  BH_TRY(Find(key));
  BH_TRY(CheckPurpose(purpose));
  const Wiped plain(base::Base64(data_key));
  const Wiped body(
      fmt::format(R"({{"plaintext":"{}","context":"{}"}})", plain.text, Context(purpose)));
  BH_ASSIGN(const base::SecretBytes answer, Ask("POST", Path("encrypt", key), body.text));
  BH_ASSIGN(const std::string text, ParseTransitCiphertext(answer.bytes()));
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

base::Result<std::string> TransitProvider::Unwrappable(const std::string& key,
                                                       const Purpose& purpose,
                                                       std::span<const std::byte> wrapped) {
  BH_ASSIGN(const TransitKey found, Find(key));
  BH_TRY(CheckPurpose(purpose));
  const std::string_view text(reinterpret_cast<const char*>(wrapped.data()), wrapped.size());
  const auto version = TransitVersion(text);
  if (!version || *version > found.state.newest) return NotTheirs();
  if (*version < found.state.oldest) {
    return OperatorError(Code::kNotFound,
                         fmt::format("version {} of the key {} was ended; the oldest is {}",
                                     *version, key, found.state.oldest));
  }
  return fmt::format(R"({{"ciphertext":"{}","context":"{}"}})", text, Context(purpose));
}

base::Result<base::SecretBytes> TransitProvider::Unwrap(const std::string& key,
                                                        const Purpose& purpose,
                                                        std::span<const std::byte> wrapped) {
  BH_ASSIGN(const std::string body, Unwrappable(key, purpose, wrapped));
  BH_ASSIGN(const base::SecretBytes answer,
            Ask("POST", Path("decrypt", key), body, Code::kCorrupt));
  return ParseTransitPlaintext(answer.bytes());
}

base::Result<std::vector<std::byte>> TransitProvider::Rewrap(const std::string& key,
                                                             const Purpose& purpose,
                                                             std::span<const std::byte> wrapped) {
  BH_ASSIGN(const std::string body, Unwrappable(key, purpose, wrapped));
  BH_ASSIGN(const base::SecretBytes answer, Ask("POST", Path("rewrap", key), body, Code::kCorrupt));
  BH_ASSIGN(const std::string text, ParseTransitCiphertext(answer.bytes()));
  const auto bytes = std::as_bytes(std::span(text));
  return std::vector<std::byte>(bytes.begin(), bytes.end());
}

base::Status TransitProvider::Rotate(const std::string& key) {
  BH_ASSIGN(const TransitKey found, Find(key));
  if (found.state.newest - found.state.oldest + 1 >= kVersionsMax) {
    return OperatorError(Code::kExhausted,
                         "the key " + key + " has too many versions; end the old ones");
  }
  auto turned = Ask("POST", Path("keys", key, "/rotate"), "{}");
  if (!turned.ok()) return std::move(turned).error();
  return base::Ok();
}

base::Status TransitProvider::EndOldVersions(const std::string& key) {
  BH_ASSIGN(const TransitKey found, Find(key));
  const uint32_t newest = found.state.newest;
  const std::string config =
      fmt::format(R"({{"min_decryption_version":{},"min_encryption_version":{}}})", newest, newest);
  BH_TRY(Ask("POST", Path("keys", key, "/config"), config));
  // The configuration could be turned back; what is trimmed is gone.
  BH_TRY(Ask("POST", Path("keys", key, "/trim"),
             fmt::format(R"({{"min_available_version":{}}})", newest)));
  return base::Ok();
}

base::Status TransitProvider::Destroy(const std::string& key) {
  BH_TRY(Find(key));
  // First what says so: the engine would give the name again.
  BH_TRY(Ask("POST", Path("keys", key, kMark), kNewKey));
  BH_TRY(Ask("POST", Path("keys", key, "/config"), R"({"deletion_allowed":true})"));
  BH_TRY(Ask("DELETE", Path("keys", key)));
  const auto after = Find(key);
  if (!after.ok() && after.error().code == Code::kNotFound) return base::Ok();
  if (!after.ok()) return after.error();
  return OperatorError(Code::kUnavailable, "the transit engine still has the key " + key);
}

bool IsOf(std::string_view text, std::string_view more, std::size_t bytes_max) {
  return text.size() <= bytes_max && std::ranges::all_of(text, [&](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                  more.find(c) != std::string_view::npos;
         });
}

base::Status CheckPlace(const TransitPlace& place) {
  constexpr std::string_view kCapitalsAndRest = "ABCDEFGHIJKLMNOPQRSTUVWXYZ_/";
  const auto is_path = [&](std::string_view text) {
    return IsOf(text, kCapitalsAndRest, 256) && text.find("//") == std::string_view::npos &&
           !text.starts_with('/') && !text.ends_with('/');
  };
  if (place.mount.empty() || !is_path(place.mount)) {
    return OperatorError(Code::kInvalid, "no path of a transit engine: " + place.mount);
  }
  if (!is_path(place.name_space)) {
    return OperatorError(Code::kInvalid, "no namespace: " + place.name_space);
  }
  if (!IsOf(place.prefix, "", 64) || place.prefix.starts_with('-')) {
    return OperatorError(Code::kInvalid,
                         "a prefix of keys is of a-z, 0-9 and -, and does not begin with -");
  }
  if (place.token_file.empty()) return OperatorError(Code::kInvalid, "no file with a token");
  return base::Ok();
}

}  // namespace

base::Result<std::unique_ptr<KeyProvider>> OpenTransitProvider(TransitPlace place) {
  BH_TRY(CheckPlace(place));
  BH_ASSIGN(std::unique_ptr<HttpsClient> client, HttpsClient::Make(place.server));
  return std::unique_ptr<KeyProvider>(
      std::make_unique<TransitProvider>(std::move(client), std::move(place)));
}

}  // namespace bulkhead::keys
