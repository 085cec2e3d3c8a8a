// SPDX-License-Identifier: Apache-2.0
#include "store/postgres_errors.h"

#include <algorithm>
#include <utility>

namespace bulkhead::store {
namespace {

using base::Code;

struct StateMeaning {
  std::string_view prefix;
  Code code;
};

// The first that matches.
constexpr StateMeaning kMeanings[] = {
    {"23503", Code::kNotFound},     // foreign key
    {"23505", Code::kConflict},     // unique
    {"22021", Code::kInvalid},      // not in the encoding
    {"22", Code::kCorrupt},         // values are not what our statements expect
    {"23", Code::kCorrupt},         // constraints that our values keep to: other tables
    {"25006", Code::kUnavailable},  // read-only: a standby
    {"28", Code::kDenied},          // authorization
    {"3D000", Code::kNotFound},     // no such database
    {"3F000", Code::kNotFound},     // no schema to create in
    {"40", Code::kUnavailable},     // lost against others
    {"42501", Code::kDenied},       // privilege
    {"42", Code::kCorrupt},         // a table or column is missing, or another's
    {"53300", Code::kUnavailable},  // too many connections
    {"53", Code::kExhausted},       // disk, memory
    {"54", Code::kInvalid},         // too large
    {"08", Code::kUnavailable},     // connection
    {"55", Code::kUnavailable},     // locked
    {"57", Code::kUnavailable},     // cancelled, shutting down
    {"58", Code::kUnavailable},     // the server's system
    {"XX001", Code::kCorrupt},     {"XX002", Code::kCorrupt},
};

}  // namespace

Code SqlStateCode(std::string_view sqlstate) {
  if (sqlstate.empty()) return Code::kUnavailable;
  for (const StateMeaning& meaning : kMeanings) {
    if (sqlstate.starts_with(meaning.prefix)) return meaning.code;
  }
  return Code::kInternal;
}

bool IsLostRace(std::string_view sqlstate) { return sqlstate == "40001" || sqlstate == "40P01"; }

std::string WithoutPassword(std::string text, std::string_view password) {
  while (text.ends_with('\n')) text.pop_back();
  std::ranges::replace(text, '\n', ' ');
  constexpr std::string_view kStars = "***";
  for (std::size_t at = 0; !password.empty();) {
    at = text.find(password, at);
    if (at == std::string::npos) break;
    text.replace(at, password.size(), kStars);
    at += kStars.size();
  }
  return text;
}

}  // namespace bulkhead::store
