// SPDX-License-Identifier: Apache-2.0
// Plaintext in memory: kept out of swap, core dumps and child processes, and wiped when it goes.
#pragma once

#include <cstddef>
#include <span>

#include "base/result.h"
#include "base/unique_fd.h"

namespace bulkhead::base {

// Writes zeros over all of it, in a way that no compiler leaves out.
void WipeBytes(std::span<std::byte> bytes);

// Owns whole pages of its own, so that locking and wiping touch nothing else. Left out of core
// dumps; a forked child sees zeros or nothing. One thread at a time.
class SecretBytes {
 public:
  SecretBytes() = default;

  // Zeros in fresh memory. kExhausted: no memory.
  static Result<SecretBytes> Allocate(std::size_t size);

  // The content of a memfd, in place: what is written here is written there, so wiping reaches
  // every other holder of it. The descriptor is closed.
  //
  // kInvalid: empty, or not a memfd (a file that has a name is refused, because wiping would
  // destroy it). kDenied: sealed against writing. kExhausted: over `bytes_max`, or no memory.
  static Result<SecretBytes> AdoptMemfd(UniqueFd memfd, std::size_t bytes_max);

  SecretBytes(SecretBytes&& other) noexcept;
  // Swaps.
  SecretBytes& operator=(SecretBytes&& other) noexcept;
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  // Wipes.
  ~SecretBytes();

  [[nodiscard]] std::span<std::byte> bytes() { return bytes_; }
  [[nodiscard]] std::span<const std::byte> bytes() const { return bytes_; }

  // Whether the limit (RLIMIT_MEMLOCK) allowed to keep it out of swap.
  [[nodiscard]] bool locked() const { return locked_; }

  void Wipe() { WipeBytes(bytes_); }

 private:
  static Result<SecretBytes> Map(std::size_t size, int flags, int fd, int fork_advice);

  std::span<std::byte> bytes_;
  bool locked_ = false;
};

}  // namespace bulkhead::base
