// SPDX-License-Identifier: Apache-2.0
// Class names that want to be more than names.
#pragma once

#include <string>
#include <vector>

namespace bulkhead::yolo {

inline std::vector<std::string> HostileNames() {
  std::vector<std::string> names{
      "scratch",
      "",
      "'",
      "\"",
      "'''",
      "\"\"\"",
      "\\",
      "\\'",
      "'}, 'names': __import__('os').system('id'), 'x': {0: '",
      "' + __import__('os').popen('id').read() + '",
      "{__import__('os')}",
      "%s%n",
      "\\N{LATIN SMALL LETTER A}",
      "\\u0027 \\x27 \\47",
      "line\nbreak\r\n\ttab",
      "# comment",
      std::string("nul\0byte", 8),
      "\x1B[31mred\x7F",
      "\xC2\x85\xE2\x80\xA8\xE2\x80\xA9 other line breaks",
      "\xE2\x80\xAE turned round",
      "\xE8\xBB\x8A",
      "\xF0\x9F\x94\xA9",
      "\xEF\xBC\x87 a wide quote",
  };
  for (int c = 0; c < 128; ++c) names.emplace_back(1, static_cast<char>(c));
  return names;
}

}  // namespace bulkhead::yolo
