// SPDX-License-Identifier: Apache-2.0
#include "store/store_url.h"

#include <algorithm>

namespace bulkhead::store {
namespace {

base::Error Invalid(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

base::Result<StoreUrl> ParseSqlite(std::string_view path) {
  if (path.starts_with("//")) path.remove_prefix(2);
  if (!path.starts_with('/') || path.starts_with("//")) {
    return Invalid("a store's file is written as sqlite:/absolute/path");
  }
  if (path.ends_with('/')) return Invalid("a store's file ends in the name of a file");
  return StoreUrl(SqliteUrl{std::filesystem::path(path)});
}

base::Result<StoreUrl> ParsePostgres(std::string_view url, std::string_view rest) {
  const auto authority = rest.substr(0, rest.find_first_of("/?"));
  if (std::ranges::count(rest, '@') > std::ranges::count(authority, '@') ||
      std::ranges::count(authority, '@') > 1) {
    return Invalid("an @, / or ? within a part of a postgres URL is written as %40, %2F or %3F");
  }
  return StoreUrl(PostgresUrl{std::string(url)});
}

}  // namespace

base::Result<StoreUrl> ParseStoreUrl(std::string_view text) {
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; };
  if (std::ranges::any_of(text, is_control)) {
    return Invalid("a store's URL holds no control characters");
  }
  constexpr std::string_view kSqlite = "sqlite:";
  if (text.starts_with(kSqlite)) return ParseSqlite(text.substr(kSqlite.size()));
  for (const std::string_view scheme : {"postgres://", "postgresql://"}) {
    if (text.starts_with(scheme)) return ParsePostgres(text, text.substr(scheme.size()));
  }
  return Invalid("a store is sqlite:/path or postgres://...");
}

}  // namespace bulkhead::store
