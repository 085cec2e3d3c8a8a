// SPDX-License-Identifier: Apache-2.0
// Evidence that claims to be a TPM's: a key, a signature and a statement, each after its length.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "release/tpm_bytes.h"
#include "release/tpm_quote.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  namespace release = bulkhead::release;
  release::TpmReader reader(std::as_bytes(std::span(data, size)));
  release::Evidence evidence;
  evidence.kind = "tpm2";
  for (auto* const part : {&evidence.key, &evidence.signature, &evidence.statement}) {
    const auto bytes = reader.ReadSized(4096);
    part->assign(bytes.begin(), bytes.end());
  }
  // Nobody can sign for that nonce.
  BH_CHECK(!release::CheckEvidence(evidence, {}).ok() || !evidence.statement.empty());
  return 0;
}
