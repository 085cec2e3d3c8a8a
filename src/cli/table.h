// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace bulkhead::cli {

// Rows of cells under a heading, each column as wide as its widest cell; escaped for a terminal.
std::string Table(const std::vector<std::string>& heading,
                  const std::vector<std::vector<std::string>>& rows);

}  // namespace bulkhead::cli
