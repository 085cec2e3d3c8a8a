// SPDX-License-Identifier: Apache-2.0
// The vocabulary for tensors that engines, heads and protocols share. Values only, no ownership.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace bulkhead::base {

enum class ElementType {
  kFloat32,
  kFloat16,  // IEEE 754 binary16
  kFloat64,
  kBool,
  kUint8,
  kInt8,
  kUint16,
  kInt16,
  kUint32,
  kInt32,
  kUint64,
  kInt64,
  kString,
  kOther,  // known to the engine, not to us
};

// Bytes of one element; nullopt for kString and kOther.
std::optional<std::size_t> ElementBytes(ElementType type);

// "float32", "float16", ...
std::string_view ElementTypeName(ElementType type);

// A declared input or output of a graph. A variable dimension is -1.
struct TensorSpec {
  std::string name;
  ElementType type = ElementType::kOther;
  std::vector<int64_t> dims;
};

// A dense row-major tensor that lives elsewhere.
struct TensorView {
  ElementType type = ElementType::kOther;
  std::vector<int64_t> dims;
  std::span<const std::byte> bytes;
};

// What a graph says about itself. `metadata` holds the file's metadata_props as written.
struct GraphDescription {
  std::vector<TensorSpec> inputs;
  std::vector<TensorSpec> outputs;
  std::map<std::string, std::string> metadata;
};

// "1x3x640x640", variable dimensions as "?".
std::string FormatDims(std::span<const int64_t> dims);

}  // namespace bulkhead::base
