// SPDX-License-Identifier: Apache-2.0
// What the audit log says of a request to the admin API.
#pragma once

#include <vector>

#include "audit/event.h"
#include "gateway/admin_request.h"

namespace bulkhead::gateway {

// An event for each thing that the request would change, by its method, its target and, of a PATCH
// or of a new tenant, its body; at least one, since a request that is not known here is recorded as
// a change of the configuration. Bodies of other requests are recorded as they are where they are
// short (deployments), and never where they are a model or carry a secret.
//
// Who: the user id and process of the peer of the socket.
std::vector<audit::Event> ActionsOf(const AdminRequest& request,
                                    const tenant::Directory& directory);

}  // namespace bulkhead::gateway
