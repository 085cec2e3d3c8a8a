// SPDX-License-Identifier: Apache-2.0
// Text that somebody else wrote, made safe for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::cli {

// The text with everything escaped that could move the cursor, change colours, hide or reorder what
// is shown: control characters (\x1b), line and direction marks (\u202e), and bytes that are not
// UTF-8 (\xff).
std::string EscapeForTerminal(std::string_view text);

// The text with U+FFFD in place of bytes that are not UTF-8; what JSON needs.
std::string ReplaceBrokenUtf8(std::string_view text);

// Characters of a UTF-8 text; each is taken for one column wide.
std::size_t Columns(std::string_view text);

// The text, cut to `width` columns with "..." at its end where it is wider.
std::string Shorten(std::string_view text, std::size_t width);

// Words joined with ", " into lines of at most `width` columns, longer words shortened. At most
// `lines_max` lines: where that is too few, the last one says how many words are left.
std::vector<std::string> WrapWords(const std::vector<std::string>& words, std::size_t width,
                                   std::size_t lines_max);

}  // namespace bulkhead::cli
