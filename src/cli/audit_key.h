// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <string>

#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::cli {

// A verifier key as it was given: itself, or a file whose one line it is.
base::Result<audit::VerifierKey> GivenVerifierKey(const std::string& given);

// A file's text. Errors as of base::ReadFile, with the path.
base::Result<std::string> ReadTextFile(const std::filesystem::path& path, std::size_t bytes_max);

}  // namespace bulkhead::cli
