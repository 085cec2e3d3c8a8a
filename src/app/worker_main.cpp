// SPDX-License-Identifier: Apache-2.0
// The program inside a compartment. It has no arguments there: everything it needs it inherits
// (channel/inheritance.h), besides the place of the runtime's library (BULKHEAD_ONNXRUNTIME).
//
//   bulkhead-worker --print-engine-library   where that is, for whoever builds the compartment
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdlib>
#include <exception>
#include <memory>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <typeinfo>

#include <cxxabi.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/result.h"
#include "channel/inheritance.h"
#include "channel/wire_enum.h"
#include "engine/onnxruntime_engine.h"
#include "engine/onnxruntime_library.h"
#include "lockdown/code_freeze.h"
#include "lockdown/process_flags.h"
#include "lockdown/syscall_filter.h"
#include "lockdown/violation.h"
#include "worker/serving.h"

namespace bulkhead::app {
namespace {

constexpr std::size_t kLogLineBytesMax = 1024;

// Allocates nothing.
void WriteLog(std::string_view line) {
  // A log that is closed or full is no reason to fail.
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;
}

// One line, whatever a tenant's model put into the text.
void Log(std::string_view text) {
  std::string line = "bulkhead-worker: ";
  line += text.substr(0, kLogLineBytesMax);
  std::ranges::replace_if(line, [](char c) { return c < ' ' || c > '~'; }, '?');
  line += '\n';
  WriteLog(line);
}

void ReportViolation(int status_fd, lockdown::Violation violation) {
  channel::WriteStatus(status_fd,
                       {channel::WorkerState::kViolated, 0, violation.arch, violation.number});
}

// What no adapter caught. Memory that ran out ends the worker, not the frame: nobody knows what
// was half done. Anything else is a mistake of ours and ends in a crash.
[[noreturn]] void OnTerminate() {
  const std::type_info* type = abi::__cxa_current_exception_type();
  const bool out_of_memory = type != nullptr && *type == typeid(std::bad_alloc);
  const auto code = out_of_memory ? base::Code::kExhausted : base::Code::kInternal;
  channel::WriteStatus(channel::kStatusFd, {channel::WorkerState::kFailed, channel::WireOf(code)});
  WriteLog(out_of_memory ? "bulkhead-worker: exhausted: out of memory\n"
                         : "bulkhead-worker: internal error: an exception that nobody caught\n");
  if (out_of_memory) ::_exit(EXIT_FAILURE);
  std::abort();
}

base::Status Step(std::string_view name, int error_number) {
  if (error_number == 0) return base::Ok();
  return base::WithContext(base::ErrnoError(error_number), name);
}

base::Status LockForServing() {
  BH_ASSIGN(const lockdown::SyscallFilter filter,
            lockdown::CompileSyscallFilter(lockdown::Stage::kServing));
  return Step("lock the system calls", lockdown::InstallSyscallFilter(filter, true));
}

base::Status Prepare() {
  // Exec undid it.
  BH_TRY(Step("forbid core dumps", lockdown::SetNotDumpable()));
  BH_TRY(
      Step("report violations", lockdown::ReportViolationsTo(channel::kStatusFd, ReportViolation)));
  // Loaded here, so that nothing has to be loaded once the model is read. Where it cannot be,
  // opening the engine says why.
  if (!engine::FindOnnxRuntime().ok()) return base::Ok();
  return Step("freeze the code", lockdown::FreezeCode());
}

// A quarter of a worker's start is page faults: some 20,000 of them with pages of 4 KiB, a fifth of
// that with huge ones for the first part of the heap. Where the kernel has none to give, it stays
// as it was. Nothing is taken here but addresses.
void PreferHugePages() {
  constexpr std::size_t kHeapBytes = std::size_t{128} << 20;
  constexpr std::size_t kHugePageBytes = std::size_t{2} << 20;
  // Large blocks come from the heap too, and what is freed stays in it.
  ::mallopt(M_MMAP_THRESHOLD, 1 << 30);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
  void* heap = std::malloc(kHeapBytes);
  if (heap == nullptr) return;
  const auto address = reinterpret_cast<uintptr_t>(heap);
  const uintptr_t first = (address + kHugePageBytes - 1) / kHugePageBytes * kHugePageBytes;
  const std::size_t bytes = (address + kHeapBytes - first) / kHugePageBytes * kHugePageBytes;
  static_cast<void>(::madvise(reinterpret_cast<void*>(first), bytes, MADV_HUGEPAGE));
  std::free(heap);
}

base::Result<std::unique_ptr<engine::Engine>> OpenEngine(std::span<const std::byte> model,
                                                         const engine::EngineOptions& options) {
  auto engine = engine::OpenOnnxRuntimeEngine(model, options);
  // What reading the graph took is given back before the first run takes its own.
  ::malloc_trim(0);
  PreferHugePages();
  return engine;
}

base::Status Run() {
  base::Status prepared = Prepare();
  if (!prepared.ok()) {
    channel::WriteStatus(channel::kStatusFd,
                         {channel::WorkerState::kFailed, channel::WireOf(prepared.error().code)});
    return prepared;
  }
  return worker::Serve({base::UniqueFd(channel::kFramesFd), base::UniqueFd(channel::kWeightsFd),
                        base::UniqueFd(channel::kSetupFd), channel::kStatusFd},
                       {"ONNX Runtime", OpenEngine}, LockForServing);
}

int PrintEngineLibrary() {
  const base::Result<std::filesystem::path> library = engine::FindOnnxRuntime();
  if (!library.ok()) {
    Log(library.error().detail);
    return EXIT_FAILURE;
  }
  const std::string line = library.value().string() + '\n';
  const ssize_t written = ::write(STDOUT_FILENO, line.data(), line.size());
  return written == static_cast<ssize_t>(line.size()) ? EXIT_SUCCESS : EXIT_FAILURE;
}

[[noreturn]] void Main() {
  // One heap for all threads: to shrink a further one, glibc reads /proc/sys/vm/overcommit_memory
  // (malloc/arena.c), at a time of its own choosing, and opening a file is forbidden by then.
  ::mallopt(M_ARENA_MAX, 1);
  PreferHugePages();
  // A client that goes away shows as a failed write.
  std::signal(SIGPIPE, SIG_IGN);
  std::set_terminate(OnTerminate);
  const base::Status status = Run();
  if (!status.ok()) {
    Log(std::string(base::CodeName(status.error().code)) + ": " + status.error().detail);
  }
  // Without the runtime's own clean-up, which may want calls that the lock forbids.
  ::_exit(status.ok() ? EXIT_SUCCESS : EXIT_FAILURE);
}

}  // namespace
}  // namespace bulkhead::app

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--print-engine-library") {
    return bulkhead::app::PrintEngineLibrary();
  }
  bulkhead::app::Main();
}
