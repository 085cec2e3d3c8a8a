// SPDX-License-Identifier: Apache-2.0
// What deployments used, and what is advised, over the admin API.
#pragma once

#include "async/task.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// GET /admin/use?days=<1 to 30>
async::Task<http::Response> HandleUse(const AdminParts& parts, AdminRequest request);

}  // namespace bulkhead::gateway
