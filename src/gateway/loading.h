// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "async/task.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "gateway/audit_trail.h"
#include "gateway/control.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// Waits until the deployment's wanted version serves (or nothing of it is left, where it is
// unloaded). kUnavailable: it failed; the public message says why as far as a tenant may know it.
// kDeadline: `patience` is over; it goes on all the same. kNotFound: no such deployment.
async::Task<base::Status> WaitUntilSettled(fleet::Fleet& fleet, boost::asio::io_context& io,
                                           tenant::TenantId tenant, tenant::ModelName model,
                                           std::chrono::milliseconds patience);

// Loads or unloads a deployment, durably, and waits as above. kNotFound: no such deployment.
async::Task<base::Status> SetLoaded(Control& control, fleet::Fleet& fleet,
                                    boost::asio::io_context& io, tenant::TenantId tenant,
                                    tenant::ModelName model, bool load);

// The same for a tenant's own key, recorded before it is done; where it is so already, nothing is.
// kUnavailable: it cannot be recorded.
async::Task<base::Status> SetLoadedOnRecord(AuditTrail& audit, const Accounts& accounts,
                                            Control& control, fleet::Fleet& fleet,
                                            boost::asio::io_context& io, Caller caller,
                                            tenant::ModelName model, bool load);

}  // namespace bulkhead::gateway
