// SPDX-License-Identifier: Apache-2.0
// The key that a program signs its own audit log with, in a file.
#pragma once

#include <filesystem>
#include <string_view>

#include "audit/verifier_key.h"
#include "base/result.h"

namespace bulkhead::audit {

// From 32 bytes in a file (mode 0600), made by chance where there is none, durably. The log's
// origin is `program` and the beginning of the public key's SHA-256 ("bulkhead-node/5f0c...", 16
// hexadecimal digits): the same for as long as the key is, and no other log's.
//
// Lost or changed, the log is refused (kDenied of Log::Open): a new log begins in a new folder.
// kCorrupt: the file is of another length, another user's, or open to others. Otherwise as
// base::FileError, and kInvalid of CheckOrigin.
base::Result<Signer> ReadOrMakeSigner(const std::filesystem::path& file, std::string_view program);

}  // namespace bulkhead::audit
