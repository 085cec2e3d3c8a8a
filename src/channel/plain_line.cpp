// SPDX-License-Identifier: Apache-2.0
#include "channel/plain_line.h"

#include <algorithm>

#include "base/utf8.h"

namespace bulkhead::channel {
namespace {

bool IsControl(uint32_t point) { return point < 0x20 || (point >= 0x7F && point < 0xA0); }

}  // namespace

bool IsPlainLine(std::string_view text) {
  while (!text.empty()) {
    const base::Utf8Character first = base::FirstUtf8(text);
    if (first.length == 0 || IsControl(first.point)) return false;
    text.remove_prefix(first.length);
  }
  return true;
}

std::string PlainLine(std::string_view text, std::size_t bytes_max) {
  std::string line;
  while (!text.empty()) {
    const base::Utf8Character first = base::FirstUtf8(text);
    std::string_view next = text.substr(0, first.length);
    if (first.length == 0) next = "?";
    if (first.length > 0 && IsControl(first.point)) next = " ";
    if (line.size() + next.size() > bytes_max) break;
    line += next;
    text.remove_prefix(std::max(first.length, std::size_t{1}));
  }
  return line;
}

}  // namespace bulkhead::channel
