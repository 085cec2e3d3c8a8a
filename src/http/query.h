// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::http {

// The fields of a query ("a=1&b=%20"), percent-decoded, '+' as a space. kInvalid, with a sentence
// for the caller: a bad escape, a field that comes twice, more than 32 of them.
base::Result<std::map<std::string, std::string>> ParseQuery(std::string_view query);

}  // namespace bulkhead::http
