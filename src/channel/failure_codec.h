// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/limits.h"
#include "channel/messages.h"

namespace bulkhead::channel {

inline constexpr std::size_t kFailureBytesMax =
    4 + 4 + kPublicMessageBytesMax + 4 + kDetailBytesMax;

// The body of a FailureReply. Texts are made plain lines and cut to their limits.
std::vector<std::byte> EncodeFailure(const base::Error& error);

// kCorrupt: not what EncodeFailure writes.
base::Result<FailureReply> DecodeFailure(RequestId id, std::span<const std::byte> body);

}  // namespace bulkhead::channel
