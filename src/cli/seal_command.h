// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <CLI/App.hpp>

#include "base/result.h"
#include "cli/console.h"
#include "keys/key_provider.h"

namespace bulkhead::cli {

struct OpenedKeys {
  std::string provider_name;  // as sealed files have it
  std::unique_ptr<keys::KeyProvider> provider;
};

// By URL and the file of a passphrase, which may be empty.
using OpenKeys = std::function<base::Result<OpenedKeys>(const std::string& url,
                                                        const std::string& passphrase_file)>;

// Adds `seal` with its subcommands, and `model seal` to `model`. References must outlive the
// parsing, which runs the one that was given and stores its exit status.
void AddSealCommand(CLI::App& program, const Console& console, int& exit_status);
void AddModelSealCommand(CLI::App& program, const OpenKeys& open_keys, const Console& console,
                         int& exit_status);

}  // namespace bulkhead::cli
