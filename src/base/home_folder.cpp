// SPDX-License-Identifier: Apache-2.0
#include "base/home_folder.h"

#include <cstdlib>
#include <string>

#include <unistd.h>

namespace bulkhead::base {

std::filesystem::path HomeFolder() {
  if (const char* home = std::getenv("BULKHEAD_HOME")) return home;
  if (::geteuid() == 0) return "/var/lib/bulkhead";
  if (const char* state = std::getenv("XDG_STATE_HOME")) return std::string(state) + "/bulkhead";
  const char* home = std::getenv("HOME");
  return std::string(home == nullptr ? "" : home) + "/.local/state/bulkhead";
}

}  // namespace bulkhead::base
