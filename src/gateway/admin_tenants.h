// SPDX-License-Identifier: Apache-2.0
// Tenants and their keys over the admin API.
#pragma once

#include "gateway/admin_request.h"
#include "gateway/task.h"

namespace bulkhead::gateway {

// GET, POST /admin/tenants; GET, PATCH, DELETE /admin/tenants/<name>
Task<HttpResponse> HandleTenants(const AdminParts& parts, AdminRequest request);

// GET, POST /admin/tenants/<name>/keys
Task<HttpResponse> HandleTenantKeys(const AdminParts& parts, AdminRequest request);

// DELETE /admin/keys/<id>; POST /admin/keys/<id>/rotate
Task<HttpResponse> HandleKey(const AdminParts& parts, AdminRequest request);

}  // namespace bulkhead::gateway
