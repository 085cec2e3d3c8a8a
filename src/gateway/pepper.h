// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

#include "base/result.h"
#include "gateway/accounts.h"

namespace bulkhead::gateway {

// The secret under which keys are kept: 32 bytes of a file with mode 0600, made by chance where
// there is none. Lost, no key opens any more. kCorrupt: another length. kDenied: others may read
// it.
base::Result<Pepper> ReadOrMakePepper(const std::filesystem::path& file);

}  // namespace bulkhead::gateway
