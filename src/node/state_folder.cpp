// SPDX-License-Identifier: Apache-2.0
#include "node/state_folder.h"

#include <cerrno>
#include <cstdint>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/monotonic_clock.h"

namespace bulkhead::node {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::chrono::milliseconds kRetry{10};

// FNV-1a, 64 bits (Fowler, Noll, Vo; RFC 9923).
uint64_t HashOf(std::string_view text) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

base::Error At(const std::filesystem::path& path, int error_number) {
  return base::WithContext(base::ErrnoError(error_number), path.string());
}

base::Error InUse(const std::filesystem::path& path) {
  return OperatorError(Code::kConflict, path.string() + " is in use by another bulkhead-node");
}

base::Status MakeFolder(const std::filesystem::path& path) {
  std::error_code failed;
  std::filesystem::create_directories(path.parent_path(), failed);
  if (failed) return At(path.parent_path(), failed.value());
  if (::mkdir(path.c_str(), S_IRWXU) != 0 && errno != EEXIST) return At(path, errno);
  return base::Ok();
}

// What is in it decides what is removed from the machine, so nobody else may write to it.
base::Status CheckOwner(const std::filesystem::path& path, int folder) {
  struct stat status{};
  if (::fstat(folder, &status) != 0) return At(path, errno);
  if (status.st_uid != ::geteuid() || (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
    return OperatorError(Code::kDenied, path.string() +
                                            " must belong to the user that runs the node, and only "
                                            "that user may write to it");
  }
  return base::Ok();
}

}  // namespace

base::Result<StateFolder> HoldStateFolder(const std::filesystem::path& path,
                                          std::chrono::milliseconds patience) {
  std::error_code failed;
  const std::filesystem::path wanted = std::filesystem::weakly_canonical(path, failed);
  if (failed || wanted.empty()) return At(path, failed ? failed.value() : ENOENT);
  BH_TRY(MakeFolder(wanted));
  StateFolder folder{wanted,
                     base::UniqueFd(::open(wanted.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC))};
  if (!folder.lock.valid()) {
    if (errno == ENOTDIR) return OperatorError(Code::kInvalid, wanted.string() + ": not a folder");
    return At(wanted, errno);
  }
  BH_TRY(CheckOwner(wanted, folder.lock.get()));
  const auto deadline = base::MonotonicNow() + patience;
  while (::flock(folder.lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return At(wanted, errno);
    if (base::MonotonicNow() >= deadline) return InUse(wanted);
    std::this_thread::sleep_for(kRetry);
  }
  return folder;
}

std::string OwnerName(const StateFolder& folder) {
  return fmt::format("node-{:016x}", HashOf(folder.path.native()));
}

}  // namespace bulkhead::node
