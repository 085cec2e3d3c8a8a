// SPDX-License-Identifier: Apache-2.0
#include "base/secret_bytes.h"

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/checked_math.h"
#include "base/errno_error.h"

namespace bulkhead::base {
namespace {

// The size of a file that has no name.
Result<std::size_t> MemfdBytes(int fd, std::size_t bytes_max) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return WithContext(ErrnoError(errno), "fstat of a memfd");
  if (!S_ISREG(status.st_mode) || status.st_nlink != 0) {
    return OperatorError(Code::kInvalid, "the descriptor is not a memfd");
  }
  const auto size = CheckedCast<std::size_t>(status.st_size);
  if (!size || *size == 0) return OperatorError(Code::kInvalid, "the memfd is empty");
  if (*size > bytes_max) {
    return OperatorError(Code::kExhausted, "the memfd has " + std::to_string(*size) +
                                               " bytes; at most " + std::to_string(bytes_max) +
                                               " are taken");
  }
  return *size;
}

}  // namespace

void WipeBytes(std::span<std::byte> bytes) {
  if (!bytes.empty()) ::explicit_bzero(bytes.data(), bytes.size());
}

Result<SecretBytes> SecretBytes::Map(std::size_t size, int flags, int fd, int fork_advice) {
  void* pages = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (pages == MAP_FAILED) {
    return WithContext(ErrnoError(errno), "map " + std::to_string(size) + " bytes");
  }
  SecretBytes secret;
  secret.bytes_ = {static_cast<std::byte*>(pages), size};
  if (::madvise(pages, size, MADV_DONTDUMP) != 0 || ::madvise(pages, size, fork_advice) != 0) {
    return WithContext(ErrnoError(errno), "madvise");
  }
  // Not mlock(3), which the sanitizers replace with nothing.
  secret.locked_ = ::syscall(SYS_mlock, pages, size) == 0;
  return secret;
}

Result<SecretBytes> SecretBytes::Allocate(std::size_t size) {
  if (size == 0) return SecretBytes();
  return Map(size, MAP_PRIVATE | MAP_ANONYMOUS, -1, MADV_WIPEONFORK);
}

Result<SecretBytes> SecretBytes::AdoptMemfd(UniqueFd memfd, std::size_t bytes_max) {
  BH_ASSIGN(const std::size_t size, MemfdBytes(memfd.get(), bytes_max));
  return Map(size, MAP_SHARED, memfd.get(), MADV_DONTFORK);
}

SecretBytes::SecretBytes(SecretBytes&& other) noexcept
    : bytes_(std::exchange(other.bytes_, {})), locked_(std::exchange(other.locked_, false)) {}

SecretBytes& SecretBytes::operator=(SecretBytes&& other) noexcept {
  std::swap(bytes_, other.bytes_);
  std::swap(locked_, other.locked_);
  return *this;
}

SecretBytes::~SecretBytes() {
  if (bytes_.empty()) return;
  Wipe();
  ::munmap(bytes_.data(), bytes_.size());
}

}  // namespace bulkhead::base
