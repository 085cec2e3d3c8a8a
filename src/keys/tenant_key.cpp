// SPDX-License-Identifier: Apache-2.0
#include "keys/tenant_key.h"

namespace bulkhead::keys {
namespace {

constexpr std::size_t kIdBytesMax = 31;  // twice as many and the "t" fit a key's name

}  // namespace

base::Result<std::string> TenantKeyName(std::string_view tenant_id) {
  std::string name = "t";
  bool fits = !tenant_id.empty() && tenant_id.size() <= kIdBytesMax;
  for (const char c : tenant_id) {
    if (c >= 'A' && c <= 'Z') {
      name += '-';
      name += static_cast<char>(c - 'A' + 'a');
    } else {
      fits = fits && ((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z'));
      name += c;
    }
  }
  if (fits) return name;
  return base::OperatorError(base::Code::kInvalid, "no id of a tenant that could have a key");
}

base::Result<std::vector<std::byte>> WrapForTenant(KeyProvider& provider, const Purpose& purpose,
                                                   base::Aes256Key data_key) {
  BH_ASSIGN(const std::string key, TenantKeyName(purpose.tenant));
  auto wrapped = provider.Wrap(key, purpose, data_key);
  if (wrapped.ok() || wrapped.error().code != base::Code::kNotFound) return wrapped;
  const base::Status made = provider.Create(key);
  if (!made.ok() && made.error().code == base::Code::kConflict) {
    return base::OperatorError(base::Code::kDenied,
                               "the key of tenant " + purpose.tenant +
                                   " was destroyed: nothing is sealed for it any more");
  }
  BH_TRY(made);
  return provider.Wrap(key, purpose, data_key);
}

}  // namespace bulkhead::keys
