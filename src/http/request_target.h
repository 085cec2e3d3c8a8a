// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/refusal.h"

namespace bulkhead::http {

// Splits a request target (RFC 9112 section 3.2: "/path?query", or "http://host/path?query") and
// decodes the path once. `path` and `query` are overwritten, their memory is kept.
//
// 400: another form, a fragment, a broken percent escape, an encoded '/' or control character, not
// UTF-8, or "." or ".." as a segment. `query` is empty then, and `path` at most the first segment,
// where it stands plainly before another: the refusal of "/v2/%00" is one for clients of "/v2".
std::optional<Refusal> SplitTarget(std::string_view target, std::string& path, std::string& query);

}  // namespace bulkhead::http
