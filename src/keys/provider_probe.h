// SPDX-License-Identifier: Apache-2.0
// Which key providers work on this machine, and why not.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::keys {

struct ProviderFinding {
  std::string name;  // "file", "pkcs11", "transit"
  bool works = false;
  std::string text;  // what was found, or what is missing
};

// What each needs of this machine. Asks no token and no server.
std::vector<ProviderFinding> ProbeProviders();

// Whether the provider that a text names answers: opens it, logs in, and looks for a key that is
// not there. Makes nothing, so a keyring is only looked for. kInvalid: no such text.
base::Result<ProviderFinding> ProbeProvider(std::string_view text);

}  // namespace bulkhead::keys
