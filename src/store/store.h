// SPDX-License-Identifier: Apache-2.0
// The port to where tenants, keys, models, deployments and metered totals are kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "tenant/records.h"

namespace bulkhead::store {

// The highest version that a model ever had, of which no version may be left. The next one pushed
// is above it, so that a version number is never used again.
struct LastVersion {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 0;
  friend bool operator==(const LastVersion&, const LastVersion&) = default;
};

// Everything but totals, as of one revision. Each list is in the order of its identity.
struct Snapshot {
  uint64_t revision = 0;
  std::vector<tenant::Tenant> tenants;
  std::vector<tenant::Key> keys;
  std::vector<tenant::ModelVersion> models;
  std::vector<LastVersion> last_versions;
  std::vector<tenant::Deployment> deployments;
};

// A record to add, or to put in the place of the one with the same identity: its id, which stays
// with the tenant (and, of a deployment, the model) that it was first put for. A key keeps the
// later of both last uses. Models are never replaced: their identity is tenant, model and version.
using Put = std::variant<tenant::Tenant, tenant::Key, tenant::ModelVersion, tenant::Deployment>;

// Removing a tenant removes all that is its own, totals aside.
struct RemoveTenant {
  tenant::TenantId id;
};
struct RemoveKey {
  tenant::KeyId id;
};
struct RemoveModelVersion {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 0;
};
struct RemoveDeployment {
  tenant::DeploymentId id;
};

using Change = std::variant<Put, RemoveTenant, RemoveKey, RemoveModelVersion, RemoveDeployment>;

struct KeyUse {
  tenant::KeyId key;
  int64_t last_used_unix_ms = 0;
};

// Metered frames of one hour (meter/usage.h counts them).
struct UsageRow {
  tenant::TenantId tenant;
  tenant::ModelName model;
  tenant::Version version = 0;
  int64_t hour_unix_ms = 0;  // its beginning, UTC
  std::string outcome;       // meter::OutcomeName
  uint64_t frames = 0;
  uint64_t bytes_in = 0;
  uint64_t compute_us = 0;
  friend bool operator==(const UsageRow&, const UsageRow&) = default;
};

struct UsageQuery {
  std::optional<tenant::TenantId> tenant;
  int64_t from_unix_ms = 0;        // both on the hour
  int64_t to_unix_ms = INT64_MAX;  // not included
};

// What one deployment used of one device in one hour, as one writer saw it. Bytes are the caller's
// to understand (docs/formats/use_hours.md has those that Bulkhead writes).
struct UseRow {
  tenant::DeploymentId deployment;
  int64_t hour_unix_ms = 0;  // its beginning, UTC
  std::string profile;       // that the deployment had then
  std::string device;        // empty: of all its devices together
  std::string writer;        // one process
  std::string gpu_model;     // as the driver names it; empty: no GPU, or unknown
  std::vector<std::byte> engine_active;
  std::vector<std::byte> dram_active;
  uint64_t memory_used_max_kib = 0;
  uint64_t frames = 0;
  std::optional<uint64_t> p99_us;
  friend bool operator==(const UseRow&, const UseRow&) = default;
};

inline constexpr std::size_t kUseBytesMax = 512;  // of engine_active, and of dram_active

struct UseQuery {
  std::optional<tenant::DeploymentId> deployment;
  int64_t from_unix_ms = 0;        // both on the hour
  int64_t to_unix_ms = INT64_MAX;  // not included
};

// The history of use, part of a Store and with its promises and errors; not of a Snapshot, and no
// change of it raises the revision.
class UseHistory {
 public:
  UseHistory() = default;
  UseHistory(const UseHistory&) = delete;
  UseHistory& operator=(const UseHistory&) = delete;
  virtual ~UseHistory() = default;

  // Each row takes the place of the one with the same deployment, hour, profile, device and writer,
  // so that a call that is repeated counts once; then hours before `forget_before_unix_ms` are
  // removed, of all writers. kInvalid: bytes beyond kUseBytesMax.
  virtual base::Status PutUse(std::span<const UseRow> rows, int64_t forget_before_unix_ms) = 0;

  // By deployment, hour, profile, device, writer, in this order.
  [[nodiscard]] virtual base::Result<std::vector<UseRow>> Use(const UseQuery& query) = 0;
};

// Durable when a call that changes returns Ok; atomic; safe from several threads (one at a time is
// enough inside) and from several processes. Every call blocks.
//
// Texts are UTF-8 without NUL; every number of its type can be kept.
//
// Errors of all: kInvalid: a text is not that. kUnavailable: it cannot be reached or is locked for
// longer than the adapter's patience; nothing was changed, or, where the connection broke during
// commit, it is unknown, and the call can be repeated: Apply and AddUsage then answer kConflict if
// they had been done. kDenied: the files or the server refuse us. kCorrupt: what is there is not
// what we write, or a newer release's. kExhausted: no room.
class Store {
 public:
  Store() = default;
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;
  virtual ~Store() = default;

  [[nodiscard]] virtual base::Result<Snapshot> Load() = 0;

  // 0 at first; raised by one by every Apply with at least one change. Cheap: it is asked several
  // times a second.
  [[nodiscard]] virtual base::Result<uint64_t> Revision() = 0;

  // All changes, one after the other, or none, if the revision is still `expected`; the answer is
  // the new revision. kConflict: it is not (load again), or a name that must be unique is taken
  // (a tenant's; a second deployment of a model), or a model version is not above the last one, or
  // one that is to be removed is deployed. kNotFound: to remove what is not there, or to put what
  // belongs to a tenant or model version that is not there.
  [[nodiscard]] virtual base::Result<uint64_t> Apply(uint64_t expected,
                                                     std::span<const Change> changes) = 0;

  // Later times win; unknown keys are passed over. Does not raise the revision.
  virtual base::Status TouchKeys(std::span<const KeyUse> uses) = 0;

  // How far the ledger `ledger_id` was counted, as AddUsage was told; 0 at first.
  [[nodiscard]] virtual base::Result<uint64_t> UsageCursor(const std::string& ledger_id) = 0;

  // Adds the rows to the totals and moves the cursor from `from` on to `to`, both or neither, so
  // that nothing counts twice. kConflict: the cursor is not at `from`. kInvalid: `to` is not behind
  // `from`. kExhausted: a total would not fit in its type.
  virtual base::Status AddUsage(const std::string& ledger_id, uint64_t from, uint64_t to,
                                std::span<const UsageRow> rows) = 0;

  // By tenant, model, version, hour, outcome, in this order.
  [[nodiscard]] virtual base::Result<std::vector<UsageRow>> Usage(const UsageQuery& query) = 0;

  // In the same place, and as long there as the store.
  [[nodiscard]] virtual UseHistory& use_history() = 0;
};

}  // namespace bulkhead::store
