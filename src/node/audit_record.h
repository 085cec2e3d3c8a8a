// SPDX-License-Identifier: Apache-2.0
// What a node does, for its audit log: what is recorded before it is done, and what after.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "audit/event.h"
#include "audit/log.h"
#include "base/result.h"
#include "node/sealing.h"

namespace bulkhead::node {

// Where a node records; one thread at a time. None of the functions is empty.
struct AuditRecord {
  // Durable on Ok, which takes one write and one fdatasync. Otherwise what the event speaks of must
  // not be done: kExhausted: there is no room now; kUnavailable: nor later, before the log is
  // opened again. The detail is a sentence for the operator.
  std::function<base::Status(const audit::Event&)> ahead;
  // Of what has happened: never waits for the disk.
  std::function<void(const audit::Event&)> after;
  // Signs what there is, for a timer; never waits.
  std::function<void()> sign;
  std::chrono::seconds sign_every{60};
};

// `log` is told of each record that was lost, and of each checkpoint that could not be sent; on any
// thread. Both must outlive what is made.
AuditRecord RecordTo(audit::Log& to, std::function<void(std::string_view)> log);

// Records a data key that is about to be unwrapped; what is not Ok is not released.
RecordRelease RecordReleases(const AuditRecord& record);

}  // namespace bulkhead::node
