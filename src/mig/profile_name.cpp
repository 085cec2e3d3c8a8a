// SPDX-License-Identifier: Apache-2.0
#include "mig/profile_name.h"

#include <array>
#include <charconv>
#include <optional>

namespace bulkhead::mig {
namespace {

constexpr int kSlicesMax = 16;
constexpr int kGigabytesMax = 4096;
constexpr std::size_t kShownMax = 40;
constexpr std::string_view kResourcePrefix = "nvidia.com/mig-";

struct Attribute {
  std::string_view text;
  Media media;
  bool graphics;
};

constexpr std::array kAttributes = {
    Attribute{"", Media::kUsual, false},      Attribute{"+me", Media::kAdded, false},
    Attribute{"+me.all", Media::kAll, false}, Attribute{"-me", Media::kNone, false},
    Attribute{"+gfx", Media::kUsual, true},
};

// Takes "<number><unit>" off the front; leaves `text` alone when it does not begin so.
std::optional<int> TakeNumber(std::string_view unit, int min, int max, std::string_view& text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  const auto digits = static_cast<std::size_t>(end - text.data());
  if (error != std::errc() || text[0] == '-' || (text[0] == '0' && digits > 1)) return std::nullopt;
  if (number < min || number > max || !text.substr(digits).starts_with(unit)) return std::nullopt;
  text.remove_prefix(digits + unit.size());
  return number;
}

base::Error NotAName(std::string_view text) {
  std::string shown;
  for (const char c : text.substr(0, kShownMax)) shown += c > ' ' && c <= '~' ? c : '?';
  return base::PublicError(base::Code::kInvalid,
                           "\"" + shown + "\" is not the name of a profile like 1g.5gb");
}

}  // namespace

base::Result<ProfileName> ParseProfileName(std::string_view text) {
  ProfileName name;
  std::string_view rest = text;
  name.compute_slices = TakeNumber("c.", 1, kSlicesMax, rest).value_or(0);
  const auto slices = TakeNumber("g.", 1, kSlicesMax, rest);
  const auto gigabytes = TakeNumber("gb", 0, kGigabytesMax, rest);
  if (!slices || !gigabytes || name.compute_slices >= *slices) return NotAName(text);
  name.slices = *slices;
  name.gigabytes = *gigabytes;
  for (const Attribute& attribute : kAttributes) {
    if (attribute.text != rest) continue;
    name.media = attribute.media;
    name.graphics = attribute.graphics;
    return name;
  }
  return NotAName(text);
}

std::string FormatProfileName(const ProfileName& name) {
  std::string text;
  if (name.compute_slices != 0) text = std::to_string(name.compute_slices) + "c.";
  text += std::to_string(name.slices) + "g." + std::to_string(name.gigabytes) + "gb";
  for (const Attribute& attribute : kAttributes) {
    if (attribute.media == name.media && attribute.graphics == name.graphics) {
      text += attribute.text;
    }
  }
  return text;
}

base::Result<ProfileName> ParseResourceName(std::string_view text) {
  const std::size_t name_at = kResourcePrefix.size();
  const std::size_t memory_end =
      text.find("gb", text.starts_with(kResourcePrefix) ? name_at : text.size());
  if (memory_end == std::string_view::npos || text.find('+') != std::string_view::npos) {
    return NotAName(text);
  }
  std::string spelled(text.substr(name_at));
  const std::size_t attribute_at = memory_end + 2 - name_at;
  if (attribute_at < spelled.size() && spelled[attribute_at] == '.') spelled[attribute_at] = '+';
  return ParseProfileName(spelled);
}

std::string FormatResourceName(const ProfileName& name) {
  std::string text = FormatProfileName(name);
  if (const std::size_t plus = text.find('+'); plus != std::string::npos) text[plus] = '.';
  return std::string(kResourcePrefix) + text;
}

}  // namespace bulkhead::mig
