// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_values.h"

#include <bit>
#include <cstdint>
#include <limits>
#include <string>

namespace bulkhead::store {
namespace {

constexpr int kBinary = 1;
constexpr std::size_t kParametersMax = 65'535;  // a 16-bit count on the wire

uint64_t ReadBigEndian(std::span<const std::byte> bytes) {
  uint64_t number = 0;
  for (const std::byte byte : bytes) number = (number << 8U) | std::to_integer<uint64_t>(byte);
  return number;
}

std::array<char, 8> BigEndian(int64_t number) {
  std::array<char, 8> bytes{};
  auto rest = std::bit_cast<uint64_t>(number);
  for (auto byte = bytes.rbegin(); byte != bytes.rend(); ++byte) {
    *byte = static_cast<char>(rest & 0xFFU);
    rest >>= 8U;
  }
  return bytes;
}

}  // namespace

base::Result<PostgresParameters> PostgresParameters::Make(std::span<const SqlValue> values) {
  if (values.size() > kParametersMax) {
    return base::OperatorError(base::Code::kInvalid, "a statement has too many parameters");
  }
  PostgresParameters made;
  made.numbers_.reserve(values.size());  // what is pointed to must not move
  for (const SqlValue& value : values) {
    const auto* text = std::get_if<std::string>(&value);
    const auto* bytes = std::get_if<std::vector<std::byte>>(&value);
    const std::size_t length = text != nullptr    ? text->size()
                               : bytes != nullptr ? bytes->size()
                                                  : 0;
    if (length > static_cast<std::size_t>(std::numeric_limits<int>::max())) {
      return base::OperatorError(base::Code::kInvalid, "a value is too long");
    }
    if (text != nullptr) {
      made.Add(kTextType, text->c_str(), length);
    } else if (bytes != nullptr) {
      // Without bytes there is a place all the same: without a place it would be NULL.
      made.Add(kByteaType, length == 0 ? "" : reinterpret_cast<const char*>(bytes->data()), length);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      made.numbers_.push_back(BigEndian(*number));
      made.Add(kInt8Type, made.numbers_.back().data(), made.numbers_.back().size());
    } else {
      made.Add(0, nullptr, 0);
    }
  }
  return made;
}

void PostgresParameters::Add(unsigned int type, const char* value, std::size_t length) {
  types_.push_back(type);
  values_.push_back(value);
  lengths_.push_back(static_cast<int>(length));
  formats_.push_back(kBinary);
}

bool ReadPostgresValue(unsigned int type, std::span<const std::byte> bytes, SqlValue& value) {
  switch (type) {
    case kInt8Type:
      if (bytes.size() != 8) return false;
      value.emplace<int64_t>(std::bit_cast<int64_t>(ReadBigEndian(bytes)));
      return true;
    case kInt4Type:
      if (bytes.size() != 4) return false;
      value.emplace<int64_t>(std::bit_cast<int32_t>(static_cast<uint32_t>(ReadBigEndian(bytes))));
      return true;
    case kTextType:
      value.emplace<std::string>(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return true;
    case kByteaType:
      value.emplace<std::vector<std::byte>>(bytes.begin(), bytes.end());
      return true;
    default:
      return false;
  }
}

}  // namespace bulkhead::store
