// SPDX-License-Identifier: Apache-2.0
#include "cli/terminal_text.h"

#include <cstdint>

#include <fmt/format.h>

#include "base/utf8.h"

namespace bulkhead::cli {
namespace {

constexpr uint32_t kReplacement = 0xFFFD;

// Controls (C0, DEL, C1), and the format characters that hide or reorder text: soft hyphen, zero
// widths and direction marks, line and paragraph separators, byte order mark, tags.
bool IsUnsafe(uint32_t point) {
  return point < 0x20 || (point >= 0x7F && point < 0xA0) || point == 0xAD || point == 0x61C ||
         point == 0x180E || (point >= 0x200B && point <= 0x200F) ||
         (point >= 0x2028 && point <= 0x202E) || (point >= 0x2060 && point <= 0x206F) ||
         point == 0xFEFF || (point >= 0xFFF9 && point <= 0xFFFB) ||
         (point >= 0xE0000 && point <= 0xE007F);
}

}  // namespace

std::string EscapeForTerminal(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto first = base::FirstUtf8(text);
    if (first.length == 0) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text.front()));
    } else if (!IsUnsafe(first.point)) {
      out += text.substr(0, first.length);
    } else if (first.point < 0x100) {
      out += fmt::format("\\x{:02x}", first.point);
    } else {
      out += fmt::format("\\u{:04x}", first.point);
    }
    text.remove_prefix(first.length == 0 ? 1 : first.length);
  }
  return out;
}

std::string ReplaceBrokenUtf8(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto first = base::FirstUtf8(text);
    base::AppendUtf8(first.length == 0 ? kReplacement : first.point, out);
    text.remove_prefix(first.length == 0 ? 1 : first.length);
  }
  return out;
}

std::size_t Columns(std::string_view text) {
  std::size_t columns = 0;
  for (const char c : text) {
    if ((static_cast<unsigned char>(c) & 0xC0U) != 0x80) ++columns;
  }
  return columns;
}

std::string Shorten(std::string_view text, std::size_t width) {
  constexpr std::string_view kDots = "...";
  if (Columns(text) <= width || width < kDots.size()) return std::string(text);
  std::size_t end = 0;
  for (std::size_t columns = 0; columns < width - kDots.size(); ++columns) {
    ++end;
    while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80) ++end;
  }
  return std::string(text.substr(0, end)) + std::string(kDots);
}

std::vector<std::string> WrapWords(const std::vector<std::string>& words, std::size_t width,
                                   std::size_t lines_max) {
  std::vector<std::string> lines;
  std::string line;
  std::size_t line_begin = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool last = i + 1 == words.size();
    const std::string word = Shorten(words[i], width - 1) + (last ? "" : ",");
    if (!line.empty() && Columns(line) + 1 + Columns(word) > width) {
      if (lines.size() + 1 == lines_max) {
        lines.push_back(fmt::format("... and {} more", words.size() - line_begin));
        return lines;
      }
      lines.push_back(std::move(line));
      line.clear();
      line_begin = i;
    }
    if (!line.empty()) line += ' ';
    line += word;
  }
  if (!line.empty()) lines.push_back(std::move(line));
  return lines;
}

}  // namespace bulkhead::cli
