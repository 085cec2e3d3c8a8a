// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <span>

namespace bulkhead::base {

using Sha256Digest = std::array<std::byte, 32>;

// SHA-256 (FIPS 180-4) of bytes that arrive in pieces. One thread at a time.
class Sha256 {
 public:
  Sha256();

  void Update(std::span<const std::byte> bytes);

  // The digest of all that was given; the next Update begins anew.
  [[nodiscard]] Sha256Digest Finish();

 private:
  struct Free {
    void operator()(void* context) const;
  };

  std::unique_ptr<void, Free> context_;
};

[[nodiscard]] Sha256Digest Sha256Of(std::span<const std::byte> bytes);

}  // namespace bulkhead::base
