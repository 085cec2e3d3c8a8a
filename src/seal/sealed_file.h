// SPDX-License-Identifier: Apache-2.0
// Reads of a sealed file that need no key.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.h"
#include "seal/sealed_header.h"

namespace bulkhead::seal {

// As many bytes as there are, up to all of `out`. kUnavailable: the file cannot be read.
base::Result<std::size_t> ReadAt(int file, uint64_t offset, std::span<std::byte> out);

// The header of a file, which must be as long as the header says.
//
// Blocks on the disk. kInvalid, kUnsupported, kCorrupt: as DecodeSealedHeader. kCorrupt: cut short,
// or longer than it was made. kUnavailable: it cannot be read.
base::Result<DecodedHeader> ReadSealedHeader(int file);

}  // namespace bulkhead::seal
