// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_metadata.h"

#include <utility>

#include "yolo/python_literal.h"

namespace bulkhead::yolo {
namespace {

using Fields = std::map<std::string, std::string>;

base::Error Wrong(std::string_view key, std::string_view what) {
  return base::PublicError(base::Code::kInvalid,
                           "metadata " + std::string(key) + ": " + std::string(what));
}

const std::string* FindText(const Fields& fields, const char* key) {
  const auto field = fields.find(key);
  return field == fields.end() || field->second.empty() ? nullptr : &field->second;
}

// The parsed value of a field; None when the field is missing.
base::Result<PythonLiteral> ReadLiteral(const Fields& fields, const char* key) {
  const std::string* text = FindText(fields, key);
  if (text == nullptr) return PythonLiteral{};
  auto literal = ParsePythonLiteral(*text);
  if (!literal.ok()) return Wrong(key, literal.error().public_message);
  return literal;
}

bool IsNone(const PythonLiteral& literal) { return literal.As<std::monostate>() != nullptr; }

// Exporters write sizes as 32, "[32]" or, by way of a tensor, 32.0.
base::Result<int> ToInt(std::string_view key, const PythonLiteral& literal, int min, int max) {
  int64_t value = 0;
  if (const auto* integer = literal.As<int64_t>()) {
    value = *integer;
  } else if (const auto* number = literal.As<double>();
             number != nullptr && *number >= min && *number <= max &&
             *number == static_cast<double>(static_cast<int64_t>(*number))) {
    value = static_cast<int64_t>(*number);
  } else {
    return Wrong(key, "a whole number from " + std::to_string(min) + " to " + std::to_string(max) +
                          " was expected");
  }
  if (value < min || value > max) {
    return Wrong(key, std::to_string(value) + " is not within " + std::to_string(min) + " to " +
                          std::to_string(max));
  }
  return static_cast<int>(value);
}

base::Result<std::optional<int>> ReadInt(const Fields& fields, const char* key, int min, int max) {
  BH_ASSIGN(const PythonLiteral literal, ReadLiteral(fields, key));
  if (IsNone(literal)) return std::optional<int>();
  BH_ASSIGN(const int value, ToInt(key, literal, min, max));
  return std::optional<int>(value);
}

// imgsz: 640, [640] or [height, width].
base::Status ReadImageSize(const Fields& fields, ModelMetadata& out) {
  BH_ASSIGN(const PythonLiteral literal, ReadLiteral(fields, "imgsz"));
  if (IsNone(literal)) return base::Ok();
  const auto* items = literal.Sequence();
  if (items != nullptr && (items->empty() || items->size() > 2)) {
    return Wrong("imgsz", "one or two sizes were expected");
  }
  const PythonLiteral& height = items != nullptr ? items->front() : literal;
  const PythonLiteral& width = items != nullptr ? items->back() : literal;
  BH_ASSIGN(out.image_height, ToInt("imgsz", height, 1, kImageSideMax));
  BH_ASSIGN(out.image_width, ToInt("imgsz", width, 1, kImageSideMax));
  return base::Ok();
}

base::Result<std::string> ToClassName(const PythonLiteral& literal, std::size_t index) {
  if (const auto* text = literal.As<std::string>()) {
    if (text->size() > kClassNameBytesMax) {
      return Wrong("names", "the name of class " + std::to_string(index) + " is too long");
    }
    return text->empty() ? UnnamedClass(index) : *text;
  }
  // A data file may name classes by numbers: names: [0, 1, 2].
  if (literal.As<int64_t>() != nullptr || literal.As<double>() != nullptr ||
      literal.As<bool>() != nullptr) {
    return FormatPythonLiteral(literal);
  }
  return Wrong("names", "class " + std::to_string(index) + " has no name");
}

base::Status CheckClassIndex(int64_t index) {
  if (index >= 0 && std::cmp_less(index, kClassesMax)) return base::Ok();
  return Wrong("names", "class " + std::to_string(index) + " is not within 0 to " +
                            std::to_string(kClassesMax - 1));
}

base::Status ReadNamesDict(const PythonLiteral::Dict& dict, std::vector<std::string>& names) {
  for (const auto& [key, value] : dict.entries) {
    const auto* index = key.As<int64_t>();
    if (index == nullptr) return Wrong("names", "a class index is not a whole number");
    BH_TRY(CheckClassIndex(*index));
    const auto slot = static_cast<std::size_t>(*index);
    if (slot >= names.size()) names.resize(slot + 1);
    BH_ASSIGN(names[slot], ToClassName(value, slot));
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (names[i].empty()) names[i] = UnnamedClass(i);
  }
  return base::Ok();
}

base::Status ReadNames(const Fields& fields, std::vector<std::string>& names) {
  BH_ASSIGN(const PythonLiteral literal, ReadLiteral(fields, "names"));
  if (IsNone(literal)) return base::Ok();
  if (const auto* dict = literal.As<PythonLiteral::Dict>()) return ReadNamesDict(*dict, names);
  const auto* items = literal.Sequence();
  if (items == nullptr) return Wrong("names", "a dict or a list of names was expected");
  if (items->size() > kClassesMax) return CheckClassIndex(static_cast<int64_t>(kClassesMax));
  for (std::size_t i = 0; i < items->size(); ++i) {
    BH_ASSIGN(std::string name, ToClassName((*items)[i], i));
    names.push_back(std::move(name));
  }
  return base::Ok();
}

base::Status ReadKeypointShape(const Fields& fields, KeypointShape& shape) {
  BH_ASSIGN(const PythonLiteral literal, ReadLiteral(fields, "kpt_shape"));
  if (IsNone(literal)) return base::Ok();
  const auto* items = literal.Sequence();
  if (items == nullptr || items->size() != 2) {
    return Wrong("kpt_shape", "[count, dimensions] was expected");
  }
  BH_ASSIGN(shape.count, ToInt("kpt_shape", items->front(), 1, kKeypointsMax));
  BH_ASSIGN(shape.dims, ToInt("kpt_shape", items->back(), 2, 3));
  return base::Ok();
}

base::Status ReadTask(const Fields& fields, std::optional<Task>& task) {
  const std::string* name = FindText(fields, "task");
  if (name == nullptr) return base::Ok();
  task = ParseTask(*name);
  if (task) return base::Ok();
  return base::PublicError(base::Code::kUnsupported,
                           "metadata task: '" + name->substr(0, 32) +
                               "' is none of detect, segment, pose, obb, classify");
}

base::Status ReadEndToEnd(const Fields& fields, std::optional<bool>& end_to_end) {
  BH_ASSIGN(const PythonLiteral literal, ReadLiteral(fields, "end2end"));
  if (IsNone(literal)) return base::Ok();
  const auto* truth = literal.As<bool>();
  if (truth == nullptr) return Wrong("end2end", "True or False was expected");
  end_to_end = *truth;
  return base::Ok();
}

bool ReadNms(const Fields& fields) {
  const auto args = ReadLiteral(fields, "args");
  if (!args.ok()) return false;
  const PythonLiteral* nms = args.value().Find("nms");
  const bool* truth = nms != nullptr ? nms->As<bool>() : nullptr;
  return truth != nullptr && *truth;
}

}  // namespace

base::Result<ModelMetadata> ReadModelMetadata(const Fields& fields) {
  ModelMetadata out;
  if (const auto* text = FindText(fields, "description")) out.description = text->substr(0, 256);
  if (const auto* text = FindText(fields, "head")) out.head = text->substr(0, 64);
  BH_TRY(ReadTask(fields, out.task));
  BH_TRY(ReadNames(fields, out.class_names));
  BH_ASSIGN(out.stride, ReadInt(fields, "stride", 1, kStrideMax));
  BH_TRY(ReadImageSize(fields, out));
  BH_ASSIGN(out.channels, ReadInt(fields, "channels", 1, 1024));
  BH_TRY(ReadKeypointShape(fields, out.keypoints));
  BH_TRY(ReadEndToEnd(fields, out.end_to_end));
  out.nms = ReadNms(fields);
  return out;
}

std::string UnnamedClass(std::size_t index) { return "class_" + std::to_string(index); }

}  // namespace bulkhead::yolo
