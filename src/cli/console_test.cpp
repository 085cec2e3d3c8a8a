// SPDX-License-Identifier: Apache-2.0
#include "cli/console.h"

#include <sstream>

#include <gtest/gtest.h>

namespace bulkhead::cli {
namespace {

TEST(PrintError, IsOneLineEvenForHostileNames) {
  std::ostringstream err;
  const Console console{nullptr, &err, false, false};
  PrintError(console, "detect", "a\nb.jpg",
             base::PublicError(base::Code::kInvalid, "not an image"));
  EXPECT_EQ(err.str(), "bulkhead detect: a\\x0ab.jpg: not an image\n");
}

}  // namespace
}  // namespace bulkhead::cli
