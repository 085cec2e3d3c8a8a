// SPDX-License-Identifier: Apache-2.0
// Unix sockets at a path of the file system.
#pragma once

#include <cstdint>
#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::base {

enum class UnixSocketKind : uint8_t { kStream, kPackets };

// Listens at `path` with mode 0600; nobody can connect before it has that. A socket that is there
// already and that nobody serves, as a killed program leaves it, is replaced. Closed on exec; does
// not block.
//
// kConflict: somebody serves it. kInvalid: something else than a socket is there, or the path is
// longer than a socket's may be (107 bytes). Otherwise as ErrnoError.
Result<UniqueFd> ListenUnix(const std::filesystem::path& path, UnixSocketKind kind, int backlog);

// The client's end; closed on exec, does not block. kUnavailable: nobody listens there.
// kExhausted: who listens there has too many who wait. kInvalid: as above. Otherwise as ErrnoError.
Result<UniqueFd> ConnectUnix(const std::filesystem::path& path, UnixSocketKind kind);

}  // namespace bulkhead::base
