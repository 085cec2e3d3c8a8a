// SPDX-License-Identifier: Apache-2.0
#include "lockdown/code_freeze.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstdint>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

constexpr sock_filter Statement(uint16_t code, uint32_t operand) { return {code, 0, 0, operand}; }

// The low half of the third argument: the kernel takes a protection as a word, and its bits fit.
constexpr uint32_t kProtection = offsetof(seccomp_data, args) + 2 * sizeof(uint64_t) +
                                 (__BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? sizeof(uint32_t) : 0);

}  // namespace

int FreezeCode() {
  // Numbers alone: the filter of the stage stops foreign conventions.
  std::array program{
      Statement(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 2, 0, SYS_mmap},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 1, 0, SYS_mprotect},
      sock_filter{BPF_JMP | BPF_JEQ | BPF_K, 0, 3, SYS_pkey_mprotect},
      Statement(BPF_LD | BPF_W | BPF_ABS, kProtection),
      sock_filter{BPF_JMP | BPF_JSET | BPF_K, 0, 1, PROT_EXEC},
      Statement(BPF_RET | BPF_K, SECCOMP_RET_TRAP),
      Statement(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
  };
  const sock_fprog filter{.len = program.size(), .filter = program.data()};
  const long result =
      ::syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_TSYNC, &filter);
  if (result < 0) return errno;
  return result == 0 ? 0 : ESRCH;
}

}  // namespace bulkhead::lockdown
