// SPDX-License-Identifier: Apache-2.0
// Which files a program needs to run, as the system's own loader finds them.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::isolation {

// The given programs and shared libraries, the loader they name, and every library that it resolves
// for them: asked with `LOADER --list FILE`, which runs the loader alone. Each file is bound under
// the path at which the loader will look it up, because a compartment has no cache of its own for
// that. $LD_LIBRARY_PATH is honoured.
//
// kInvalid: not a dynamically linked ELF file of this machine. kUnavailable: one of them or a
// library is missing; the detail names it.
base::Result<std::vector<FileBind>> ProgramFiles(const std::vector<std::filesystem::path>& files);

}  // namespace bulkhead::isolation
