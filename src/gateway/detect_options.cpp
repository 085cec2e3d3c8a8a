// SPDX-License-Identifier: Apache-2.0
#include "gateway/detect_options.h"

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

#include <fmt/format.h>

#include "channel/limits.h"

namespace bulkhead::gateway {
namespace {

base::Error Refuse(std::string_view field, std::string_view what) {
  return base::PublicError(base::Code::kInvalid, fmt::format("{} must be {}", field, what));
}

template <typename Number>
std::optional<Number> Parse(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

base::Status SetShare(std::string_view field, const std::string& text, float& target) {
  // As a double: what is too small for a float is none of the caller's faults.
  const auto value = Parse<double>(text);
  // Written so that not-a-number is refused too.
  if (!value || !(*value >= 0.0 && *value <= 1.0)) return Refuse(field, "from 0 to 1");
  target = static_cast<float>(*value);
  return base::Ok();
}

base::Status SetClasses(const std::string& text, std::vector<int>& classes) {
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::string_view item = rest.substr(0, rest.find(','));
    const auto index = Parse<int>(item);
    if (!index || *index < 0 || classes.size() == channel::kClassesMax) {
      return Refuse("classes", "a list of class numbers like 0,2");
    }
    classes.push_back(*index);
    rest.remove_prefix(item.size() == rest.size() ? item.size() : item.size() + 1);
  }
  return base::Ok();
}

base::Status SetFlag(const std::string& text, bool& flag) {
  if (text.empty() || text == "1" || text == "true") {
    flag = true;
  } else if (text == "0" || text == "false") {
    flag = false;
  } else {
    return Refuse("agnostic", "true or false");
  }
  return base::Ok();
}

// False: not an option of a detection.
base::Result<bool> Set(const std::string& name, const std::string& text,
                       yolo::DetectOptions& options) {
  if (name == "conf") {
    BH_TRY(SetShare(name, text, options.confidence_min));
  } else if (name == "iou") {
    BH_TRY(SetShare(name, text, options.iou_max));
  } else if (name == "max_det") {
    const auto count = Parse<int>(text);
    if (!count || *count < 1 || *count > channel::kDetectionsMax) {
      return Refuse(name, fmt::format("from 1 to {}", channel::kDetectionsMax));
    }
    options.detections_max = *count;
  } else if (name == "classes") {
    BH_TRY(SetClasses(text, options.classes));
  } else if (name == "agnostic") {
    BH_TRY(SetFlag(text, options.class_agnostic));
  } else {
    return false;
  }
  return true;
}

struct AsText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(const std::string& value) const { return value; }
  template <typename Number>
  std::string operator()(Number value) const {
    return fmt::format("{}", value);
  }
};

}  // namespace

base::Result<yolo::DetectOptions> DetectOptionsFrom(const openinference::Parameters& parameters) {
  yolo::DetectOptions options;
  for (const auto& [name, value] : parameters) {
    BH_TRY(Set(name, std::visit(AsText{}, value), options));
  }
  return options;
}

base::Result<yolo::DetectOptions> DetectOptionsFrom(
    const std::map<std::string, std::string>& fields) {
  yolo::DetectOptions options;
  for (const auto& [name, text] : fields) {
    BH_ASSIGN(const bool known, Set(name, text, options));
    if (!known) {
      return base::PublicError(
          base::Code::kInvalid,
          "a field of the query is none of conf, iou, max_det, classes, agnostic, annotate");
    }
  }
  return options;
}

}  // namespace bulkhead::gateway
