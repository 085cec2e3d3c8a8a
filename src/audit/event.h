// SPDX-License-Identifier: Apache-2.0
// What is recorded: a control action or a decision, in the shape of Kubernetes' audit events
// (audit.k8s.io/v1, level Metadata).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <vector>

#include "audit/label.h"

namespace bulkhead::audit {

// The list is closed: what is not on it is not recorded, and every reader knows all of it. Its
// order is free; the names (NameOf) are the format.
enum class EventKind : uint8_t {
  kLogStart,       // written by the log itself: it was opened, and what was cut off its end
  kLogCheckpoint,  // ... on the timer, idle or not
  kLogStop,        // ... closed in order
  kAuthAccept,
  kAuthRefuse,
  kAccessDeny,  // a tenant asked for what is another's
  kTenantCreate,
  kTenantSuspend,
  kTenantResume,
  kTenantDelete,
  kPolicyChange,  // which tiers a tenant's models may run in
  kKeyCreate,     // an API key
  kKeyRotate,
  kKeyRevoke,
  kModelUpload,
  kModelActivate,  // loaded or unloaded where it is deployed
  kModelDelete,
  kModelSeal,
  kModelDeploy,
  kModelUndeploy,
  kDataKeyCreate,   // of a tenant: what its models' data keys are wrapped with
  kDataKeyRelease,  // one model's, to one worker: granted or refused, key version, attestation
  kDataKeyRotate,
  kDataKeyRetire,   // old versions of it end
  kDataKeyDestroy,  // crypto-shredding
  kNodeStart,       // with the layers of isolation that work there, and the devices
  kNodeStop,
  kWorkerStart,  // with the isolation that was reached
  kWorkerExit,
  kWorkerViolate,  // killed by its system call filter
  kPartitionScrub,
  kPartitionChange,
  kQuotaChange,
  kBillingAdjust,
  kLedgerExport,
  kConfigChange,
};
constexpr std::size_t kEventKindCount = static_cast<std::size_t>(EventKind::kConfigChange) + 1;

struct EventNames {
  std::string_view name;      // "model-upload"
  std::string_view verb;      // of Kubernetes where it has one: create, get, update, delete
  std::string_view resource;  // of the objectRef: "models"
};
[[nodiscard]] const EventNames& NamesOf(EventKind kind);
[[nodiscard]] std::optional<EventKind> EventKindNamed(std::string_view name);

// Write-ahead: an action is recorded as received before it begins, and as complete after it ended;
// both carry one audit id.
enum class Stage : uint8_t { kRequestReceived, kResponseComplete, kPanic };
constexpr std::size_t kStageCount = 3;
[[nodiscard]] std::string_view NameOf(Stage stage);

// What else is said of an event; the list is closed, so that no request's content becomes one. In
// the order of their names, which is the order on the line.
enum class Annotation : uint8_t {
  kAmount,
  kAttestation,
  kCutBytes,
  kDecision,
  kDevice,
  kExitStatus,
  kIsolationLayers,
  kIsolationTier,
  kKeyName,
  kKeyProvider,
  kKeyVersion,
  kModelDigest,
  kModelVersion,
  kNewValue,
  kNode,
  kOldValue,
  kPartition,
  kProcess,
  kProfile,
  kReason,
  kReceipt,
  kRequestId,
  kSignal,
  kSystemCall,
  kVersion,
  kWorker,
  kWorkerDigest,
};
constexpr std::size_t kAnnotationCount = static_cast<std::size_t>(Annotation::kWorkerDigest) + 1;
[[nodiscard]] std::string_view NameOf(Annotation annotation);

constexpr std::size_t kSourceIpsMax = 4;

// Fields that are empty or zero are not written.
struct Event {
  EventKind kind = EventKind::kConfigChange;
  Stage stage = Stage::kResponseComplete;
  Label audit_id = {};     // one for all stages of an action
  Label request_uri = {};  // without a query: those may hold what is secret
  Label user_name = {};    // as the user is called
  Label user_id = {};      // as the store knows it: the id of a key, of an operator
  // The last one is the peer; the ones before it are what the client said. At most kSourceIpsMax,
  // the last of them.
  std::vector<Label> source_ips = {};
  Label user_agent = {};  // what the client said
  Label tenant = {};      // objectRef.namespace
  Label object_name = {};
  uint16_t status = 0;  // of HTTP
  Label reason = {};    // responseStatus.reason
  int64_t received_unix_ms = 0;
  std::map<Annotation, Label> annotations = {};
};

}  // namespace bulkhead::audit
