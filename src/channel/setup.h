// SPDX-License-Identifier: Apache-2.0
// Setup as bytes: what a worker reads from kSetupFd before anything else, at most kSetupBytesMax
// (limits.h). The layout: docs/formats/worker_protocol.md, "Setup".
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "channel/messages.h"

namespace bulkhead::channel {

// kInvalid: a value out of its range (the message names it).
base::Result<std::vector<std::byte>> EncodeSetup(const Setup& setup);

// kCorrupt: not what EncodeSetup writes; the detail names the field.
base::Result<Setup> DecodeSetup(std::span<const std::byte> bytes);

}  // namespace bulkhead::channel
