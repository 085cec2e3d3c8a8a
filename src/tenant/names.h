// SPDX-License-Identifier: Apache-2.0
// What names may look like; the rules stand beside the names in records.h.
#pragma once

#include <string_view>

#include "base/result.h"

namespace bulkhead::tenant {

[[nodiscard]] bool IsTenantName(std::string_view text);
[[nodiscard]] bool IsModelName(std::string_view text);
[[nodiscard]] bool IsKeyLabel(std::string_view text);

// TenantId, KeyId, DeploymentId.
[[nodiscard]] bool IsIdText(std::string_view text);

// The same as errors for whoever chose the name: kInvalid, with the rule as public message.
base::Status CheckTenantName(std::string_view text);
base::Status CheckModelName(std::string_view text);
base::Status CheckKeyLabel(std::string_view text);

}  // namespace bulkhead::tenant
