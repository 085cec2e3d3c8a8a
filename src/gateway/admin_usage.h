// SPDX-License-Identifier: Apache-2.0
// What was used, and its export, over the admin API.
#pragma once

#include "async/task.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// GET /admin/usage?tenant=<name>&from=<unix ms>&to=<unix ms>
async::Task<http::Response> HandleUsage(const AdminParts& parts, AdminRequest request);

// POST /admin/ledger/export, which begins an export or repeats one that was not ended; POST
// /admin/ledger/export/done
async::Task<http::Response> HandleExport(const AdminParts& parts, AdminRequest request);

}  // namespace bulkhead::gateway
