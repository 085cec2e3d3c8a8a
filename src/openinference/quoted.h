// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

namespace bulkhead::openinference {

// A caller's own text for an error message: in single quotes, on one line, cut after 64 bytes at a
// character, with "?" for control characters and for what is not UTF-8.
std::string Quoted(std::string_view text);

}  // namespace bulkhead::openinference
