// SPDX-License-Identifier: Apache-2.0
// Texts of errors: one line that is safe to print and to log.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bulkhead::channel {

// UTF-8 without control characters (C0, DEL, C1).
bool IsPlainLine(std::string_view text);

// The text as a plain line of at most `bytes_max` bytes: control characters become spaces, bytes
// that are no character become '?', and what is too long is cut between characters.
std::string PlainLine(std::string_view text, std::size_t bytes_max);

}  // namespace bulkhead::channel
