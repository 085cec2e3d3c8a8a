// SPDX-License-Identifier: Apache-2.0
// Values in the binary forms of PostgreSQL's protocol.
#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "store/sql_database.h"

namespace bulkhead::store {

// pg_type.dat of PostgreSQL; these numbers never change.
constexpr unsigned int kByteaType = 17;
constexpr unsigned int kInt8Type = 20;
constexpr unsigned int kInt4Type = 23;
constexpr unsigned int kTextType = 25;

// The parameters of a statement as libpq takes them: four lists of equal length. The texts and
// bytes stay the caller's.
class PostgresParameters {
 public:
  // kInvalid: a text or the list is longer than the protocol can say.
  static base::Result<PostgresParameters> Make(std::span<const SqlValue> values);

  [[nodiscard]] int count() const { return static_cast<int>(types_.size()); }
  [[nodiscard]] const unsigned int* types() const { return types_.data(); }
  [[nodiscard]] const char* const* values() const { return values_.data(); }
  [[nodiscard]] const int* lengths() const { return lengths_.data(); }
  [[nodiscard]] const int* formats() const { return formats_.data(); }

 private:
  void Add(unsigned int type, const char* value, std::size_t length);

  std::vector<unsigned int> types_;
  std::vector<const char*> values_;
  std::vector<int> lengths_;
  std::vector<int> formats_;
  std::vector<std::array<char, 8>> numbers_;
};

// A value of a result. False: its type is none that Bulkhead's tables have.
bool ReadPostgresValue(unsigned int type, std::span<const std::byte> bytes, SqlValue& value);

}  // namespace bulkhead::store
