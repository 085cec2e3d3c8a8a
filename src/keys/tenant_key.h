// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

// The name of the key of a tenant: "t" and its id, each upper-case letter as "-" and the lower-case
// one, because names of keys have no case. No two ids give one name. kInvalid: the id has other
// characters than [0-9A-Za-z], none, or over 31.
base::Result<std::string> TenantKeyName(std::string_view tenant_id);

// The data key under the key of the purpose's tenant, which is made when there is none yet. Blocks.
// kDenied also: the tenant's key was destroyed. Errors of TenantKeyName and the provider.
base::Result<std::vector<std::byte>> WrapForTenant(KeyProvider& provider, const Purpose& purpose,
                                                   base::Aes256Key data_key);

}  // namespace bulkhead::keys
