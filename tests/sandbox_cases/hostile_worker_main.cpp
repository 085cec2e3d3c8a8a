// SPDX-License-Identifier: Apache-2.0
// An attacker's program in the place of bulkhead-worker: the same life (worker/serving), the same
// descriptors and locks, and an engine that attacks (hostile_engine.h).
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include <malloc.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "channel/inheritance.h"
#include "engine/onnxruntime_library.h"
#include "lockdown/code_freeze.h"
#include "lockdown/process_flags.h"
#include "lockdown/syscall_filter.h"
#include "lockdown/violation.h"
#include "sandbox_cases/attack.h"
#include "sandbox_cases/hostile_engine.h"
#include "worker/serving.h"

namespace bulkhead::sandbox_cases {
namespace {

void ReportViolation(int status_fd, lockdown::Violation violation) {
  channel::WriteStatus(status_fd,
                       {channel::WorkerState::kViolated, 0, violation.arch, violation.number});
}

base::Status LockForServing() {
  BH_ASSIGN(const lockdown::SyscallFilter filter,
            lockdown::CompileSyscallFilter(lockdown::Stage::kServing));
  const int error = lockdown::InstallSyscallFilter(filter, true);
  if (error != 0) return base::WithContext(base::ErrnoError(error), "lock the system calls");
  BeginServing();
  return base::Ok();
}

// What a copy of this program with the set-user-id bit finds out (attack "set-user-id").
int TellUser() {
  Tell(::geteuid() == 0 ? "loot: root" : "nothing: an ordinary user");
  return EXIT_SUCCESS;
}

[[noreturn]] void Live() {
  ::mallopt(M_ARENA_MAX, 1);  // as the worker, and for its reason
  std::signal(SIGPIPE, SIG_IGN);
  // Where a layer was taken away to see what it was good for, these fail, and the attack goes on.
  if (std::getenv("HOSTILE_STAYS_DUMPABLE") == nullptr && lockdown::SetNotDumpable() != 0) {
    Tell("still dumpable");
  }
  if (lockdown::ReportViolationsTo(channel::kStatusFd, ReportViolation) != 0) {
    Tell("violations go unreported");
  }
  if (lockdown::FreezeCode() != 0) Tell("code is not frozen");
  const base::Status status =
      worker::Serve({base::UniqueFd(channel::kFramesFd), base::UniqueFd(channel::kWeightsFd),
                     base::UniqueFd(channel::kSetupFd), channel::kStatusFd},
                    {"hostile", OpenHostileEngine}, LockForServing);
  if (!status.ok()) Tell("ended: " + status.error().detail);
  ::_exit(status.ok() ? EXIT_SUCCESS : EXIT_FAILURE);
}

// As the worker answers whoever builds its compartment.
int PrintEngineLibrary() {
  const auto library = engine::FindOnnxRuntime();
  if (!library.ok()) return EXIT_FAILURE;
  const std::string line = library.value().string() + '\n';
  const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
  return written == static_cast<ssize_t>(line.size()) ? EXIT_SUCCESS : EXIT_FAILURE;
}

int Main(std::string_view argument) {
  if (argument == "--print-engine-library") return PrintEngineLibrary();
  // In a compartment the worker has no arguments.
  if (!argument.empty()) return TellUser();
  Live();
}

}  // namespace
}  // namespace bulkhead::sandbox_cases

int main(int argc, char** argv) { return bulkhead::sandbox_cases::Main(argc > 1 ? argv[1] : ""); }
