// SPDX-License-Identifier: Apache-2.0
// What is kept about tenants, as plain values. Times are milliseconds since 1970 (UTC).
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "device/tier.h"

namespace bulkhead::tenant {

// Names of different things do not convert into each other.
template <typename Kind>
struct Id {
  std::string text;
  friend auto operator<=>(const Id&, const Id&) = default;
};

using TenantId = Id<struct TenantKind>;          // 16 of [0-9A-Za-z], never used again
using KeyId = Id<struct KeyKind>;                // 16 of [0-9A-Za-z], the public part of a key
using DeploymentId = Id<struct DeploymentKind>;  // 16 of [0-9A-Za-z]

// A tenant's own name for a model, the <model> of its URLs: 1 to 63 of [a-z0-9._-], beginning with
// a letter or digit, not "stats" (Triton's route) and not ending in ".detect" (ours).
using ModelName = Id<struct ModelKind>;
using Version = uint32_t;  // from 1, rising per model; never used again

// What a key may do; a set of bits.
enum class Scope : uint8_t {
  kInfer = 1,   // run models
  kRead = 2,    // see models, metadata, statistics
  kManage = 4,  // load and unload over /v2/repository
};
using Scopes = uint8_t;

// Limits of one tenant; nullopt: none. Rates are token buckets that hold `burst` seconds' worth.
struct Quota {
  std::optional<uint32_t> frames_per_second;
  std::optional<uint64_t> bytes_per_second;    // of request bodies
  std::optional<uint64_t> frames_per_month;    // of the calendar month in UTC; to the exact frame
  std::optional<uint32_t> requests_in_flight;  // with the gateway, running ones included
  std::optional<uint32_t> deployments;         // that may run at once
  uint32_t burst_seconds = 1;
  friend bool operator==(const Quota&, const Quota&) = default;
};

// Where a tenant's models may run. Checked when a deployment is planned and again by the node.
struct Policy {
  std::vector<device::Tier> tiers{device::Tier::kHard, device::Tier::kDedicated,
                                  device::Tier::kCpu};
  friend bool operator==(const Policy&, const Policy&) = default;
};

struct Tenant {
  TenantId id;
  std::string name;  // unique; 1 to 40 of [a-z0-9-], beginning with a letter or digit
  bool suspended = false;
  Quota quota;
  Policy policy;
  int64_t created_unix_ms = 0;
  friend bool operator==(const Tenant&, const Tenant&) = default;
};

// A key's secret is nowhere: only its HMAC-SHA-256 under the gateway's pepper.
struct Key {
  KeyId id;
  TenantId tenant;
  std::string label;  // for people; up to 80 printable characters
  std::array<std::byte, 32> secret_hmac{};
  Scopes scopes = 0;
  int64_t created_unix_ms = 0;
  std::optional<int64_t> expires_unix_ms;
  std::optional<int64_t> last_used_unix_ms;  // to the minute
  friend bool operator==(const Key&, const Key&) = default;
};

// One pushed version of a model. Its bytes lie in the model files under their digest.
struct ModelVersion {
  TenantId tenant;
  ModelName model;
  Version version = 1;
  std::array<std::byte, 32> sha256{};
  uint64_t bytes = 0;
  int64_t created_unix_ms = 0;
  friend bool operator==(const ModelVersion&, const ModelVersion&) = default;
};

// A tenant's model version that was asked to run. One per model; a new version replaces it.
struct Deployment {
  DeploymentId id;
  TenantId tenant;
  ModelName model;
  Version version = 1;
  std::string profile;  // "cpu:2c4g", ...; never "auto": what was chosen
  uint32_t replicas = 1;
  bool loaded = true;  // false: unloaded over /v2/repository, kept for a later load
  int64_t created_unix_ms = 0;
  friend bool operator==(const Deployment&, const Deployment&) = default;
};

}  // namespace bulkhead::tenant
