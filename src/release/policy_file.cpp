// SPDX-License-Identifier: Apache-2.0
#include "release/policy_file.h"

#include <algorithm>
#include <charconv>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/hex.h"

namespace bulkhead::release {
namespace {

using base::Code;
using base::PublicError;
using nlohmann::json;

constexpr std::string_view kFormat = "bulkhead-key-release-policy";
constexpr std::size_t kTenantBytesMax = 256;
constexpr std::size_t kNodeBytesMax = 128;
constexpr std::size_t kWorkersMax = 64;
constexpr std::size_t kNamesMax = 256;
constexpr uint32_t kPcrMax = 23;
constexpr int kDepthMax = 4;

base::Error Wrong(std::string_view field, std::string_view what) {
  return PublicError(Code::kInvalid,
                     "key-release policy: " + std::string(field) + ": " + std::string(what));
}

// Nothing else than these, and all of them.
base::Status CheckFields(const json& object, std::string_view field,
                         std::initializer_list<const char*> names) {
  if (!object.is_object()) return Wrong(field, "not an object");
  for (const char* const name : names) {
    if (!object.contains(name)) return Wrong(field, std::string(name) + " is missing");
  }
  if (object.size() == names.size()) return base::Ok();
  return Wrong(field, "a field that is not known");
}

base::Result<std::string> Text(const json& value, std::string_view field, std::size_t bytes_max) {
  if (!value.is_string()) return Wrong(field, "not a text");
  std::string text = value.get<std::string>();
  const bool readable =
      std::ranges::none_of(text, [](unsigned char c) { return c < ' ' || c == 0x7f; });
  if (text.empty() || text.size() > bytes_max || !readable) {
    return Wrong(field, "not a text of 1 to " + std::to_string(bytes_max) + " bytes");
  }
  return text;
}

base::Result<base::Sha256Digest> Digest(std::string_view text, std::string_view field) {
  const auto bytes = base::ParseHex(text);
  base::Sha256Digest digest{};
  if (!bytes || bytes->size() != digest.size()) return Wrong(field, "not a SHA-256");
  std::ranges::copy(*bytes, digest.begin());
  return digest;
}

base::Result<base::Sha256Digest> NamedDigest(const json& value, std::string_view field) {
  constexpr std::string_view kAlgorithm = "sha256:";
  BH_ASSIGN(const std::string text, Text(value, field, 80));
  if (!text.starts_with(kAlgorithm)) return Wrong(field, "not sha256: and 64 digits");
  return Digest(std::string_view(text).substr(kAlgorithm.size()), field);
}

base::Result<std::string> Node(const json& value, std::string_view field) {
  return Text(value, field, kNodeBytesMax);
}

template <typename Item>
base::Result<std::set<Item>> Items(const json& list, std::string_view field, std::size_t count_max,
                                   base::Result<Item> (*parse)(const json&, std::string_view)) {
  if (!list.is_array() || list.empty() || list.size() > count_max) {
    return Wrong(field, "not a list of 1 to " + std::to_string(count_max));
  }
  std::set<Item> items;
  for (const json& value : list) {
    BH_ASSIGN(Item item, parse(value, field));
    if (!items.insert(std::move(item)).second) return Wrong(field, "something is there twice");
  }
  return items;
}

base::Result<PcrValues> Pcrs(const json& object) {
  constexpr std::string_view kField = "attestation.pcrs";
  if (!object.is_object() || object.empty()) return Wrong(kField, "not an object with registers");
  PcrValues values;
  for (const auto& [name, value] : object.items()) {
    uint32_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    const bool whole = error == std::errc() && end == name.data() + name.size();
    if (!whole || number > kPcrMax || std::to_string(number) != name) {
      return Wrong(kField, "a register that is not 0 to 23");
    }
    BH_ASSIGN(const std::string text, Text(value, kField, 64));
    BH_ASSIGN(values[number], Digest(text, kField));
  }
  return values;
}

base::Result<Attestation> ParseAttestation(const json& object) {
  BH_TRY(CheckFields(object, "attestation", {"kind", "keys", "pcrs"}));
  if (object["kind"] != "tpm2") return Wrong("attestation.kind", "not tpm2");
  Attestation attestation;
  BH_ASSIGN(attestation.keys, Items(object["keys"], "attestation.keys", kNamesMax, &NamedDigest));
  BH_ASSIGN(attestation.pcrs, Pcrs(object["pcrs"]));
  return attestation;
}

base::Result<Policy> FromJson(const json& document) {
  if (!document.is_object() || document.value("format", json()) != kFormat) {
    return Wrong("format", "not " + std::string(kFormat));
  }
  const json version = document.value("version", json());
  if (!version.is_number_unsigned()) return Wrong("version", "not a number");
  if (version != 1) {
    return PublicError(Code::kUnsupported, "a key-release policy of a newer version");
  }
  BH_TRY(CheckFields(
      document, "document",
      {"format", "version", "tenant", "workers", "minimum_tier", "nodes", "attestation"}));
  Policy policy;
  BH_ASSIGN(policy.tenant, Text(document["tenant"], "tenant", kTenantBytesMax));
  if (document["workers"] != "any") {
    BH_ASSIGN(policy.workers, Items(document["workers"], "workers", kWorkersMax, &NamedDigest));
  }
  BH_ASSIGN(const std::string tier, Text(document["minimum_tier"], "minimum_tier", 16));
  const auto minimum = device::ParseTier(tier);
  if (!minimum) return Wrong("minimum_tier", "not hard, dedicated, cpu or soft");
  policy.minimum_tier = *minimum;
  if (document["nodes"] != "any") {
    BH_ASSIGN(policy.nodes, Items(document["nodes"], "nodes", kNamesMax, &Node));
  }
  if (document["attestation"] != "none") {
    BH_ASSIGN(policy.attestation, ParseAttestation(document["attestation"]));
  }
  return policy;
}

// JSON where no object names a field twice: the last one would count, and a reader may see the
// first. Discarded: none.
json ParseStrictly(std::span<const std::byte> document) {
  bool twice = false;
  std::vector<std::set<std::string>> open;
  const auto look = [&](int depth, json::parse_event_t event, json& value) {
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end && !open.empty()) open.pop_back();
    if (event == json::parse_event_t::key && !open.empty()) {
      twice = twice || !open.back().insert(value.get<std::string>()).second;
    }
    return depth <= kDepthMax;
  };
  const auto* const text = reinterpret_cast<const char*>(document.data());
  json parsed = json::parse(text, text + document.size(), look, false);
  return twice ? json(json::value_t::discarded) : parsed;
}

}  // namespace

base::Result<Policy> ParsePolicy(std::span<const std::byte> document) {
  if (document.size() > kPolicyBytesMax) return Wrong("document", "more than 64 KiB");
  const json parsed = ParseStrictly(document);
  if (parsed.is_discarded()) return Wrong("document", "not JSON, or a field is there twice");
  return FromJson(parsed);
}

}  // namespace bulkhead::release
