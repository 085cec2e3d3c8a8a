// SPDX-License-Identifier: Apache-2.0
// What the handlers of the admin API share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "base/result.h"
#include "gateway/admin_routes.h"
#include "gateway/audit_trail.h"
#include "http/message.h"

namespace bulkhead::gateway {

struct AdminRequest {
  http::Request& http;
  std::vector<std::string> segments;  // after /admin/
  ActionOutcome& outcome;             // for the audit log
};

http::Response AdminJson(int status, const nlohmann::json& document);
http::Response AdminError(const base::Error& error);
// 204
http::Response AdminDone();

// The body as text.
std::string_view TextOf(const http::Request& request);

// By name. kNotFound, for the caller.
base::Result<const tenant::Tenant*> TenantNamed(const tenant::Directory& directory,
                                                std::string_view name);

// All of a text as decimal digits; none otherwise.
std::optional<uint64_t> ParseNumber(std::string_view text);

// 16 of [0-9A-Za-z] by chance. kUnavailable: the kernel has none.
base::Result<std::string> NewIdText();

// For messages: the operator reads the detail.
base::Error ForOperator(base::Error error);

}  // namespace bulkhead::gateway
