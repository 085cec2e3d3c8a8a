// SPDX-License-Identifier: Apache-2.0
// Tenants and their keys over the admin API.
#pragma once

#include "async/task.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// GET, POST /admin/tenants; GET, PATCH, DELETE /admin/tenants/<name>
async::Task<http::Response> HandleTenants(const AdminParts& parts, AdminRequest request);

// GET, POST /admin/tenants/<name>/keys
async::Task<http::Response> HandleTenantKeys(const AdminParts& parts, AdminRequest request);

// DELETE /admin/keys/<id>; POST /admin/keys/<id>/rotate
async::Task<http::Response> HandleKey(const AdminParts& parts, AdminRequest request);

}  // namespace bulkhead::gateway
