// SPDX-License-Identifier: Apache-2.0
#include "audit/event.h"

#include <array>

namespace bulkhead::audit {
namespace {

constexpr std::array<EventNames, kEventKindCount> kEvents = {{
    {"log-start", "create", "auditlogs"},
    {"log-checkpoint", "update", "auditlogs"},
    {"log-stop", "delete", "auditlogs"},
    {"auth-accept", "authenticate", "keys"},
    {"auth-refuse", "authenticate", "keys"},
    {"access-deny", "get", "models"},
    {"tenant-create", "create", "tenants"},
    {"tenant-suspend", "update", "tenants"},
    {"tenant-resume", "update", "tenants"},
    {"tenant-delete", "delete", "tenants"},
    {"policy-change", "update", "policies"},
    {"key-create", "create", "keys"},
    {"key-rotate", "update", "keys"},
    {"key-revoke", "delete", "keys"},
    {"model-upload", "create", "models"},
    {"model-activate", "update", "models"},
    {"model-delete", "delete", "models"},
    {"model-seal", "update", "models"},
    {"model-deploy", "create", "deployments"},
    {"model-undeploy", "delete", "deployments"},
    {"datakey-create", "create", "datakeys"},
    {"datakey-release", "get", "datakeys"},
    {"datakey-rotate", "update", "datakeys"},
    {"datakey-retire", "update", "datakeys"},
    {"datakey-destroy", "delete", "datakeys"},
    {"node-start", "create", "nodes"},
    {"node-stop", "delete", "nodes"},
    {"worker-start", "create", "workers"},
    {"worker-exit", "delete", "workers"},
    {"worker-violate", "delete", "workers"},
    {"partition-scrub", "update", "partitions"},
    {"partition-change", "update", "partitions"},
    {"quota-change", "update", "quotas"},
    {"billing-adjust", "create", "adjustments"},
    {"ledger-export", "create", "exports"},
    {"config-change", "update", "configurations"},
}};

constexpr std::array<std::string_view, kStageCount> kStages = {"RequestReceived",
                                                               "ResponseComplete", "Panic"};

constexpr std::array<std::string_view, kAnnotationCount> kAnnotations = {
    "amount",      "attestation",      "cut-bytes",      "decision",    "device",
    "exit-status", "isolation-layers", "isolation-tier", "key-name",    "key-provider",
    "key-version", "model-digest",     "model-version",  "new-value",   "node",
    "old-value",   "partition",        "process",        "profile",     "reason",
    "receipt",     "request-id",       "signal",         "system-call", "version",
    "worker",      "worker-digest",
};

}  // namespace

const EventNames& NamesOf(EventKind kind) { return kEvents[static_cast<std::size_t>(kind)]; }

std::optional<EventKind> EventKindNamed(std::string_view name) {
  for (std::size_t at = 0; at < kEvents.size(); ++at) {
    if (kEvents[at].name == name) return static_cast<EventKind>(at);
  }
  return std::nullopt;
}

std::string_view NameOf(Stage stage) { return kStages[static_cast<std::size_t>(stage)]; }

std::string_view NameOf(Annotation annotation) {
  return kAnnotations[static_cast<std::size_t>(annotation)];
}

}  // namespace bulkhead::audit
