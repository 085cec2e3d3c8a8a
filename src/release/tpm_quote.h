// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/result.h"
#include "release/attestor.h"
#include "release/decide.h"

namespace bulkhead::release {

// What the evidence proves: that the key whose digest is given, which never leaves a TPM and signs
// what that TPM says of itself alone, signed those registers for this nonce. Whose key it is, only
// a policy that names it says.
//
// By TPM 2.0 Library part 2: TPMT_PUBLIC (12.2.4) of a P-256 key for ECDSA with SHA-256,
// TPMS_ATTEST (10.12.12) of a quote, TPMT_SIGNATURE (11.3.4). Pure.
//
// kInvalid: not such evidence, or not of this nonce. kDenied: the signature is wrong. kUnsupported:
// evidence of another kind than "tpm2": nothing here checks it, so it proves nothing.
base::Result<Attested> CheckEvidence(const Evidence& evidence, const Nonce& nonce);

}  // namespace bulkhead::release
