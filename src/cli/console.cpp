// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <ostream>

#include <fmt/format.h>

namespace bulkhead::cli {
namespace {

// Length of the UTF-8 sequence at the start of `text` when it is well formed, else 0
// (RFC 3629 section 4; overlong forms and surrogates are refused by the second-byte bounds).
std::size_t Utf8Length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80) return 1;
  const std::size_t length = lead >= 0xC2 && lead <= 0xDF   ? 2
                             : lead >= 0xE0 && lead <= 0xEF ? 3
                             : lead >= 0xF0 && lead <= 0xF4 ? 4
                                                            : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const unsigned char second = byte(1);
  const bool in_bounds = !(lead == 0xE0 && second < 0xA0) && !(lead == 0xED && second > 0x9F) &&
                         !(lead == 0xF0 && second < 0x90) && !(lead == 0xF4 && second > 0x8F);
  return in_bounds ? length : 0;
}

bool IsControl(std::string_view sequence) {
  const auto lead = static_cast<unsigned char>(sequence[0]);
  if (sequence.size() == 1) return lead < 0x20 || lead == 0x7F;
  // U+0080..U+009F: the C1 controls, which some terminals obey.
  return sequence.size() == 2 && lead == 0xC2 && static_cast<unsigned char>(sequence[1]) < 0xA0;
}

}  // namespace

std::string Printable(std::string_view text) {
  std::string safe;
  while (!text.empty()) {
    const std::size_t length = Utf8Length(text);
    const std::string_view sequence = text.substr(0, length == 0 ? 1 : length);
    if (length == 0 || IsControl(sequence)) {
      for (const char c : sequence) {
        safe += fmt::format("\\x{:02x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
      }
    } else {
      safe += sequence;
    }
    text.remove_prefix(sequence.size());
  }
  return safe;
}

void PrintError(const Console& console, std::string_view command, std::string_view subject,
                const base::Error& error) {
  *console.err << "bulkhead " << command << ": ";
  if (!subject.empty()) *console.err << Printable(subject) << ": ";
  *console.err << Printable(error.detail) << '\n';
}

}  // namespace bulkhead::cli
