// SPDX-License-Identifier: Apache-2.0
// Models on their way to sealed files, and the keys of tenants, as the node answers for them. The
// gateway never holds a key, and a plain model only from its arrival until the node has sealed it.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "node/messages.h"
#include "store/model_files.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// A connection of its own for each question: the fleet's must never wait for a key provider.
struct SealingParts {
  std::filesystem::path node_socket;
  store::ModelFiles& files;
  std::chrono::milliseconds answer_timeout{140'000};
};

// What a client sent, wiped when it goes.
using SecretBody = std::shared_ptr<std::vector<std::byte>>;
SecretBody TakeSecretBody(std::vector<std::byte>&& bytes);

// All of these block, on one thread at a time. Errors of all: kUnavailable: the node does not
// answer, or its key provider. kDeadline. kDenied: the tenant's key is revoked or was destroyed.

// The body as the sealed file of this version: a plain model is sealed by the node, a sealed one
// must be of this tenant, model and version, under a key that the node has. The record to keep;
// the file is to be confirmed (ModelFiles::Confirm) when that is done.
//
// kInvalid: empty, or another's sealed model; the sentence says whose. kCorrupt: it was cut short
// or changed. kExhausted: a full disk.
base::Result<tenant::ModelVersion> StoreModel(const SealingParts& parts,
                                              const store::ModelFile& target,
                                              const SecretBody& body);

// The file of a version, for the node. kNotFound: it is missing. kCorrupt: it is of another model
// than the record.
base::Result<base::UniqueFd> OpenSealed(const store::ModelFiles& files,
                                        const tenant::ModelVersion& record);

base::Result<node::KeyStatus> AskKey(const SealingParts& parts, node::KeyAction action,
                                     const tenant::TenantId& tenant);

// A new version of the tenant's key, every file under it, and then the end of the old versions. A
// call that failed between can be repeated. Errors also of the files; the old version goes on then.
base::Result<node::KeyStatus> RotateKey(const SealingParts& parts, const tenant::TenantId& tenant,
                                        std::span<const tenant::ModelVersion> versions);

}  // namespace bulkhead::gateway
