// SPDX-License-Identifier: Apache-2.0
#include "tenant/scopes.h"

#include <algorithm>
#include <array>
#include <utility>

namespace bulkhead::tenant {
namespace {

constexpr std::array<std::pair<Scope, std::string_view>, 3> kScopes{
    {{Scope::kInfer, "infer"}, {Scope::kRead, "read"}, {Scope::kManage, "manage"}}};

}  // namespace

std::string FormatScopes(Scopes scopes) {
  std::string text;
  for (const auto& [scope, name] : kScopes) {
    if (!Allows(scopes, scope)) continue;
    if (!text.empty()) text += ',';
    text += name;
  }
  return text;
}

base::Result<Scopes> ParseScopes(std::string_view text) {
  Scopes scopes = 0;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view name = text.substr(at, end - at);
    const auto* const found =
        std::ranges::find(kScopes, name, &std::pair<Scope, std::string_view>::second);
    if (found == kScopes.end() || Allows(scopes, found->first)) {
      return base::PublicError(base::Code::kInvalid,
                               "scopes are infer, read and manage, each once, with commas between");
    }
    scopes = static_cast<Scopes>(scopes | static_cast<Scopes>(found->first));
    at = end + 1;
  }
  return scopes;
}

}  // namespace bulkhead::tenant
