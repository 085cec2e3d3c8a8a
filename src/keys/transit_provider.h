// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/result.h"
#include "keys/https_client.h"
#include "keys/key_provider.h"

namespace bulkhead::keys {

struct TransitPlace {
  HttpsServer server;
  std::string mount = "transit";     // of [A-Za-z0-9_-], with / between
  std::string prefix;                // before the name of every key, of [a-z0-9-]
  std::string name_space;            // OpenBao's and Vault Enterprise's; empty: the root
  std::filesystem::path token_file;  // read for every request (secret_file.h): agents renew it
};

// The provider "transit": one named key of OpenBao's or Vault's transit engine per key, of the kind
// that derives a key per purpose, so that the server itself refuses what is for something else.
// What the token must be allowed to do: docs/key_providers.md. The name of a destroyed key stays as
// another key, NAME.destroyed, so that it is never given again.
//
// Asks the server nothing: it may be down now and back when keys are needed. kInvalid: a part of
// `place` is none. kUnavailable: no libcurl on this machine.
base::Result<std::unique_ptr<KeyProvider>> OpenTransitProvider(TransitPlace place);

}  // namespace bulkhead::keys
