// SPDX-License-Identifier: Apache-2.0
// Whose keys are revoked: as long as a tenant stands here, this node unseals nothing of it. A file
// of lines, so that it stays so over a restart.
#pragma once

#include <filesystem>
#include <set>
#include <string>

#include "base/result.h"

namespace bulkhead::node {

class RevokedTenants {
 public:
  // There need be no file. kCorrupt: it is no such list. Errors of
  // base::ReadFile.
  static base::Result<RevokedTenants> Open(std::filesystem::path file);

  [[nodiscard]] bool Has(const std::string& tenant) const { return tenants_.contains(tenant); }

  // Durable, when it gives Ok; without Ok nothing changed. kInvalid: no id. Errors of
  // base::WriteFile.
  base::Status Set(const std::string& tenant, bool revoked);

 private:
  RevokedTenants(std::filesystem::path file, std::set<std::string> tenants)
      : file_(std::move(file)), tenants_(std::move(tenants)) {}

  std::filesystem::path file_;
  std::set<std::string> tenants_;
};

}  // namespace bulkhead::node
