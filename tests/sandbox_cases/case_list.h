// SPDX-License-Identifier: Apache-2.0
// The cases as a table: an order, and what the supervisor must see of it. Values only.
#pragma once

#include <span>
#include <string_view>

#include "sandbox_cases/order.h"

namespace bulkhead::sandbox_cases {

enum class Expected {
  kViolation,    // the system call `number`, reported with its convention; -1: not reported
  kRefusal,      // errno `number`, and the worker lives
  kNothing,      // it came to its end and has nothing
  kOutOfMemory,  // ended by the memory limit of its group
  kTimedOut,     // ended by the supervisor, which waited in vain
  kSignal,       // crashed with signal `number`
  kExit,         // left with status `number`
};

struct Case {
  Moment moment = Moment::kServing;
  std::string_view attack;
  std::string_view argument;
  Expected expected = Expected::kNothing;
  int number = 0;
};

std::span<const Case> FileCases();
std::span<const Case> NetworkCases();
std::span<const Case> ProcessCases();
std::span<const Case> IdentityCases();
std::span<const Case> KernelCases();
std::span<const Case> MemoryCases();
std::span<const Case> ResourceCases();
std::span<const Case> CrashCases();
std::span<const Case> ArgumentCases();

}  // namespace bulkhead::sandbox_cases
