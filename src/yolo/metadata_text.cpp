// SPDX-License-Identifier: Apache-2.0
#include "yolo/metadata_text.h"

#include <cstdint>
#include <string_view>

#include "base/utf8.h"

namespace bulkhead::yolo {
namespace {

// What stands for bytes that are no character (U+FFFD).
constexpr uint32_t kReplacement = 0xFFFD;

void AppendHex(uint32_t value, int digits, std::string& out) {
  constexpr std::string_view kHex = "0123456789abcdef";
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += kHex[(value >> shift) & 0xFU];
}

// The letters, digits and signs that mean themselves in '...'; anything else as an escape of fixed
// length (Python language reference, section 2.4.1.1).
void AppendCharacter(uint32_t point, std::string& out) {
  if (point >= 0x20 && point < 0x7F && point != '\'' && point != '\\') {
    out += static_cast<char>(point);
  } else if (point < 0x100) {
    out += "\\x";
    AppendHex(point, 2, out);
  } else if (point < 0x10000) {
    out += "\\u";
    AppendHex(point, 4, out);
  } else {
    out += "\\U";
    AppendHex(point, 8, out);
  }
}

void AppendString(std::string_view text, std::string& out) {
  out += '\'';
  while (!text.empty()) {
    const base::Utf8Character character = base::FirstUtf8(text);
    AppendCharacter(character.length == 0 ? kReplacement : character.point, out);
    text.remove_prefix(character.length == 0 ? 1 : character.length);
  }
  out += '\'';
}

void AppendNames(const ModelSpec& spec, std::string& out) {
  out += '{';
  for (std::size_t i = 0; i < spec.class_names.size(); ++i) {
    if (i > 0) out += ", ";
    out += std::to_string(i) + ": ";
    AppendString(spec.class_names[i], out);
  }
  out += '}';
}

std::string Pair(int first, int second) {
  return "[" + std::to_string(first) + ", " + std::to_string(second) + "]";
}

std::string_view Truth(bool value) { return value ? "True" : "False"; }

}  // namespace

std::string MetadataText(const ModelSpec& spec) {
  const bool dynamic = !spec.input.height || !spec.input.width;
  const int batch = spec.input.batch.value_or(1);
  std::string out = "{'task': ";
  AppendString(TaskName(spec.task), out);
  out += ", 'stride': " + std::to_string(spec.stride);
  out += ", 'batch': " + std::to_string(batch);
  out += ", 'channels': 3";
  out += ", 'imgsz': " + Pair(spec.default_height, spec.default_width);
  out += ", 'names': ";
  AppendNames(spec, out);
  if (spec.task == Task::kPose) {
    out += ", 'kpt_shape': " + Pair(spec.keypoints.count, spec.keypoints.dims);
  }
  out.append(", 'end2end': ").append(Truth(spec.nms_in_graph));
  out.append(", 'args': {'batch': ").append(std::to_string(batch));
  out.append(", 'dynamic': ").append(Truth(dynamic));
  out.append(", 'nms': ").append(Truth(spec.nms_in_graph));
  return out + "}}";
}

}  // namespace bulkhead::yolo
