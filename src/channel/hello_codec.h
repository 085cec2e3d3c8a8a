// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// Whether a Hello is one that a worker may say: sizes within limits.h, texts UTF-8, the parts of
// the task and no other. kInvalid names the first field that is not.
base::Status CheckHello(const Hello& hello);

// The body. kInvalid: as CheckHello.
base::Result<std::vector<std::byte>> EncodeHello(const Hello& hello);

// kCorrupt: not what EncodeHello writes.
base::Result<Hello> DecodeHello(std::span<const std::byte> body);

}  // namespace bulkhead::channel
