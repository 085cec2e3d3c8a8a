// SPDX-License-Identifier: Apache-2.0
#include "gateway/use_recorder.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "advice/share_bytes.h"

namespace bulkhead::gateway {
namespace {

constexpr int64_t kHourMs = 3'600'000;
constexpr double kKibOfMib = 1024;

std::string DeviceText(const advice::DeviceKey& key) {
  return key.gpu_uuid + (key.gpu_instance ? "/" + std::to_string(*key.gpu_instance) : "");
}

}  // namespace

std::optional<advice::DeviceKey> DeviceOf(std::string_view device_id,
                                          std::string_view partition_id) {
  if (!device_id.starts_with("GPU-")) return std::nullopt;
  advice::DeviceKey key{.gpu_uuid = std::string(device_id), .gpu_instance = {}};
  constexpr std::string_view kInstance = "-gi";
  const std::size_t at = partition_id.rfind(kInstance);
  if (at == std::string_view::npos) return key;
  const std::string_view text = partition_id.substr(at + kInstance.size());
  int instance = 0;
  const auto [end, failed] = std::from_chars(text.data(), text.data() + text.size(), instance);
  if (failed != std::errc() || end != text.data() + text.size() || instance < 0) {
    return std::nullopt;
  }
  key.gpu_instance = instance;
  return key;
}

void UseRecorder::Forget(int64_t hour) {
  std::erase_if(hours_, [hour](const auto& one) {
    const auto& [key, kept] = one;
    // The hour before stays: its last write may not have ended.
    return key.hour + 1 < hour && (!kept.changed || key.hour + kHoursKept < hour);
  });
}

void UseRecorder::Count(std::span<const ServedDeployment> served, int64_t now_unix_ms) {
  const int64_t hour = now_unix_ms / kHourMs;
  Forget(hour);
  for (const ServedDeployment& one : served) {
    Before& before = before_[{one.tenant, one.model}];
    Hour& kept = hours_[{hour, one.id, one.profile, {}}];
    const uint64_t frames = one.frames - std::min(one.frames, before.frames);
    const telemetry::Histogram requests = one.requests.Since(before.requests);
    if (frames > 0 || requests.total() > 0) {
      kept.frames += frames;
      kept.requests.Add(requests);
      kept.changed = true;
    }
    before = {one.frames, one.requests};
  }
}

std::size_t UseRecorder::Note(std::span<const advice::DeviceReading> readings,
                              std::span<const DeviceUser> users, int64_t now_unix_ms) {
  std::map<advice::DeviceKey, const DeviceUser*> by_device;
  for (const DeviceUser& user : users) {
    const auto [at, first] = by_device.try_emplace(user.device, &user);
    if (!first && at->second != nullptr && at->second->deployment != user.deployment) {
      at->second = nullptr;
    }
  }
  std::size_t noted = 0;
  for (const advice::DeviceReading& reading : readings) {
    const auto found = by_device.find(reading.key);
    if (found == by_device.end() || found->second == nullptr) continue;
    const DeviceUser& user = *found->second;
    Hour& kept =
        hours_[{now_unix_ms / kHourMs, user.deployment, user.profile, DeviceText(reading.key)}];
    kept.gpu_model = reading.gpu_model;
    if (reading.engine_active) kept.engine_active.Add(*reading.engine_active);
    if (reading.dram_active) kept.dram_active.Add(*reading.dram_active);
    kept.memory_used_max_mib =
        std::max(kept.memory_used_max_mib, reading.memory_used_mib.value_or(0));
    kept.changed = true;
    ++noted;
  }
  return noted;
}

store::UseRow UseRecorder::RowOf(const Key& key, const Hour& hour) const {
  store::UseRow row;
  row.deployment = key.deployment;
  row.hour_unix_ms = key.hour * kHourMs;
  row.profile = key.profile;
  row.device = key.device;
  row.writer = writer_;
  row.gpu_model = hour.gpu_model;
  row.engine_active = advice::ShareBytes(hour.engine_active);
  row.dram_active = advice::ShareBytes(hour.dram_active);
  row.memory_used_max_kib =
      static_cast<uint64_t>(std::llround(hour.memory_used_max_mib * kKibOfMib));
  row.frames = hour.frames;
  if (hour.requests.total() > 0) {
    row.p99_us = static_cast<uint64_t>(std::llround(hour.requests.QuantileSeconds(0.99) * 1e6));
  }
  return row;
}

std::vector<store::UseRow> UseRecorder::TakeChanged() {
  std::vector<store::UseRow> rows;
  for (auto& [key, hour] : hours_) {
    if (!hour.changed) continue;
    hour.changed = false;
    rows.push_back(RowOf(key, hour));
  }
  return rows;
}

void UseRecorder::PutBack(std::span<const store::UseRow> rows) {
  for (const store::UseRow& row : rows) {
    const auto found =
        hours_.find({row.hour_unix_ms / kHourMs, row.deployment, row.profile, row.device});
    if (found != hours_.end()) found->second.changed = true;
  }
}

}  // namespace bulkhead::gateway
