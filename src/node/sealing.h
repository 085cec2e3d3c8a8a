// SPDX-License-Identifier: Apache-2.0
// Everything of a node that touches keys and plaintext: models are sealed and unsealed here, and
// nowhere else in Bulkhead's servers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/unique_fd.h"
#include "keys/key_provider.h"
#include "node/messages.h"
#include "node/revoked_tenants.h"
#include "seal/sealed_header.h"

namespace bulkhead::node {

// A data key that is about to be unwrapped, and for whom.
struct KeyRelease {
  seal::SealedName model;
  seal::KeyName key;
  std::string worker;
};

// Writes it down before it happens, durably; what it refuses does not happen. On the thread of
// Sealing, and may block.
using RecordRelease = std::function<base::Status(const KeyRelease&)>;

struct SealingParts {
  keys::KeyProvider& provider;
  std::string provider_name;  // "file", "pkcs11", "transit"
  RecordRelease record;
  RevokedTenants& revoked;
};

// A plain model on its way into a worker. As long as this lives its pages stay in memory where the
// limits allow it, and out of core dumps; when it goes they are wiped, for every holder.
struct UnsealedModel {
  base::UniqueFd memfd;  // for the worker, who wipes it too; it cannot grow or shrink
  base::SecretBytes bytes;
};

struct UnsealOrder {
  seal::SealedName model;    // what the file must be
  uint64_t plain_bytes_max;  // what its worker has room for
  std::string worker;
};

// Blocks on the key provider and on disks; one thread at a time. Errors of the provider, besides
// those of each call: kUnavailable: it does not answer. kDenied: it refuses us.
class Sealing {
 public:
  explicit Sealing(SealingParts parts) : parts_(std::move(parts)) {}

  // Reads the memfd twice and writes the sealed file, which the caller makes durable. A tenant's
  // first one makes its key.
  //
  // kDenied: the tenant's key was destroyed, or is revoked. kInvalid: the names are none, the
  // plaintext is no memfd, or `out` no empty file. kExhausted: more plaintext than 2 GiB, or a full
  // disk. kCorrupt: it changed while it was read.
  base::Result<Sealed> Seal(const seal::SealedName& name, int plain, int out);

  // Checks whose the file is, records the release, unwraps and unseals.
  //
  // kCorrupt: another tenant's, model's or version's file, sealed under another key, or changed.
  // kDenied: the tenant's key is revoked. kNotFound: it was destroyed, or its version ended.
  // kInvalid: more plaintext than the worker has room for, or not a sealed model. Errors of
  // `record`.
  base::Result<UnsealedModel> Unseal(const UnsealOrder& order, int file);

  // The header of this file with its data key under the newest version. Errors as of Unseal, but
  // for those of its body and `record`: the data key leaves the provider for no worker.
  base::Result<Rewrapped> Rewrap(const seal::SealedName& name, int file);

  // kNotFound: the tenant has no key, or no more (but for kDescribe, kRevoke and kRestore).
  // kUnavailable also: what is revoked could not be written down.
  base::Result<KeyStatus> Obey(const KeyOrder& order);

 private:
  [[nodiscard]] base::Result<seal::KeyName> KeyOf(const std::string& tenant) const;
  // The header of a file that is what was asked for, under its tenant's own key.
  base::Result<seal::DecodedHeader> ReadHeader(const seal::SealedName& name, int file) const;
  [[nodiscard]] base::Status CheckNotRevoked(const std::string& tenant) const;
  base::Status Act(KeyAction action, const std::string& tenant, const std::string& key);

  SealingParts parts_;
};

}  // namespace bulkhead::node
