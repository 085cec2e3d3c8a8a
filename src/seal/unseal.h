// SPDX-License-Identifier: Apache-2.0
// Gets the plain model back out of a sealed file.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "seal/floe.h"
#include "seal/sealed_header.h"

namespace bulkhead::seal {

// Writes the plaintext to `plain`, which has header.plain_bytes, from the file of ReadSealedHeader.
// Every segment is checked before its bytes count, and the caller uses none of them before Ok:
// after an error `plain` is zeros. Memory besides: one piece of 16 segments.
//
// Whose model it is must be what the caller expects (SealedName): the header says it, and a header
// that says something else than it did does not open.
//
// Blocks. kCorrupt: another key than it was sealed with, or header or body changed; the detail says
// which segment. kUnavailable: the file cannot be read.
base::Status Unseal(int file, const DecodedHeader& decoded, base::Aes256Key data_key,
                    std::span<std::byte> plain);

}  // namespace bulkhead::seal
