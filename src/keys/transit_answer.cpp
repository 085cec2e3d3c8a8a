// SPDX-License-Identifier: Apache-2.0
#include "keys/transit_answer.h"

#include <algorithm>
#include <charconv>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/base64.h"

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;
using nlohmann::json;

constexpr int kDepthMax = 8;
constexpr std::size_t kErrorBytesMax = 300;
constexpr std::string_view kPrefix = "vault:v";

base::Error NoAnswer(std::string_view what) {
  return OperatorError(Code::kUnavailable,
                       "the transit engine's answer is none of its API: " + std::string(what));
}

// Without exceptions, and without the depth that would end the stack.
json Parse(std::span<const std::byte> body) {
  const auto* const text = reinterpret_cast<const char*>(body.data());
  const auto shallow = [](int depth, json::parse_event_t, json&) { return depth <= kDepthMax; };
  return json::parse(text, text + body.size(), shallow, false);
}

const json& At(const json& object, const char* name) {
  static const json nothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : nothing;
}

std::optional<uint32_t> Version(const json& value) {
  if (!value.is_number_unsigned() || value.get<uint64_t>() > INT32_MAX) return std::nullopt;
  return static_cast<uint32_t>(value.get<uint64_t>());
}

bool IsFalse(const json& value) { return value.is_boolean() && !value.get<bool>(); }
bool IsTrue(const json& value) { return value.is_boolean() && value.get<bool>(); }

}  // namespace

base::Result<TransitKey> ParseTransitKey(std::span<const std::byte> body) {
  const json answer = Parse(body);
  const json& data = At(answer, "data");
  const auto newest = Version(At(data, "latest_version"));
  const auto oldest = Version(At(data, "min_decryption_version"));
  if (!newest || !oldest || *newest == 0) return NoAnswer("a key without versions");
  // What was trimmed; early releases do not know it.
  const uint32_t available = Version(At(data, "min_available_version")).value_or(0);
  TransitKey key;
  key.state.newest = *newest;
  key.state.oldest = std::max({*oldest, available, uint32_t{1}});
  if (key.state.oldest > key.state.newest) return NoAnswer("a key without versions");
  key.ours = At(data, "type") == "aes256-gcm96" && IsTrue(At(data, "derived")) &&
             IsFalse(At(data, "exportable")) && IsFalse(At(data, "allow_plaintext_backup"));
  return key;
}

base::Result<std::string> ParseTransitCiphertext(std::span<const std::byte> body) {
  const json answer = Parse(body);
  const json& text = At(At(answer, "data"), "ciphertext");
  if (!text.is_string() || !TransitVersion(text.get_ref<const std::string&>())) {
    return NoAnswer("no ciphertext");
  }
  return text.get<std::string>();
}

base::Result<base::SecretBytes> ParseTransitPlaintext(std::span<const std::byte> body) {
  json answer = Parse(body);
  const json& text = At(At(answer, "data"), "plaintext");
  if (!text.is_string()) return NoAnswer("no plaintext");
  auto& secret = const_cast<std::string&>(text.get_ref<const std::string&>());
  std::optional<std::vector<std::byte>> plain = base::ParseBase64(secret);
  base::WipeBytes(std::as_writable_bytes(std::span(secret)));
  if (!plain || plain->size() != kDataKeyBytes) {
    return NoAnswer("a plaintext that is no data key");
  }
  auto data_key = base::SecretBytes::Allocate(kDataKeyBytes);
  if (data_key.ok()) std::ranges::copy(*plain, data_key.value().bytes().begin());
  base::WipeBytes(*plain);
  return data_key;
}

std::string ParseTransitErrors(std::span<const std::byte> body) {
  const json answer = Parse(body);
  const json& errors = At(answer, "errors");
  std::string texts;
  if (!errors.is_array()) return texts;
  for (const json& error : errors) {
    if (!error.is_string() || texts.size() >= kErrorBytesMax) continue;
    if (!texts.empty()) texts += "; ";
    for (const char c : error.get_ref<const std::string&>()) {
      texts += c >= ' ' && c <= '~' ? c : ' ';
    }
  }
  texts.resize(std::min(texts.size(), kErrorBytesMax));
  return texts;
}

std::optional<uint32_t> TransitVersion(std::string_view wrapped) {
  if (!wrapped.starts_with(kPrefix) || wrapped.size() > kWrappedBytesMax) return std::nullopt;
  wrapped.remove_prefix(kPrefix.size());
  const std::size_t colon = wrapped.find(':');
  if (colon == std::string_view::npos || wrapped.starts_with('0')) return std::nullopt;
  uint32_t version = 0;
  const auto [end, error] = std::from_chars(wrapped.data(), wrapped.data() + colon, version);
  if (error != std::errc() || end != wrapped.data() + colon) return std::nullopt;
  const auto sealed = base::ParseBase64(wrapped.substr(colon + 1));
  if (!sealed || sealed->empty() || version == 0) return std::nullopt;
  return version;
}

}  // namespace bulkhead::keys
