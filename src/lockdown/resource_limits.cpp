// SPDX-License-Identifier: Apache-2.0
#include "lockdown/resource_limits.h"

#include <algorithm>
#include <cerrno>

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

// struct rlimit64 of the kernel, on every architecture.
struct Limit {
  uint64_t soft = 0;
  uint64_t hard = 0;
};

int Lower(int resource, uint64_t most) {
  Limit limit;
  if (::syscall(SYS_prlimit64, 0, resource, nullptr, &limit) != 0) return errno;
  limit.hard = std::min(limit.hard, most);
  limit.soft = limit.hard;
  return ::syscall(SYS_prlimit64, 0, resource, &limit, nullptr) == 0 ? 0 : errno;
}

int LowerUnlessZero(int resource, uint64_t most) { return most == 0 ? 0 : Lower(resource, most); }

}  // namespace

int ApplyResourceLimits(const ResourceLimits& limits) {
  for (const int forbidden :
       {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_MSGQUEUE, RLIMIT_NICE, RLIMIT_RTPRIO}) {
    if (const int error = Lower(forbidden, 0); error != 0) return error;
  }
  if (const int error = Lower(RLIMIT_NOFILE, limits.open_files); error != 0) return error;
  if (const int error = Lower(RLIMIT_MEMLOCK, limits.locked_bytes); error != 0) return error;
  if (const int error = LowerUnlessZero(RLIMIT_AS, limits.address_space_bytes); error != 0) {
    return error;
  }
  return LowerUnlessZero(RLIMIT_NPROC, limits.processes);
}

}  // namespace bulkhead::lockdown
