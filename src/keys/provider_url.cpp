// SPDX-License-Identifier: Apache-2.0
#include "keys/provider_url.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "keys/https_client.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kUrlBytesMax = 4096;

base::Error Wrong(std::string what) { return OperatorError(Code::kInvalid, std::move(what)); }

std::optional<int> HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return std::nullopt;
}

// Nothing: a % without two digits, or what stands for a control character.
std::optional<std::string> Decode(std::string_view text) {
  std::string decoded;
  for (std::size_t at = 0; at < text.size(); ++at) {
    char c = text[at];
    if (c == '%') {
      const auto high = at + 2 < text.size() ? HexDigit(text[at + 1]) : std::nullopt;
      const auto low = at + 2 < text.size() ? HexDigit(text[at + 2]) : std::nullopt;
      if (!high || !low) return std::nullopt;
      c = static_cast<char>(*high * 16 + *low);
      at += 2;
    }
    if (static_cast<unsigned char>(c) < ' ' || c == '\x7f') return std::nullopt;
    decoded += c;
  }
  return decoded;
}

// Parts NAME=VALUE, each of a known name and there once.
class Parts {
 public:
  base::Status Read(std::string_view text, char between,
                    const std::vector<std::string_view>& known) {
    while (!text.empty()) {
      const std::string_view part = text.substr(0, text.find(between));
      text.remove_prefix(std::min(text.size(), part.size() + 1));
      const std::size_t equals = part.find('=');
      const std::string_view name = part.substr(0, equals);
      if (name == "pin-value") {
        return Wrong("pin-value: a command line is no place for a PIN; give a pin-source");
      }
      if (equals == std::string_view::npos || std::ranges::find(known, name) == known.end()) {
        return Wrong(fmt::format("unknown part; known are: {}", fmt::join(known, ", ")));
      }
      auto value = Decode(part.substr(equals + 1));
      if (!value || value->empty()) return Wrong(fmt::format("{}: no value", name));
      if (!values_.emplace(name, std::move(*value)).second) {
        return Wrong(fmt::format("{} is there twice", name));
      }
    }
    return base::Ok();
  }

  // Empty: it is not there.
  std::string Take(std::string_view name) {
    const auto found = values_.find(name);
    return found == values_.end() ? "" : found->second;
  }
  base::Result<std::string> Need(std::string_view name) {
    std::string value = Take(name);
    if (value.empty()) return Wrong(fmt::format("{} is missing", name));
    return value;
  }

 private:
  std::map<std::string, std::string, std::less<>> values_;
};

base::Result<std::filesystem::path> WholePath(std::string_view name, std::string text) {
  if (text.starts_with('/')) return std::filesystem::path(std::move(text));
  return Wrong(fmt::format("{}: a whole path, from / on", name));
}

base::Result<SecretSource> ParseSource(std::string_view name, std::string_view text) {
  constexpr std::string_view kFile = "file:";
  constexpr std::string_view kCredential = "credential:";
  SecretSource source;
  if (text.starts_with(kFile)) {
    BH_ASSIGN(source.file, WholePath(name, std::string(text.substr(kFile.size()))));
    return source;
  }
  if (text.starts_with(kCredential)) {
    source.credential = text.substr(kCredential.size());
    const bool good = !source.credential.empty() && source.credential.front() != '.' &&
                      source.credential.find('/') == std::string::npos;
    if (good) return source;
  }
  return Wrong(fmt::format("{}: file:/PATH or credential:NAME", name));
}

base::Result<ProviderUrl> ParsePkcs11(std::string_view text) {
  const std::size_t query = text.find('?');
  Parts parts;
  BH_TRY(parts.Read(text.substr(0, query), ';', {"token", "serial"}));
  if (query != std::string_view::npos) {
    BH_TRY(parts.Read(text.substr(query + 1), '&', {"module-path", "pin-source"}));
  }
  Pkcs11Url url;
  BH_ASSIGN(url.token, parts.Need("token"));
  url.serial = parts.Take("serial");
  BH_ASSIGN(std::string module, parts.Need("module-path"));
  BH_ASSIGN(url.module, WholePath("module-path", std::move(module)));
  BH_ASSIGN(const std::string pin, parts.Need("pin-source"));
  BH_ASSIGN(url.pin, ParseSource("pin-source", pin));
  // What a token's information has room for.
  if (url.token.size() > 32 || url.serial.size() > 16) {
    return Wrong("token has at most 32 bytes, serial 16");
  }
  return ProviderUrl(std::move(url));
}

base::Result<ProviderUrl> ParseTransit(std::string_view text) {
  const std::size_t query = text.find('?');
  const std::string_view address = text.substr(0, query);
  Parts parts;
  if (query != std::string_view::npos) {
    BH_TRY(parts.Read(text.substr(query + 1), '&', {"token-source", "ca", "prefix", "namespace"}));
  }
  const std::size_t slashes = address.find("//");
  const std::size_t path =
      slashes == std::string_view::npos ? slashes : address.find('/', slashes + 2);
  TransitUrl url;
  url.origin = address.substr(0, path);
  BH_TRY(CheckOrigin(url.origin));
  if (path != std::string_view::npos) url.mount = address.substr(path + 1);
  if (url.mount.empty()) return Wrong("say where the engine is mounted: https://HOST:PORT/transit");
  BH_ASSIGN(const std::string token, parts.Need("token-source"));
  BH_ASSIGN(url.token, ParseSource("token-source", token));
  if (std::string ca = parts.Take("ca"); !ca.empty()) {
    BH_ASSIGN(url.ca, WholePath("ca", std::move(ca)));
  }
  url.prefix = parts.Take("prefix");
  url.name_space = parts.Take("namespace");
  return ProviderUrl(std::move(url));
}

base::Result<ProviderUrl> Parse(std::string_view scheme, std::string_view rest) {
  if (scheme == "pkcs11") return ParsePkcs11(rest);
  if (scheme == "transit") return ParseTransit(rest);
  if (scheme != "file") {
    return Wrong("a key provider is file:PATH, pkcs11:... or transit:... (docs/key_providers.md)");
  }
  if (rest.empty()) return Wrong("no path");
  return ProviderUrl(FileUrl{std::filesystem::path(rest)});
}

}  // namespace

base::Result<ProviderUrl> ParseProviderUrl(std::string_view text) {
  const std::size_t colon = text.find(':');
  const bool readable =
      text.size() <= kUrlBytesMax &&
      std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (!readable || colon == std::string_view::npos) return Parse("", "");
  const std::string_view scheme = text.substr(0, colon);
  auto url = Parse(scheme, text.substr(colon + 1));
  const bool known = scheme == "file" || scheme == "pkcs11" || scheme == "transit";
  if (url.ok() || !known) return url;
  return base::WithContext(std::move(url).error(), scheme);
}

}  // namespace bulkhead::keys
