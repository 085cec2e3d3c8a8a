// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "async/task.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// /admin/tenants/T/seal: the key that a tenant's models are sealed under. T may be the id of a
// tenant that was deleted: its key outlives it until it is shredded.
async::Task<http::Response> HandleSeal(const AdminParts& parts, AdminRequest request);

}  // namespace bulkhead::gateway
