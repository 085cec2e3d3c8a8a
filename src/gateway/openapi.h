// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

namespace bulkhead::gateway {

// The OpenAPI 3.1 document of all that tenants can reach: openapi.json beside this file, with the
// project's version in it.
std::string OpenApiDocument();

}  // namespace bulkhead::gateway
