// SPDX-License-Identifier: Apache-2.0
// Models, deployments and workers over the admin API.
#pragma once

#include "async/task.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// GET /admin/tenants/<name>/models; DELETE .../models/<model>[/versions/<v>]; POST
// .../models/<model>/versions with the ONNX file as body
async::Task<http::Response> HandleModels(const AdminParts& parts, AdminRequest request);

// GET /admin/tenants/<name>/deployments; PUT, DELETE .../deployments/<model>
async::Task<http::Response> HandleDeployments(const AdminParts& parts, AdminRequest request);

// GET /admin/workers
http::Response ListWorkers(const AdminParts& parts);

}  // namespace bulkhead::gateway
