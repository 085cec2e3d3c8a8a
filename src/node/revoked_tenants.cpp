// SPDX-License-Identifier: Apache-2.0
#include "node/revoked_tenants.h"

#include <cstddef>
#include <span>
#include <string_view>
#include <utility>

#include "base/read_file.h"
#include "base/write_file.h"
#include "keys/tenant_key.h"

namespace bulkhead::node {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{16} << 20;
// So that a file that lost its bytes is none.
constexpr std::string_view kFirstLine = "bulkhead revoked tenants 1\n";

base::Error Damaged(const std::filesystem::path& file) {
  return base::OperatorError(base::Code::kCorrupt,
                             file.string() + ": not the list of revoked tenants; restore it, or " +
                                 "remove it to revoke nobody");
}

}  // namespace

base::Result<RevokedTenants> RevokedTenants::Open(std::filesystem::path file) {
  std::set<std::string> tenants;
  const auto read = base::ReadFile(file, kFileBytesMax);
  if (!read.ok() && read.error().code != base::Code::kNotFound) {
    return base::WithContext(read.error(), file.string());
  }
  std::string_view rest;
  if (read.ok()) {
    rest = {reinterpret_cast<const char*>(read.value().data()), read.value().size()};
    if (!rest.starts_with(kFirstLine)) return Damaged(file);
    rest.remove_prefix(kFirstLine.size());
  }
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    const std::string line(rest.substr(0, end));
    if (end == std::string_view::npos || !keys::TenantKeyName(line).ok()) {
      return Damaged(file);
    }
    tenants.insert(line);
    rest.remove_prefix(end + 1);
  }
  return RevokedTenants(std::move(file), std::move(tenants));
}

base::Status RevokedTenants::Set(const std::string& tenant, bool revoked) {
  BH_TRY(keys::TenantKeyName(tenant));
  std::set<std::string> next = tenants_;
  if (revoked) next.insert(tenant);
  if (!revoked) next.erase(tenant);
  if (next == tenants_) return base::Ok();
  std::string text(kFirstLine);
  for (const std::string& one : next) text += one + '\n';
  BH_TRY(base::WriteFile(file_, std::as_bytes(std::span(text)), base::Durable::kNow));
  tenants_ = std::move(next);
  return base::Ok();
}

}  // namespace bulkhead::node
