// SPDX-License-Identifier: Apache-2.0
// Folders and files that are the process's user's alone. What is a link, another user's, or open to
// others, is refused and left as it is.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::base {

// Opens `name` in the folder `parent` (AT_FDCWD: any path), and makes it where there is none, with
// mode 0700, durably. kCorrupt: it is no folder of ours. Else as of FileError (disk.h).
Result<UniqueFd> OpenPrivateFolder(int parent, const std::string& name);

// The same, where it must be there. kNotFound: it is not.
Result<UniqueFd> FindPrivateFolder(int parent, const std::string& name);

// Opens a file for reading. kNotFound: there is none. kCorrupt: it is no file of ours.
Result<UniqueFd> OpenPrivateFile(int folder, const std::string& name);

// Makes a file, with mode 0600, for writing; its name must be new.
Result<UniqueFd> MakePrivateFile(int folder, const std::string& name);

// fsync: what a file holds, or which names a folder has, survives a loss of power.
Status SyncFd(int fd);

}  // namespace bulkhead::base
