// SPDX-License-Identifier: Apache-2.0
// What deployments use, gathered hour by hour until it is written.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "advice/dcgm.h"
#include "advice/use_history.h"
#include "store/store.h"
#include "telemetry/histogram.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// A deployment that runs, and what was served of its model since the gateway's start.
struct ServedDeployment {
  tenant::DeploymentId id;
  tenant::TenantId tenant;
  tenant::ModelName model;
  std::string profile;
  uint64_t frames = 0;
  telemetry::Histogram requests;
};

// One worker's device.
struct DeviceUser {
  tenant::DeploymentId deployment;
  std::string profile;
  advice::DeviceKey device;
};

// The device of a worker that the node launched on "GPU-..." as "gpu0-gi7", or as a whole GPU;
// nullopt: it runs on cores alone.
std::optional<advice::DeviceKey> DeviceOf(std::string_view device_id,
                                          std::string_view partition_id);

// Lives on the I/O thread. Times do not go back by more than kHoursKept.
class UseRecorder {
 public:
  static constexpr int64_t kHoursKept = 6;  // that wait for a store that is away

  // `writer`: drawn by chance for this process.
  explicit UseRecorder(std::string writer) : writer_(std::move(writer)) {}

  // Often: what was served since the last call counts to the hour of this one. A deployment that
  // served nothing has its hours too.
  void Count(std::span<const ServedDeployment> served, int64_t now_unix_ms);

  // Readings of one moment; how many were of a deployment. A device that several deployments use
  // says nothing of any of them.
  std::size_t Note(std::span<const advice::DeviceReading> readings,
                   std::span<const DeviceUser> users, int64_t now_unix_ms);

  // Hours that changed since they were last taken, each whole.
  std::vector<store::UseRow> TakeChanged();
  // They were not written: they are to be taken again.
  void PutBack(std::span<const store::UseRow> rows);

 private:
  struct Key {
    int64_t hour = 0;
    tenant::DeploymentId deployment;
    std::string profile;
    std::string device;
    friend auto operator<=>(const Key&, const Key&) = default;
  };
  struct Hour {
    bool changed = true;
    std::string gpu_model;
    advice::ShareCounts engine_active;
    advice::ShareCounts dram_active;
    double memory_used_max_mib = 0;
    uint64_t frames = 0;
    telemetry::Histogram requests;
  };
  struct Before {
    uint64_t frames = 0;
    telemetry::Histogram requests;
  };
  [[nodiscard]] store::UseRow RowOf(const Key& key, const Hour& hour) const;
  void Forget(int64_t hour);

  std::string writer_;
  std::map<Key, Hour> hours_;
  std::map<std::pair<tenant::TenantId, tenant::ModelName>, Before> before_;
};

}  // namespace bulkhead::gateway
