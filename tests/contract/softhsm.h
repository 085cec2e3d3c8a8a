// SPDX-License-Identifier: Apache-2.0
// A SoftHSM2 of the test's own: its tokens in a temporary folder. One at a time in a process,
// because SoftHSM2 reads where its tokens are from the environment.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "base/secret_bytes.h"
#include "keys/pkcs11_provider.h"

namespace bulkhead::keys {

class SoftHsm {
 public:
  static constexpr std::string_view kPin = "1234-plant";

  SoftHsm();
  SoftHsm(const SoftHsm&) = delete;
  SoftHsm& operator=(const SoftHsm&) = delete;
  ~SoftHsm();

  // Its module; empty: it is not on this machine (Debian: softhsm2).
  static std::filesystem::path Module();

  // Makes a token; false with what the program said on stderr.
  bool MakeToken(const std::string& label);

  [[nodiscard]] Pkcs11Place Place(std::string_view pin = kPin) const;
  [[nodiscard]] std::filesystem::path tokens() const { return folder_ / "tokens"; }

 private:
  std::filesystem::path folder_;
};

}  // namespace bulkhead::keys
