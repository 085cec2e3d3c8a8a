// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

namespace bulkhead::migparted {

// Whether a configuration may have this name: what YAML holds in quotes without any escape.
inline bool IsConfigName(std::string_view name) {
  const auto allowed = [](char c) {
    return c > ' ' && c <= '~' && c != '"' && c != '\'' && c != '\\';
  };
  return !name.empty() && name.size() <= 128 && std::ranges::all_of(name, allowed);
}

}  // namespace bulkhead::migparted
