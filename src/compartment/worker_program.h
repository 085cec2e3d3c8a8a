// SPDX-License-Identifier: Apache-2.0
// The program that runs in every compartment, and the files it needs there.
#pragma once

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "isolation/isolation_driver.h"

namespace bulkhead::compartment {

struct WorkerProgram {
  std::filesystem::path program;
  std::filesystem::path engine_library;    // ONNX Runtime
  std::vector<isolation::FileBind> files;  // both, and everything that they load
};

// $BULKHEAD_WORKER when it is set (and then nothing else), else bulkhead-worker in the folder of
// the running program, else in ../libexec/bulkhead beside that folder.
//
// kUnavailable: there is none.
base::Result<std::filesystem::path> FindWorker();

// Asks the program itself which engine library it loads, and the system's loader what both need.
// Costs tens of milliseconds: once per supervisor, not once per worker.
//
// kUnavailable: it cannot be run, or the library or one of their files is missing; the detail says
// what to do. kInvalid: it is a script, or another file that the loader cannot look into.
base::Result<WorkerProgram> InspectWorker(const std::filesystem::path& program);

}  // namespace bulkhead::compartment
