// SPDX-License-Identifier: Apache-2.0
#include "node/audit_record.h"

#include <string>
#include <utility>

namespace bulkhead::node {
namespace {

audit::Event EventOf(const KeyRelease& release) {
  using audit::Annotation;
  audit::Event event;
  event.kind = audit::EventKind::kDataKeyRelease;
  event.tenant = release.model.tenant;
  event.object_name = release.model.model;
  event.annotations = {{Annotation::kDecision, "granted"},
                       {Annotation::kModelVersion, std::to_string(release.model.version)},
                       {Annotation::kKeyProvider, release.key.provider},
                       {Annotation::kKeyName, release.key.key},
                       {Annotation::kWorker, release.worker}};
  return event;
}

}  // namespace

AuditRecord RecordTo(audit::Log& to, std::function<void(std::string_view)> log) {
  AuditRecord record;
  record.ahead = [&to](const audit::Event& event) -> base::Status {
    const auto appended = to.AppendAndWait(event);
    if (appended.ok()) return base::Ok();
    return base::OperatorError(
        appended.error().code,
        "it cannot be recorded in the audit log, so it was not done: " + appended.error().detail);
  };
  record.after = [&to, log](const audit::Event& event) {
    to.Append(event, [log, kind = event.kind](const base::Result<uint64_t>& appended) {
      if (appended.ok()) return;
      log("the audit log: " + std::string(audit::NamesOf(kind).name) +
          " is not recorded: " + appended.error().detail);
    });
  };
  record.sign = [&to, log] {
    to.Checkpoint([log](const base::Result<uint64_t>& sent) {
      if (!sent.ok()) log("the audit log: " + sent.error().detail);
    });
  };
  return record;
}

RecordRelease RecordReleases(const AuditRecord& record) {
  return [ahead = record.ahead](const KeyRelease& release) { return ahead(EventOf(release)); };
}

}  // namespace bulkhead::node
