// SPDX-License-Identifier: Apache-2.0
#include "store/sql_database.h"

#include "base/utf8.h"

namespace bulkhead::store {

base::Result<std::vector<SqlRow>> RunChecked(SqlDatabase& database, std::string_view sql,
                                             std::span<const SqlValue> parameters) {
  for (const SqlValue& parameter : parameters) {
    const auto* text = std::get_if<std::string>(&parameter);
    if (text == nullptr) continue;
    if (!base::IsUtf8(*text) || text->find('\0') != std::string::npos) {
      return base::OperatorError(base::Code::kInvalid, "a text is no UTF-8 or holds a NUL");
    }
  }
  return database.Run(sql, parameters);
}

}  // namespace bulkhead::store
