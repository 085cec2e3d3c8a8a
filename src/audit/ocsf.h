// SPDX-License-Identifier: Apache-2.0
// Records for other people's security tools: OCSF 1.3, class API Activity (6003).
#pragma once

#include <string>

#include "audit/record.h"

namespace bulkhead::audit {

// One event as a line of JSON without its end. By field: activity_id 1 create, 2 read (get), 3
// update, 4 delete, 99 other; status_id by the response's code: 1 below 400, 2 from it on, 0
// without one; severity_id 1, of a refusal or violation 3; time is the record's; actor.user,
// api.operation, resources, src_endpoint and http_request are what the record says; what OCSF has
// no place for is in `unmapped`. metadata.uid is the record's sequence.
// Source: schema.ocsf.io, class api_activity.
[[nodiscard]] std::string OcsfEvent(const RecordView& record);

}  // namespace bulkhead::audit
