// SPDX-License-Identifier: Apache-2.0
// BH_CHECK aborts the process on a broken invariant of ours, in every build. It is never applied to
// input: input gets a Result.
#pragma once

namespace bulkhead::base {

[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);

}  // namespace bulkhead::base

#define BH_CHECK(condition)           \
  ((condition) ? static_cast<void>(0) \
               : ::bulkhead::base::CheckFailed(#condition, __FILE__, __LINE__))
