// SPDX-License-Identifier: Apache-2.0
#include "lockdown/landlock.h"

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace bulkhead::lockdown {
namespace {

// include/uapi/linux/landlock.h of Linux 6.15. Each ABI added to what the one before it had.
constexpr uint64_t kExecute = uint64_t{1} << 0;
constexpr uint64_t kWriteFile = uint64_t{1} << 1;
constexpr uint64_t kReadFile = uint64_t{1} << 2;
constexpr uint64_t kReadFolder = uint64_t{1} << 3;
constexpr uint64_t kFilesOfAbi1 = (uint64_t{1} << 13) - 1;   // up to MAKE_SYM
constexpr uint64_t kRefer = uint64_t{1} << 13;               // ABI 2
constexpr uint64_t kTruncate = uint64_t{1} << 14;            // ABI 3
constexpr uint64_t kIoctlDevice = uint64_t{1} << 15;         // ABI 5
constexpr uint64_t kBindTcp = uint64_t{1} << 0;              // ABI 4
constexpr uint64_t kConnectTcp = uint64_t{1} << 1;           // ABI 4
constexpr uint64_t kScopeAbstractSocket = uint64_t{1} << 0;  // ABI 6
constexpr uint64_t kScopeSignal = uint64_t{1} << 1;          // ABI 6
// ABI 7 added only what is logged.

// struct landlock_ruleset_attr of ABI 6. An older kernel takes it as long as the fields that it
// does not know are zero.
struct RulesetAttributes {
  uint64_t files = 0;
  uint64_t network = 0;
  uint64_t scoped = 0;
};

RulesetAttributes Handled(int abi) {
  RulesetAttributes handled{.files = kFilesOfAbi1};
  if (abi >= 2) handled.files |= kRefer;
  if (abi >= 3) handled.files |= kTruncate;
  if (abi >= 4) handled.network = kBindTcp | kConnectTcp;
  if (abi >= 5) handled.files |= kIoctlDevice;
  if (abi >= 6) handled.scoped = kScopeAbstractSocket | kScopeSignal;
  return handled;
}

// A descriptor that closes itself without the library's close, which may take a lock.
class RawFd {
 public:
  explicit RawFd(long fd) : fd_(static_cast<int>(fd)) {}
  RawFd(const RawFd&) = delete;
  RawFd& operator=(const RawFd&) = delete;
  ~RawFd() {
    if (fd_ >= 0) ::syscall(SYS_close, fd_);
  }
  [[nodiscard]] int get() const { return fd_; }

 private:
  int fd_;
};

int Allow(int ruleset, const char* path, uint64_t access) {
  const RawFd file(::syscall(SYS_openat, AT_FDCWD, path, O_PATH | O_CLOEXEC));
  if (file.get() < 0) return errno;
  const landlock_path_beneath_attr rule{.allowed_access = access, .parent_fd = file.get()};
  const long added =
      ::syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  return added == 0 ? 0 : errno;
}

int AllowRead(int ruleset, const char* path) {
  // The kernel refuses a folder's right on a file with EINVAL.
  const int error = Allow(ruleset, path, kReadFile | kExecute | kReadFolder);
  return error == EINVAL ? Allow(ruleset, path, kReadFile | kExecute) : error;
}

}  // namespace

int LandlockAbi() {
  const long abi =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0UL, LANDLOCK_CREATE_RULESET_VERSION);
  return abi > 0 ? static_cast<int>(abi) : 0;
}

int RestrictWithLandlock(const LandlockRules& rules, int abi) {
  if (abi < 1) return EOPNOTSUPP;
  const RulesetAttributes handled = Handled(abi);
  const RawFd ruleset(
      ::syscall(SYS_landlock_create_ruleset, &handled, sizeof(RulesetAttributes), 0));
  if (ruleset.get() < 0) return errno;
  for (const std::string& path : rules.readable) {
    if (const int error = AllowRead(ruleset.get(), path.c_str()); error != 0) return error;
  }
  const uint64_t device_access = (kReadFile | kWriteFile | kIoctlDevice) & handled.files;
  for (const std::string& path : rules.devices) {
    if (const int error = Allow(ruleset.get(), path.c_str(), device_access); error != 0) {
      return error;
    }
  }
  return ::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) == 0 ? 0 : errno;
}

}  // namespace bulkhead::lockdown
