// SPDX-License-Identifier: Apache-2.0
// The port to what can prove what this machine runs.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <vector>

#include "base/result.h"
#include "release/policy.h"

namespace bulkhead::release {

// 32 bytes that were drawn for one release alone: evidence for one proves nothing for another.
using Nonce = std::array<std::byte, 32>;

struct Evidence {
  // "tpm2", or what configfs-tsm calls its provider ("tdx_guest", "sev_guest").
  std::string kind;
  std::vector<std::byte> statement;  // TPMS_ATTEST, or the report
  std::vector<std::byte> signature;  // TPMT_SIGNATURE, or the report's certificates
  std::vector<std::byte> key;        // tpm2: TPMT_PUBLIC of the key that signed
  PcrValues pcrs;                    // tpm2: what the registers are said to hold
};

class Attestor {
 public:
  Attestor() = default;
  Attestor(const Attestor&) = delete;
  Attestor& operator=(const Attestor&) = delete;
  virtual ~Attestor() = default;

  // Evidence for that nonce; unproven until it was checked (tpm_quote.h). Blocks; one thread at a
  // time. kUnavailable: the device does not answer, or with something else. kDenied: it may not be
  // used.
  [[nodiscard]] virtual base::Result<Evidence> Attest(const Nonce& nonce) = 0;
};

}  // namespace bulkhead::release
