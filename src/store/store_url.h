// SPDX-License-Identifier: Apache-2.0
// What --store says.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace bulkhead::store {

struct SqliteUrl {
  std::filesystem::path path;  // absolute
  friend bool operator==(const SqliteUrl&, const SqliteUrl&) = default;
};

// May hold a password.
struct PostgresUrl {
  std::string conninfo;
  friend bool operator==(const PostgresUrl&, const PostgresUrl&) = default;
};

using StoreUrl = std::variant<SqliteUrl, PostgresUrl>;

// `sqlite:/absolute/path` (or sqlite:///absolute/path), taken as it is, without percent-encoding;
// or `postgres://...` or `postgresql://...` as libpq reads it.
//
// kInvalid: anything else. No error repeats the text: there may be a password in it. For the same
// reason a postgres URL has at most one @, and that before the first / and ? behind the //: libpq
// would take the rest of a password for a host and say its name.
base::Result<StoreUrl> ParseStoreUrl(std::string_view text);

}  // namespace bulkhead::store
