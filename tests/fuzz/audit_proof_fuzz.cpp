// SPDX-License-Identifier: Apache-2.0
// Hostile checkpoints, verifier keys, proofs and names of tiles. Nobody can sign with the key, so
// what is taken is what the corpus has: a proof of one record.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/log_folder.h"
#include "audit/proof.h"
#include "base/check.h"

namespace {

namespace audit = bulkhead::audit;

const audit::VerifierKey& Key() {
  static const audit::VerifierKey key =
      audit::MakeSigner("unsynced.example/audit", std::vector<std::byte>(32, std::byte{0x42}))
          .value()
          .key;
  return key;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const std::string_view line = text.substr(0, text.find('\n'));
  const auto key = audit::ParseVerifierKey(line);
  BH_CHECK(!key.ok() || audit::FormatVerifierKey(key.value()) == line);
  const auto tile = audit::ParseTilePath(line);
  BH_CHECK(!tile || audit::TilePath(*tile) == line);
  (void)audit::SegmentNumber(line);
  (void)audit::OpenCheckpoint(text, Key());
  const auto proven = audit::CheckProof(text, Key());
  BH_CHECK(!proven.ok() || proven.value().sequence < proven.value().head.size);
  return 0;
}
