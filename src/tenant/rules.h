// SPDX-License-Identifier: Apache-2.0
// What may change: asked before a change goes to the store. All errors are for the one who asked,
// an operator; those of a deployment may be shown to its tenant too.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/result.h"
#include "device/tier.h"
#include "tenant/directory.h"
#include "tenant/records.h"

namespace bulkhead::tenant {

constexpr std::size_t kKeysPerTenantMax = 100;
constexpr uint32_t kBurstSecondsMax = 3600;
constexpr int64_t kKeyOverlapMaxMs = int64_t{90} * 24 * 3600 * 1000;

// kInvalid: a burst of 0 or over kBurstSecondsMax.
base::Status CheckQuota(const Quota& quota);

// kInvalid: no tier, or one twice.
base::Status CheckPolicy(const Policy& policy);

// kInvalid: the name is none, quota or policy are wrong. kConflict: name or id are taken.
base::Status CheckNewTenant(const Directory& directory, const Tenant& tenant);

// kInvalid: label, scopes or expiry. kConflict: the id is taken. kExhausted: kKeysPerTenantMax.
// kNotFound: no such tenant.
base::Status CheckNewKey(const Directory& directory, const Key& key, int64_t now_unix_ms);

// Two keys for a while: `fresh` has the old one's tenant, label, scopes and expiry; the old one
// expires after the overlap, if it would not before.
struct KeyRotation {
  Key fresh;
  Key old;
};

// `fresh` brings id, secret_hmac. kInvalid: an overlap below 0 or over kKeyOverlapMaxMs. kConflict:
// the old key has expired already; make a new one. Then as CheckNewKey.
base::Result<KeyRotation> PlanKeyRotation(const Directory& directory, const Key& old,
                                          const Key& fresh, int64_t now_unix_ms,
                                          int64_t overlap_ms);

// One above the highest of the model's versions that there are, 1 for a new model: that a removed
// one's number is not given again is for whoever remembers removals. kExhausted: no higher number.
base::Result<Version> NextVersion(const Directory& directory, const TenantId& tenant,
                                  const ModelName& model);

// Whether the deployment, new or in the place of the model's present one, may run on a partition of
// this tier. kNotFound: no such tenant or model version. kDenied: the tenant is suspended, or its
// policy has not this tier. kExhausted: as many as its quota allows are running. kInvalid: no
// replica.
base::Status CanDeploy(const Directory& directory, const Deployment& deployment, device::Tier tier);

// kConflict: a deployment names it. kNotFound: there is none.
base::Status CanRemoveVersion(const Directory& directory, const TenantId& tenant,
                              const ModelName& model, Version version);

}  // namespace bulkhead::tenant
