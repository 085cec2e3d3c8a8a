// SPDX-License-Identifier: Apache-2.0
// Which files a program needs to run, as the system's own loader finds them.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

// The given programs and shared libraries (a program first), the loader they name, and every
// library that it resolves for them. The loader is asked with `LOADER --list FILE` and no
// environment; it maps the files and runs no code of theirs. Blocks for milliseconds per file.
//
// Each file is bound under the path at which the loader looks it up. A compartment has no
// /etc/ld.so.cache, so a library that only the cache leads to is bound a second time, in the folder
// of the C library, where the loader looks without one.
//
// kInvalid: a script, a static program or anything else that is not a dynamically linked ELF file
// of this machine. kUnavailable: one of them or a library that it needs is missing. Both name it.
base::Result<std::vector<FileBind>> ProgramFiles(
    const std::vector<std::filesystem::path>& programs_and_libraries);

}  // namespace bulkhead::isolation
