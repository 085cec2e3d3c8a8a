// SPDX-License-Identifier: Apache-2.0
// The records of all tenants, in memory and in order.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "tenant/admission.h"
#include "tenant/records.h"

namespace bulkhead::tenant {

struct Records {
  std::vector<Tenant> tenants;
  std::vector<Key> keys;
  std::vector<ModelVersion> models;
  std::vector<Deployment> deployments;
};

// Never changes: a change of the records makes another directory, and who holds this one, by
// shared_ptr while a request runs, keeps what it saw. Lookups are binary searches, so asking for
// another tenant's model and for none take the same way. Pointers and spans live as long as the
// directory. What the admissions of the tenants hold does change, on one thread at a time.
class Directory {
 public:
  // Tenants that `before` knew keep their admission, under the quota of their new record: to be
  // called on the thread of the admissions. Records that belong to no tenant are left out; of two
  // with one identity the later one stays.
  static std::shared_ptr<const Directory> Make(Records records, const Directory* before,
                                               int64_t now_ns);

  // Null: there is none.
  [[nodiscard]] const Tenant* FindTenant(const TenantId& id) const;
  [[nodiscard]] const Tenant* FindTenantByName(std::string_view name) const;
  [[nodiscard]] const Key* FindKey(const KeyId& id) const;
  [[nodiscard]] const ModelVersion* FindVersion(const TenantId& tenant, const ModelName& model,
                                                Version version) const;
  [[nodiscard]] const Deployment* FindDeployment(const TenantId& tenant,
                                                 const ModelName& model) const;
  [[nodiscard]] const Deployment* FindDeployment(const DeploymentId& id) const;
  [[nodiscard]] std::shared_ptr<Admission> FindAdmission(const TenantId& tenant) const;

  // By name; by id; by model, then version; by version; by model.
  [[nodiscard]] std::span<const Tenant> Tenants() const { return tenants_; }
  [[nodiscard]] std::span<const Key> KeysOf(const TenantId& tenant) const;
  [[nodiscard]] std::span<const ModelVersion> ModelsOf(const TenantId& tenant) const;
  [[nodiscard]] std::span<const ModelVersion> VersionsOf(const TenantId& tenant,
                                                         const ModelName& model) const;
  [[nodiscard]] std::span<const Deployment> DeploymentsOf(const TenantId& tenant) const;
  [[nodiscard]] std::span<const Deployment> Deployments() const { return deployments_; }

 private:
  Directory() = default;

  std::vector<Tenant> tenants_;                         // by name
  std::vector<uint32_t> tenants_by_id_;                 // places in tenants_
  std::vector<std::shared_ptr<Admission>> admissions_;  // of tenants_, in its order
  std::vector<Key> keys_;                               // by tenant, id
  std::vector<uint32_t> keys_by_id_;
  std::vector<ModelVersion> models_;     // by tenant, model, version
  std::vector<Deployment> deployments_;  // by tenant, model
  std::vector<uint32_t> deployments_by_id_;
};

}  // namespace bulkhead::tenant
