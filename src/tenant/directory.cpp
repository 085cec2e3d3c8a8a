// SPDX-License-Identifier: Apache-2.0
#include "tenant/directory.h"

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <numeric>
#include <tuple>
#include <utility>

namespace bulkhead::tenant {
namespace {

auto TenantModel(const ModelVersion& version) { return std::tie(version.tenant, version.model); }
auto TenantModelVersion(const ModelVersion& version) {
  return std::tie(version.tenant, version.model, version.version);
}
auto TenantModelOf(const Deployment& deployment) {
  return std::tie(deployment.tenant, deployment.model);
}

// Sorts by what the projection says, and of equal ones keeps the last.
template <typename Record, typename Projection>
void SortUnique(std::vector<Record>& records, Projection projection) {
  std::ranges::stable_sort(records, {}, projection);
  std::ranges::reverse(records);
  const auto repeated = std::ranges::unique(records, {}, projection);
  records.erase(repeated.begin(), repeated.end());
  std::ranges::reverse(records);
}

// Places in `records`, in the order of the ids.
template <typename Record>
std::vector<uint32_t> PlacesById(const std::vector<Record>& records) {
  std::vector<uint32_t> places(records.size());
  std::iota(places.begin(), places.end(), 0U);
  std::ranges::sort(places, {}, [&](uint32_t place) -> const auto& { return records[place].id; });
  return places;
}

template <typename Record, typename Id>
const Record* FindById(const std::vector<Record>& records, const std::vector<uint32_t>& places,
                       const Id& id) {
  const auto id_at = [&](uint32_t place) -> const Id& { return records[place].id; };
  const auto place = std::ranges::lower_bound(places, id, {}, id_at);
  return place == places.end() || id_at(*place) != id ? nullptr : &records[*place];
}

// The one record, or all of them, whose projection equals `wanted`.
template <typename Record, typename Wanted, typename Projection>
std::span<const Record> Equal(const std::vector<Record>& records, const Wanted& wanted,
                              Projection projection) {
  return std::ranges::equal_range(records, wanted, {}, projection);
}

template <typename Record>
const Record* OnlyOne(std::span<const Record> records) {
  return records.empty() ? nullptr : records.data();
}

}  // namespace

std::shared_ptr<const Directory> Directory::Make(Records records, const Directory* before,
                                                 int64_t now_ns) {
  auto made = std::shared_ptr<Directory>(new Directory());
  made->tenants_ = std::move(records.tenants);
  SortUnique(made->tenants_, &Tenant::id);
  std::ranges::stable_sort(made->tenants_, {}, &Tenant::name);
  made->tenants_by_id_ = PlacesById(made->tenants_);
  for (const Tenant& tenant : made->tenants_) {
    auto admission = before == nullptr ? nullptr : before->FindAdmission(tenant.id);
    if (admission == nullptr) {
      admission = std::make_shared<Admission>(tenant.quota, now_ns);
    } else {
      admission->SetQuota(tenant.quota, now_ns);
    }
    made->admissions_.push_back(std::move(admission));
  }
  const auto keep = [&]<typename Record>(std::vector<Record> from, std::vector<Record>& to) {
    std::erase_if(from,
                  [&](const Record& record) { return made->FindTenant(record.tenant) == nullptr; });
    to = std::move(from);
  };
  keep(std::move(records.keys), made->keys_);
  keep(std::move(records.models), made->models_);
  keep(std::move(records.deployments), made->deployments_);
  SortUnique(made->keys_, &Key::id);
  std::ranges::stable_sort(made->keys_, {}, &Key::tenant);
  made->keys_by_id_ = PlacesById(made->keys_);
  SortUnique(made->models_, TenantModelVersion);
  SortUnique(made->deployments_, &Deployment::id);
  SortUnique(made->deployments_, TenantModelOf);
  made->deployments_by_id_ = PlacesById(made->deployments_);
  return made;
}

const Tenant* Directory::FindTenant(const TenantId& id) const {
  return FindById(tenants_, tenants_by_id_, id);
}

const Tenant* Directory::FindTenantByName(std::string_view name) const {
  const auto name_of = [](const Tenant& tenant) -> std::string_view { return tenant.name; };
  return OnlyOne(Equal(tenants_, name, name_of));
}

const Key* Directory::FindKey(const KeyId& id) const { return FindById(keys_, keys_by_id_, id); }

const ModelVersion* Directory::FindVersion(const TenantId& tenant, const ModelName& model,
                                           Version version) const {
  return OnlyOne(Equal(models_, std::tie(tenant, model, version), TenantModelVersion));
}

const Deployment* Directory::FindDeployment(const TenantId& tenant, const ModelName& model) const {
  return OnlyOne(Equal(deployments_, std::tie(tenant, model), TenantModelOf));
}

const Deployment* Directory::FindDeployment(const DeploymentId& id) const {
  return FindById(deployments_, deployments_by_id_, id);
}

std::shared_ptr<Admission> Directory::FindAdmission(const TenantId& tenant) const {
  const Tenant* const found = FindTenant(tenant);
  if (found == nullptr) return nullptr;
  return admissions_[static_cast<std::size_t>(found - tenants_.data())];
}

std::span<const Key> Directory::KeysOf(const TenantId& tenant) const {
  return Equal(keys_, tenant, &Key::tenant);
}

std::span<const ModelVersion> Directory::ModelsOf(const TenantId& tenant) const {
  return Equal(models_, tenant, &ModelVersion::tenant);
}

std::span<const ModelVersion> Directory::VersionsOf(const TenantId& tenant,
                                                    const ModelName& model) const {
  return Equal(models_, std::tie(tenant, model), TenantModel);
}

std::span<const Deployment> Directory::DeploymentsOf(const TenantId& tenant) const {
  return Equal(deployments_, tenant, &Deployment::tenant);
}

}  // namespace bulkhead::tenant
