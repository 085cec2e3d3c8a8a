// SPDX-License-Identifier: Apache-2.0
// The Unix socket through which a node is told what to do.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::node {

// Listens at `path` with mode 0600. A socket that is there already and that nobody serves, as a
// node that was killed leaves it, is replaced. Does not block later on; close on exec.
//
// kConflict: somebody serves it. kInvalid: something else than a socket is there, or the path is
// longer than a socket's may be (107 bytes). kNotFound, kDenied: as the folder answers.
base::Result<base::UniqueFd> ListenForControl(const std::filesystem::path& path);

// The next client; an invalid descriptor when there is none.
//
// kDenied: it belongs to another user than the node's own and root, and was hung up on.
// kExhausted: no descriptors.
base::Result<base::UniqueFd> AcceptControl(int listener);

// The client's end, which does not block. kUnavailable: nobody listens there. kNotFound, kDenied,
// kInvalid: as above.
base::Result<base::UniqueFd> ConnectControl(const std::filesystem::path& path);

}  // namespace bulkhead::node
