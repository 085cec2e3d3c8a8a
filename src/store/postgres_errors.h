// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace bulkhead::store {

// What a server's SQLSTATE means for the store (postgresql.org/docs, appendix A); an empty one is
// a lost connection.
base::Code SqlStateCode(std::string_view sqlstate);

// Whether the transaction lost against another one, and may win when it is run again.
bool IsLostRace(std::string_view sqlstate);

// The text as one line, with *** where the password was.
std::string WithoutPassword(std::string text, std::string_view password);

}  // namespace bulkhead::store
