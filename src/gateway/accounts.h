// SPDX-License-Identifier: Apache-2.0
// Who may ask, and for how much: the tenants' directory as the gateway uses it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hmac_sha256.h"
#include "base/result.h"
#include "http/message.h"
#include "store/store.h"
#include "tenant/admission.h"
#include "tenant/api_key.h"
#include "tenant/directory.h"
#include "tenant/limits.h"
#include "tenant/records.h"
#include "tenant/scopes.h"

namespace bulkhead::gateway {

using Pepper = std::array<std::byte, 32>;

// Whose key opened the door.
struct Caller {
  tenant::TenantId tenant;
  std::string tenant_name;
  tenant::KeyId key;
  tenant::Scopes scopes = 0;
};

tenant::Now NowForTenants();

// Lives on the I/O thread.
class Accounts {
 public:
  explicit Accounts(const Pepper& pepper);

  // Other records from now on: keys and tenants that are gone or changed count at once.
  void Set(tenant::Records records);
  [[nodiscard]] const tenant::Directory& directory() const { return *directory_; }
  [[nodiscard]] std::shared_ptr<const tenant::Directory> Share() const { return directory_; }

  // kInvalid, the same for all that is wrong with a key (HTTP 401, gRPC UNAUTHENTICATED); kDenied:
  // the tenant is suspended.
  base::Result<Caller> Authenticate(std::string_view key_text);

  // kDenied: the key has not this scope.
  static base::Status Require(const Caller& caller, tenant::Scope scope);

  // What a request holds while it runs, or why it does not fit. kDenied: the tenant is gone.
  struct Refused {
    base::Error error;
    int64_t wait_ns = 0;
    std::optional<tenant::Limit> limit;  // none: the tenant is gone
  };
  using Admitted = std::variant<tenant::Ticket, Refused>;
  Admitted Admit(const Caller& caller, const tenant::Demand& demand);

  // RateLimit and RateLimit-Policy, as far as the tenant has limits.
  void AddRateLimitFields(const tenant::TenantId& tenant, http::Headers& headers) const;

  // Keys that were used since the last call, to the minute.
  std::vector<store::KeyUse> TakeKeyUses();

 private:
  base::HmacSha256Key pepper_;
  std::shared_ptr<const tenant::Directory> directory_;
  std::map<tenant::KeyId, int64_t> uses_unix_ms_;  // not yet in the store
};

}  // namespace bulkhead::gateway
