// SPDX-License-Identifier: Apache-2.0
#include "cli/gpu_owners.h"

#include <algorithm>
#include <map>
#include <string>

#include <nlohmann/json.hpp>

namespace bulkhead::cli {
namespace {

using nlohmann::json;

bool AnyIsHeld(const GpuInventory& inventory) {
  const auto held = [](const SlotOwner& owner) { return owner.kind == SlotOwner::Kind::kHeld; };
  return std::ranges::any_of(inventory.owners, [&](const GpuOwners& owners) {
    return held(owners.whole) || std::ranges::any_of(owners.instances, held);
  });
}

std::string TextOf(const json& object, const char* member) {
  const auto found = object.is_object() ? object.find(member) : object.end();
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

}  // namespace

void NameOwners(const json& workers, GpuInventory& inventory) {
  std::map<std::string, std::string> names;
  const auto list = workers.is_object() ? workers.find("workers") : workers.end();
  if (list == workers.end() || !list->is_array()) return;
  for (const json& one : *list) {
    names[TextOf(one, "worker")] = TextOf(one, "tenant") + "/" + TextOf(one, "model");
  }
  const auto name = [&](SlotOwner& owner) {
    const auto found = names.find(owner.name);
    if (owner.kind == SlotOwner::Kind::kHeld && found != names.end()) owner.name = found->second;
  };
  for (GpuOwners& owners : inventory.owners) {
    name(owners.whole);
    for (SlotOwner& owner : owners.instances) name(owner);
  }
}

void AskForOwners(const AdminArguments& admin, GpuInventory& inventory) {
  if (!AnyIsHeld(inventory)) return;
  const auto workers = CallAdmin(admin, "GET", "/admin/workers");
  if (workers.ok()) NameOwners(workers.value(), inventory);
}

}  // namespace bulkhead::cli
