// SPDX-License-Identifier: Apache-2.0
#include "compartment/worker_program.h"

#include <chrono>
#include <cstdlib>
#include <string>
#include <system_error>

#include <unistd.h>

#include "base/capture_output.h"
#include "isolation/program_files.h"

namespace bulkhead::compartment {
namespace {

constexpr const char* kProgramName = "bulkhead-worker";
constexpr std::size_t kAnswerBytesMax = 4096;
constexpr std::chrono::seconds kAnswerTimeout{20};

base::Error Missing(const std::string& detail) {
  return base::OperatorError(base::Code::kUnavailable, detail);
}

bool IsProgram(const std::filesystem::path& path) {
  std::error_code failed;
  return std::filesystem::is_regular_file(path, failed) && ::access(path.c_str(), X_OK) == 0;
}

// What the program's search for its engine library looks at.
std::vector<std::string> SearchEnvironment() {
  std::vector<std::string> environment;
  for (const char* name : {"ONNXRUNTIME_ROOT", "LD_LIBRARY_PATH"}) {
    if (const char* value = std::getenv(name))
      environment.push_back(std::string(name) + "=" + value);
  }
  return environment;
}

}  // namespace

base::Result<std::filesystem::path> FindWorker() {
  if (const char* chosen = std::getenv("BULKHEAD_WORKER")) {
    if (!IsProgram(chosen)) {
      return Missing(std::string("BULKHEAD_WORKER names ") + chosen + ", which is not a program");
    }
    return std::filesystem::path(chosen);
  }
  std::error_code failed;
  const std::filesystem::path folder =
      std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
  for (const auto& candidate :
       {folder / kProgramName, folder.parent_path() / "libexec" / "bulkhead" / kProgramName}) {
    if (IsProgram(candidate)) return candidate;
  }
  return Missing(std::string(kProgramName) + " is neither in " + folder.string() +
                 " nor in ../libexec/bulkhead; set BULKHEAD_WORKER to where it is");
}

base::Result<WorkerProgram> InspectWorker(const std::filesystem::path& program) {
  BH_ASSIGN(const base::CommandOutput answer,
            base::CaptureOutput({program.string(), "--print-engine-library"}, SearchEnvironment(),
                                kAnswerBytesMax, kAnswerTimeout));
  const std::string library = answer.out.substr(0, answer.out.find('\n'));
  if (library.empty() || library.front() != '/') {
    return Missing(program.string() + ": did not name its engine library");
  }
  BH_ASSIGN(std::vector<isolation::FileBind> files,
            isolation::ProgramFiles({program, std::filesystem::path(library)}));
  return WorkerProgram{program, library, std::move(files)};
}

}  // namespace bulkhead::compartment
