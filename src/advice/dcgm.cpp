// SPDX-License-Identifier: Apache-2.0
#include "advice/dcgm.h"

#include <algorithm>
#include <charconv>
#include <map>
#include <utility>

#include "advice/prometheus_text.h"

namespace bulkhead::advice {
namespace {

// DCGM marks what is not available by numbers near the end of 64 bits (dcgm_structs.h,
// DCGM_INT64_BLANK and DCGM_FP64_BLANK); no GPU has a petabyte.
constexpr double kMemoryMibMax = 1e9;
// A share is measured between two moments, and may exceed the whole by a little.
constexpr double kShareMax = 1.1;

struct Field {
  std::string_view metric;
  std::optional<double> DeviceReading::* member;
  double value_max;
  double clamp_to;
};
constexpr Field kFields[] = {
    {"DCGM_FI_PROF_GR_ENGINE_ACTIVE", &DeviceReading::engine_active, kShareMax, 1.0},
    {"DCGM_FI_PROF_DRAM_ACTIVE", &DeviceReading::dram_active, kShareMax, 1.0},
    {"DCGM_FI_DEV_FB_USED", &DeviceReading::memory_used_mib, kMemoryMibMax, kMemoryMibMax},
    {"DCGM_FI_DEV_FB_FREE", &DeviceReading::memory_free_mib, kMemoryMibMax, kMemoryMibMax},
};

// nullopt: a UUID is missing, or the instance is no number.
std::optional<DeviceKey> KeyOf(const Sample& sample) {
  DeviceKey key{.gpu_uuid = std::string(sample.label("UUID")), .gpu_instance = {}};
  if (key.gpu_uuid.empty()) return std::nullopt;
  const std::string_view text = sample.label("GPU_I_ID");
  if (text.empty()) return key;
  int instance = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, instance);
  if (error != std::errc() || stopped != end || instance < 0) return std::nullopt;
  key.gpu_instance = instance;
  return key;
}

// Renamed in 2026: dcgm-exporter, pull request 655.
std::string_view HostOf(const Sample& sample) {
  const std::string_view host = sample.label("hostname");
  return host.empty() ? sample.label("Hostname") : host;
}

using Readings = std::map<DeviceKey, DeviceReading>;

void Note(const Sample& sample, Readings& readings) {
  const auto field = std::ranges::find(kFields, std::string_view(sample.name), &Field::metric);
  if (field == std::end(kFields)) return;
  const std::optional<DeviceKey> key = KeyOf(sample);
  // Also false for a NaN.
  const bool usable = sample.value >= 0 && sample.value <= field->value_max;
  if (!key || !usable) return;
  DeviceReading& reading = readings[*key];
  reading.key = *key;
  if (reading.profile.empty()) reading.profile = sample.label("GPU_I_PROFILE");
  if (reading.host.empty()) reading.host = HostOf(sample);
  if (reading.gpu_model.empty()) reading.gpu_model = sample.label("modelName");
  std::optional<double>& known = reading.*field->member;
  known = std::max(known.value_or(0), std::min(sample.value, field->clamp_to));
}

}  // namespace

base::Result<std::vector<DeviceReading>> ReadDcgm(std::string_view exposition) {
  Readings readings;
  BH_TRY(ReadPrometheusText(exposition,
                            [&readings](const Sample& sample) { Note(sample, readings); }));
  std::vector<DeviceReading> sorted;
  for (auto& [key, reading] : readings) sorted.push_back(std::move(reading));
  return sorted;
}

}  // namespace bulkhead::advice
