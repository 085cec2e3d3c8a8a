// SPDX-License-Identifier: Apache-2.0
// Makes a sealed model out of a plain one, as it streams by.
#pragma once

#include <cstddef>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "base/sha256.h"
#include "seal/floe.h"
#include "seal/sealed_header.h"

namespace bulkhead::seal {

// Takes the next bytes of the sealed file, in their order. Its error ends the sealing.
using Sink = std::function<base::Status(std::span<const std::byte>)>;

// The header names the plaintext's digest and length, so a sealer reads it twice: first for those,
// then to seal it. What was given to the sink before an error is to be thrown away.
//
// One thread at a time. Memory: one segment.
class Sealer {
 public:
  // Gives the header to the sink. The data key is random and for this file alone;
  // header.wrapped_key is the same, wrapped. Errors of EncodeSealedHeader, FloeSealer::Start and
  // the sink.
  static base::Result<Sealer> Begin(const SealedHeader& header, base::Aes256Key data_key,
                                    Sink sink);

  // kInvalid: more than header.plain_bytes. Errors of the sink.
  base::Status Write(std::span<const std::byte> plain);

  // kInvalid: not the bytes that the header names. Errors of the sink. The last call.
  base::Status Finish();

 private:
  Sealer(SealedHeader header, FloeSealer floe, base::SecretBytes plain, Sink sink);
  base::Status SealSegment();

  SealedHeader header_;
  FloeSealer floe_;
  base::SecretBytes plain_;  // one segment's
  std::size_t plain_used_ = 0;
  std::vector<std::byte> sealed_;  // one segment
  Sink sink_;
  base::Sha256 digest_;
  uint64_t written_ = 0;
};

}  // namespace bulkhead::seal
