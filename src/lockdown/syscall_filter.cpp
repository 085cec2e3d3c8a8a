// SPDX-License-Identifier: Apache-2.0
#include "lockdown/syscall_filter.h"

#include <cerrno>
#include <cstdlib>
#include <memory>

#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::lockdown {
namespace {

using base::Code;
using base::OperatorError;

static_assert(sizeof(sock_filter) == sizeof(uint64_t));

struct ReleaseContext {
  void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, ReleaseContext>;

base::Error Refused(const char* what, int negative_errno) {
  return OperatorError(Code::kInternal, std::string("libseccomp refused ") + what + ": " +
                                            base::ErrnoError(-negative_errno).detail);
}

base::Status CheckKernel() {
  for (const uint32_t action : {SECCOMP_RET_TRAP, SECCOMP_RET_ERRNO, SECCOMP_RET_ALLOW}) {
    if (::syscall(SYS_seccomp, SECCOMP_GET_ACTION_AVAIL, 0UL, &action) != 0) {
      return OperatorError(Code::kUnavailable,
                           "this kernel filters no system calls; it needs CONFIG_SECCOMP_FILTER");
    }
  }
  return base::Ok();
}

base::Status AddRow(scmp_filter_ctx context, const PolicyRow& row, Verdict verdict) {
  std::array<scmp_arg_cmp, 2> tests{};
  for (std::size_t i = 0; i < row.test_count; ++i) {
    const ArgumentTest& test = row.tests.at(i);
    tests.at(i) = {test.index, SCMP_CMP_MASKED_EQ, test.mask, test.value};
  }
  const uint32_t action = verdict == Verdict::kAllowed
                              ? SCMP_ACT_ALLOW
                              : SCMP_ACT_ERRNO(static_cast<uint32_t>(row.refusal));
  const int error = ::seccomp_rule_add_exact_array(
      context, action, row.number, static_cast<unsigned int>(row.test_count), tests.data());
  if (error == 0) return base::Ok();
  return Refused(("a rule for " + SyscallName(NativeArch(), row.number)).c_str(), error);
}

// The program goes through a pipe, whose buffer holds the longest that the kernel takes
// (BPF_MAXINSNS of 8 bytes): a memfd could be mapped as code, and is therefore forbidden to the
// worker that calls this.
base::Result<SyscallFilter> Export(scmp_filter_ctx context) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
    return WithContext(base::ErrnoError(errno), "a pipe for the system call filter");
  }
  const base::UniqueFd read_end(ends[0]);
  const base::UniqueFd write_end(ends[1]);
  if (const int error = ::seccomp_export_bpf(context, write_end.get()); error != 0) {
    return Refused("to write the filter", error);
  }
  SyscallFilter filter;
  filter.program.resize(BPF_MAXINSNS);
  const ssize_t bytes =
      ::read(read_end.get(), filter.program.data(), BPF_MAXINSNS * sizeof(sock_filter));
  if (bytes <= 0 || static_cast<std::size_t>(bytes) % sizeof(sock_filter) != 0) {
    return OperatorError(Code::kInternal, "libseccomp wrote no whole filter");
  }
  filter.program.resize(static_cast<std::size_t>(bytes) / sizeof(sock_filter));
  return filter;
}

}  // namespace

base::Result<SyscallFilter> CompileSyscallFilter(Stage stage) {
  BH_TRY(CheckKernel());
  const Context context(::seccomp_init(SCMP_ACT_TRAP));
  if (context == nullptr) return OperatorError(Code::kInternal, "libseccomp gave no filter");
  // Another convention's numbers mean other calls.
  const int error = ::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_TRAP);
  if (error != 0) return Refused("the action for foreign architectures", error);
  for (const PolicyRow& row : PolicyRows()) {
    const Verdict verdict = stage == Stage::kStarting ? row.starting : row.serving;
    if (verdict != Verdict::kFatal) BH_TRY(AddRow(context.get(), row, verdict));
  }
  return Export(context.get());
}

int InstallSyscallFilter(const SyscallFilter& filter, bool all_threads) {
  sock_fprog program{};
  program.len = static_cast<unsigned short>(filter.program.size());
  // The kernel only reads it.
  program.filter = reinterpret_cast<sock_filter*>(const_cast<uint64_t*>(filter.program.data()));
  const unsigned long flags = all_threads ? SECCOMP_FILTER_FLAG_TSYNC : 0;
  const long result = ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program);
  if (result < 0) return errno;
  return result == 0 ? 0 : ESRCH;  // otherwise the thread that could not get it
}

std::string SyscallName(uint32_t arch, int number) {
  uint32_t convention = arch;
#ifdef __x86_64__
  constexpr int kX32Bit = 0x40000000;
  if (arch == AUDIT_ARCH_X86_64 && number >= kX32Bit) convention = SCMP_ARCH_X32;
#endif
  const std::unique_ptr<char, decltype(&std::free)> name(
      ::seccomp_syscall_resolve_num_arch(convention, number), &std::free);
  return name != nullptr ? std::string(name.get()) : "syscall " + std::to_string(number);
}

}  // namespace bulkhead::lockdown
