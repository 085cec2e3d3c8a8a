// SPDX-License-Identifier: Apache-2.0
#include "model/onnx_tensor.h"

#include <bit>
#include <cstring>
#include <limits>
#include <optional>

#include "base/checked_math.h"
#include "model/element_type.h"

namespace bulkhead::model {
namespace {

using base::Code;
using base::ElementType;
using base::PublicError;

static_assert(std::endian::native == std::endian::little, "raw_data is little-endian");

// Bits of one element, by the table of data types in onnx.proto; 0 for strings, whose bytes are
// counted one by one.
constexpr int kFirstFloat8 = 17;
constexpr int kLastFloat8 = 20;
constexpr int kFirstInt4 = 21;
constexpr int kLastInt4 = 23;  // UINT4, INT4, FLOAT4E2M1

std::optional<std::size_t> ElementBits(int data_type) {
  if (data_type >= kFirstFloat8 && data_type <= kLastFloat8) return 8;
  if (data_type >= kFirstInt4 && data_type <= kLastInt4) return 4;
  switch (data_type) {
    case onnx::TensorProto::BFLOAT16:
      return 16;
    case onnx::TensorProto::COMPLEX64:
      return 64;
    case onnx::TensorProto::COMPLEX128:
      return 128;
    default:
      break;
  }
  const auto type = FromOnnxType(data_type);
  const auto bytes = type ? base::ElementBytes(*type) : std::nullopt;
  if (!bytes) return std::nullopt;
  return *bytes * 8;
}

base::Error Wrong(const std::string& name, std::string_view what) {
  return PublicError(Code::kInvalid, "not a valid ONNX model: tensor '" + name.substr(0, 64) +
                                         "' " + std::string(what));
}

// Elements in the typed field that holds a type's values (onnx.proto, TensorProto).
std::size_t TypedElements(const onnx::TensorProto& tensor) {
  const int sizes[] = {tensor.float_data_size(),  tensor.int32_data_size(),
                       tensor.int64_data_size(),  tensor.double_data_size(),
                       tensor.uint64_data_size(), tensor.string_data_size()};
  std::size_t total = 0;
  for (const int size : sizes) total += static_cast<std::size_t>(size);
  const bool complex = tensor.data_type() == onnx::TensorProto::COMPLEX64 ||
                       tensor.data_type() == onnx::TensorProto::COMPLEX128;
  return complex ? total / 2 : total;
}

// Whether the data fills the shape exactly. Types of less than a byte may be packed either way.
bool DataFillsShape(const onnx::TensorProto& tensor, std::size_t elements, std::size_t bytes) {
  if (tensor.has_raw_data()) return tensor.raw_data().size() == bytes;
  const bool packed = tensor.data_type() >= kFirstInt4 && tensor.data_type() <= kLastInt4;
  return TypedElements(tensor) == elements || (packed && TypedElements(tensor) == bytes);
}

template <typename Stored, typename Wanted>
std::vector<Wanted> FromRaw(const std::string& raw) {
  std::vector<Wanted> values(raw.size() / sizeof(Stored));
  for (std::size_t i = 0; i < values.size(); ++i) {
    Stored stored{};
    std::memcpy(&stored, raw.data() + i * sizeof(Stored), sizeof(Stored));
    values[i] = static_cast<Wanted>(stored);
  }
  return values;
}

void ReadValues(const onnx::TensorProto& tensor, Constant& constant) {
  const bool raw = tensor.has_raw_data();
  switch (constant.spec.type) {
    case ElementType::kInt64:
      constant.int_values =
          raw ? FromRaw<int64_t, int64_t>(tensor.raw_data())
              : std::vector<int64_t>(tensor.int64_data().begin(), tensor.int64_data().end());
      return;
    case ElementType::kInt32:
    case ElementType::kBool:
      if (!raw) {
        constant.int_values.assign(tensor.int32_data().begin(), tensor.int32_data().end());
      } else if (constant.spec.type == ElementType::kInt32) {
        constant.int_values = FromRaw<int32_t, int64_t>(tensor.raw_data());
      } else {
        constant.int_values = FromRaw<uint8_t, int64_t>(tensor.raw_data());
      }
      return;
    case ElementType::kFloat32:
      constant.float_values =
          raw ? FromRaw<float, float>(tensor.raw_data())
              : std::vector<float>(tensor.float_data().begin(), tensor.float_data().end());
      return;
    default:
      return;
  }
}

base::Result<std::vector<int64_t>> ReadDims(const onnx::TensorProto& tensor) {
  if (static_cast<std::size_t>(tensor.dims_size()) > kRankMax) {
    return PublicError(Code::kExhausted, "an ONNX tensor of too many dimensions");
  }
  std::vector<int64_t> dims(tensor.dims().begin(), tensor.dims().end());
  for (const int64_t dim : dims) {
    if (dim < 0) return Wrong(tensor.name(), "has a negative dimension");
  }
  return dims;
}

std::size_t StringBytes(const onnx::TensorProto& tensor) {
  std::size_t bytes = 0;
  for (const std::string& text : tensor.string_data()) bytes += text.size();
  return bytes;
}

}  // namespace

base::Result<Constant> ToConstant(const onnx::TensorProto& tensor) {
  if (tensor.data_location() == onnx::TensorProto::EXTERNAL || tensor.external_data_size() > 0) {
    return PublicError(Code::kUnsupported,
                       "the model keeps its weights in another file; export it as one file");
  }
  const auto type = FromOnnxType(tensor.data_type());
  if (!type) return Wrong(tensor.name(), "has an undefined type");
  Constant constant;
  constant.spec.name = tensor.name();
  constant.spec.type = *type;
  BH_ASSIGN(constant.spec.dims, ReadDims(tensor));
  const auto elements = base::ElementCount(constant.spec.dims);
  if (!elements) return Wrong(tensor.name(), "is larger than any file");
  if (*type == ElementType::kString) {
    if (TypedElements(tensor) != *elements) return Wrong(tensor.name(), "does not fill its shape");
    constant.bytes = StringBytes(tensor);
    return constant;
  }
  const auto bits = ElementBits(tensor.data_type());
  if (!bits) {
    return PublicError(Code::kUnsupported, "the model has weights of type " +
                                               std::to_string(tensor.data_type()) +
                                               ", which is not known");
  }
  const auto total_bits = base::CheckedMul(*elements, *bits);
  if (!total_bits || *total_bits > std::numeric_limits<std::size_t>::max() - 7) {
    return Wrong(tensor.name(), "is larger than any file");
  }
  constant.bytes = (*total_bits + 7) / 8;
  if (!DataFillsShape(tensor, *elements, constant.bytes)) {
    return Wrong(tensor.name(), "does not fill its shape");
  }
  if (*elements <= kConstantValuesMax) ReadValues(tensor, constant);
  return constant;
}

base::Result<base::TensorSpec> ToTensorSpec(const onnx::ValueInfoProto& value) {
  base::TensorSpec spec;
  spec.name = value.name();
  if (!value.type().has_tensor_type()) return spec;
  const auto& tensor = value.type().tensor_type();
  const auto type = FromOnnxType(tensor.elem_type());
  if (!type) return Wrong(value.name(), "has an undefined type");
  spec.type = *type;
  if (static_cast<std::size_t>(tensor.shape().dim_size()) > kRankMax) {
    return PublicError(Code::kExhausted, "an ONNX tensor of too many dimensions");
  }
  for (const auto& dim : tensor.shape().dim()) {
    // Some exporters write a variable dimension as 0 or -1 instead of a name.
    spec.dims.push_back(dim.has_dim_value() && dim.dim_value() > 0 ? dim.dim_value() : -1);
  }
  return spec;
}

}  // namespace bulkhead::model
