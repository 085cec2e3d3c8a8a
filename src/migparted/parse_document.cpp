// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "migparted/config_name.h"
#include "migparted/document.h"
#include "migparted/yaml_value.h"

namespace bulkhead::migparted {
namespace {

using base::Result;
using base::Status;
using Kind = YamlValue::Kind;

constexpr int kCountMax = 64;
constexpr int kIndexMax = 1023;
constexpr std::size_t kListMax = 1024;

base::Error Wrong(const YamlValue& at, std::string_view why) {
  return base::PublicError(base::Code::kInvalid, fmt::format("line {}: {}", at.line, why));
}

Status RefuseOtherKeys(const YamlValue& map, std::initializer_list<std::string_view> known) {
  for (const std::string& key : map.keys) {
    if (std::ranges::find(known, key) != known.end()) continue;
    return Wrong(map, fmt::format("{} is no field of mig-parted", IsConfigName(key) ? key : "?"));
  }
  return base::Ok();
}

template <typename Number>
std::optional<Number> WholeNumber(std::string_view text, int base) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

Result<int> ReadInt(const YamlValue& value, int max, std::string_view what) {
  const bool plain = value.kind == Kind::kScalar && !value.quoted;
  const auto number = plain ? WholeNumber<int>(value.scalar, 10) : std::nullopt;
  if (!number || *number < 0 || *number > max) {
    return Wrong(value, fmt::format("{} is a number from 0 to {}", what, max));
  }
  return *number;
}

Result<bool> ReadBool(const YamlValue& value) {
  if (value.kind == Kind::kScalar && !value.quoted) {
    for (const char* text : {"true", "True", "TRUE"}) {
      if (value.scalar == text) return true;
    }
    for (const char* text : {"false", "False", "FALSE"}) {
      if (value.scalar == text) return false;
    }
  }
  return Wrong(value, "mig-enabled is true or false");
}

std::optional<uint32_t> ReadPciId(std::string_view text) {
  if (!text.starts_with("0x") && !text.starts_with("0X")) return std::nullopt;
  return WholeNumber<uint32_t>(text.substr(2), 16);
}

Result<DeviceId> ReadDeviceId(const YamlValue& value) {
  const std::string_view text = value.scalar;
  const std::size_t colon = text.find(':');
  const auto device = ReadPciId(text.substr(0, colon));
  DeviceId id{.device = device.value_or(0), .subsystem = std::nullopt};
  if (colon != std::string_view::npos) id.subsystem = ReadPciId(text.substr(colon + 1));
  const bool complete = device && (colon == std::string_view::npos || id.subsystem);
  if (value.kind != Kind::kScalar || !complete) {
    return Wrong(value, "a device-filter is like 0x20B010DE or 0x233010DE:0x16C010DE");
  }
  return id;
}

Result<std::vector<DeviceId>> ReadFilter(const YamlValue& value) {
  std::vector<DeviceId> filter;
  if (value.kind == Kind::kScalar) {
    if (value.scalar.empty()) return filter;
    BH_ASSIGN(DeviceId id, ReadDeviceId(value));
    filter.push_back(id);
    return filter;
  }
  if (value.kind != Kind::kSequence) return Wrong(value, "device-filter is a text or a list");
  for (const YamlValue& item : value.items) {
    BH_ASSIGN(DeviceId id, ReadDeviceId(item));
    filter.push_back(id);
  }
  return filter;
}

Result<std::optional<std::vector<int>>> ReadDevices(const YamlValue& value) {
  if (value.kind == Kind::kScalar && value.scalar == "all") {
    return std::optional<std::vector<int>>{};
  }
  if (value.kind != Kind::kSequence) return Wrong(value, "devices is \"all\" or a list of numbers");
  std::vector<int> devices;
  for (const YamlValue& item : value.items) {
    BH_ASSIGN(const int index, ReadInt(item, kIndexMax, "an item of devices"));
    devices.push_back(index);
  }
  return std::optional(std::move(devices));
}

Result<std::vector<ProfileCount>> ReadInstances(const YamlValue& value) {
  if (value.kind != Kind::kMap) return Wrong(value, "mig-devices maps profiles to numbers");
  std::vector<ProfileCount> instances;
  for (std::size_t i = 0; i < value.keys.size(); ++i) {
    const auto profile = mig::ParseProfileName(value.keys[i]);
    if (!profile.ok()) return Wrong(value.items[i], profile.error().public_message);
    BH_ASSIGN(const int count, ReadInt(value.items[i], kCountMax, "a number of instances"));
    instances.push_back({profile.value(), count});
  }
  return instances;
}

Result<Entry> ReadEntry(const YamlValue& value) {
  if (value.kind != Kind::kMap) return Wrong(value, "an entry is a map of fields");
  BH_TRY(RefuseOtherKeys(value, {"device-filter", "devices", "mig-enabled", "mig-devices"}));
  const YamlValue* const devices = value.Find("devices");
  const YamlValue* const enabled = value.Find("mig-enabled");
  const YamlValue* const instances = value.Find("mig-devices");
  if (devices == nullptr || enabled == nullptr) {
    return Wrong(value, "an entry needs devices and mig-enabled");
  }
  Entry entry;
  if (const YamlValue* const filter = value.Find("device-filter"); filter != nullptr) {
    BH_ASSIGN(entry.filter, ReadFilter(*filter));
  }
  BH_ASSIGN(entry.devices, ReadDevices(*devices));
  BH_ASSIGN(entry.mig_enabled, ReadBool(*enabled));
  if (entry.mig_enabled && instances == nullptr) {
    return Wrong(value, "an entry with mig-enabled needs mig-devices, which may be {}");
  }
  if (instances != nullptr) {
    BH_ASSIGN(entry.instances, ReadInstances(*instances));
  }
  if (!entry.mig_enabled && !entry.instances.empty()) {
    return Wrong(value, "an entry without mig-enabled has no mig-devices");
  }
  return entry;
}

Result<Config> ReadConfig(const std::string& name, const YamlValue& value) {
  if (!IsConfigName(name)) return Wrong(value, "a configuration has a name that is not allowed");
  if (value.kind != Kind::kSequence || value.items.empty() || value.items.size() > kListMax) {
    return Wrong(value, "a configuration is a list of 1 to 1024 entries");
  }
  Config config{.name = name, .entries = {}};
  for (const YamlValue& item : value.items) {
    BH_ASSIGN(Entry entry, ReadEntry(item));
    config.entries.push_back(std::move(entry));
  }
  return config;
}

}  // namespace

const Config* Document::Find(std::string_view name) const {
  const auto found = std::ranges::find(configs, name, &Config::name);
  return found == configs.end() ? nullptr : &*found;
}

Result<Document> ParseDocument(std::string_view text) {
  BH_ASSIGN(const YamlValue root, ParseYaml(text));
  if (root.kind != Kind::kMap) return Wrong(root, "this is not a map with version and mig-configs");
  BH_TRY(RefuseOtherKeys(root, {"version", "mig-configs"}));
  const YamlValue* const version = root.Find("version");
  if (version == nullptr || version->kind != Kind::kScalar || version->scalar != "v1") {
    return Wrong(version == nullptr ? root : *version, "version is v1");
  }
  const YamlValue* const configs = root.Find("mig-configs");
  if (configs == nullptr || configs->kind != Kind::kMap || configs->items.empty()) {
    return Wrong(configs == nullptr ? root : *configs, "mig-configs names configurations");
  }
  Document document;
  for (std::size_t i = 0; i < configs->keys.size(); ++i) {
    BH_ASSIGN(Config config, ReadConfig(configs->keys[i], configs->items[i]));
    document.configs.push_back(std::move(config));
  }
  return document;
}

}  // namespace bulkhead::migparted
