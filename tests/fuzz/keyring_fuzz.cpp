// SPDX-License-Identifier: Apache-2.0
// A damaged keyring, as it comes and with a body that opens.
#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/check.h"
#include "keys/keyring.h"

namespace {

namespace keys = bulkhead::keys;

constexpr std::array<std::byte, 32> kKey{};
constexpr std::size_t kHeadBytes = 44;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, std::size_t size) {
  const auto bytes = std::as_bytes(std::span(data, size));
  (void)keys::DecodeKeyring(bytes, kKey);

  std::vector<std::byte> file = keys::EncodeKeyring({}, {}, kKey).value();
  file.resize(kHeadBytes + bytes.size());
  bulkhead::base::Aes256Gcm cipher(kKey);
  const auto tag = cipher.Seal({}, std::span(file).first(kHeadBytes), bytes,
                               std::span(file).subspan(kHeadBytes));
  file.insert(file.end(), tag.begin(), tag.end());
  const auto keyring = keys::DecodeKeyring(file, kKey);
  if (!keyring.ok()) return 0;
  // What can be read is what is written.
  BH_CHECK(keys::EncodeKeyring(keyring.value(), {}, kKey).value() == file);
  return 0;
}
