// SPDX-License-Identifier: Apache-2.0
// The port to where the keys are that data keys are wrapped with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/aes_gcm.h"
#include "base/result.h"
#include "base/secret_bytes.h"

namespace bulkhead::keys {

inline constexpr std::size_t kDataKeyBytes = 32;
inline constexpr std::size_t kWrappedBytesMax = 4096;

// What a data key is for. What was wrapped for one thing unwraps for no other.
struct Purpose {
  std::string tenant;  // its id
  std::string model;
  uint32_t version = 0;
  friend bool operator==(const Purpose&, const Purpose&) = default;
};

// Versions of one key: the newest wraps, those from `oldest` on unwrap.
struct KeyState {
  uint32_t oldest = 1;
  uint32_t newest = 1;
  friend bool operator==(const KeyState&, const KeyState&) = default;
};

// Keys have names of 1 to 64 of [a-z0-9-], beginning with a letter or digit; one per tenant, so
// that a tenant's models end with its key.
//
// Blocks; one thread at a time. Errors of all: kInvalid: not such a name, or a Purpose with an
// empty text or one of over 256 bytes. kUnavailable: the provider does not answer, or not in time;
// what was asked for may have been done. kDenied: it refuses us.
class KeyProvider {
 public:
  KeyProvider() = default;
  KeyProvider(const KeyProvider&) = delete;
  KeyProvider& operator=(const KeyProvider&) = delete;
  virtual ~KeyProvider() = default;

  // Makes a key, with version 1. kConflict: there is one of that name, or one was destroyed: a name
  // is never used again.
  virtual base::Status Create(const std::string& key) = 0;

  // kNotFound: no such key, or destroyed.
  [[nodiscard]] virtual base::Result<KeyState> Describe(const std::string& key) = 0;

  // The data key under the newest version, in at most kWrappedBytesMax bytes that are the
  // provider's own. kNotFound as Describe.
  [[nodiscard]] virtual base::Result<std::vector<std::byte>> Wrap(const std::string& key,
                                                                  const Purpose& purpose,
                                                                  base::Aes256Key data_key) = 0;

  // The data key again, kDataKeyBytes. kNotFound as Describe; also a version before the oldest.
  // kCorrupt: not what Wrap gave for this key and purpose.
  [[nodiscard]] virtual base::Result<base::SecretBytes> Unwrap(
      const std::string& key, const Purpose& purpose, std::span<const std::byte> wrapped) = 0;

  // The same data key under the newest version. Errors of Unwrap.
  [[nodiscard]] virtual base::Result<std::vector<std::byte>> Rewrap(
      const std::string& key, const Purpose& purpose, std::span<const std::byte> wrapped) = 0;

  // Adds a version. kNotFound as Describe; kExhausted: it has too many.
  virtual base::Status Rotate(const std::string& key) = 0;

  // Ends all versions but the newest: what they wrapped unwraps no more. kNotFound as Describe.
  virtual base::Status EndOldVersions(const std::string& key) = 0;

  // Ends the key: nothing that it wrapped unwraps ever again. kNotFound as Describe.
  virtual base::Status Destroy(const std::string& key) = 0;
};

// kInvalid: no name of a key, or no purpose, as above.
base::Status CheckKeyName(const std::string& key);
base::Status CheckPurpose(const Purpose& purpose);

// What is bound to a wrapped key: the texts with their lengths, and the version.
std::vector<std::byte> EncodePurpose(const Purpose& purpose);

}  // namespace bulkhead::keys
