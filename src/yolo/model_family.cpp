// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_family.h"

#include <algorithm>
#include <cctype>

namespace bulkhead::yolo {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsAlphanumeric(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0; }

// The name that begins at `word`, just behind "yolo".
ModelFamily ParseVersion(std::string_view word) {
  ModelFamily found;
  if (!word.empty() && word.front() == 'v') word.remove_prefix(1);
  std::size_t digits = 0;
  while (digits < word.size() && IsDigit(word[digits])) ++digits;
  if (digits == 0 || digits > 2) return found;
  const std::string version(word.substr(0, digits));
  found.family = (version.size() == 1 || version == "10" ? "YOLOv" : "YOLO") + version;
  word.remove_prefix(digits);

  // What is left up to the next separator: a size, a 6 for the 1280-pixel variants, a u.
  std::size_t letters = 0;
  while (letters < word.size() && IsAlphanumeric(word[letters])) ++letters;
  std::string_view suffix = word.substr(0, letters);
  if (!suffix.empty() && suffix.back() == 'u') {
    found.anchor_free_suffix = true;
    suffix.remove_suffix(1);
  }
  if (!suffix.empty() && suffix.back() == '6') suffix.remove_suffix(1);
  constexpr std::string_view kSizes = "nsmlxtceb";
  if (suffix.size() == 1 && kSizes.find(suffix.front()) != std::string_view::npos) {
    found.size = suffix;
  }
  return found;
}

}  // namespace

ModelFamily ParseModelFamily(std::string_view description) {
  std::string text(description);
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  constexpr std::string_view kName = "yolo";
  for (std::size_t at = text.find(kName); at != std::string::npos;
       at = text.find(kName, at + kName.size())) {
    ModelFamily found = ParseVersion(std::string_view(text).substr(at + kName.size()));
    if (!found.family.empty()) return found;
  }
  return {};
}

}  // namespace bulkhead::yolo
