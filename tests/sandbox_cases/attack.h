// SPDX-License-Identifier: Apache-2.0
// What the program hostile-worker does inside a compartment: it takes the place of bulkhead-worker,
// and its "weights" are an order to attack. Every attack says on the log what it got.
#pragma once

#include <cerrno>
#include <span>
#include <string>
#include <string_view>

#include <unistd.h>

#include "sandbox_cases/order.h"

namespace bulkhead::sandbox_cases {

// What an attack came back with, when the kernel let it come back.
struct Loot {
  bool got = false;
  int error = 0;     // errno of the step that was refused
  std::string text;  // what was got, or the step that was refused
};

inline Loot Got(std::string text) { return {true, 0, std::move(text)}; }
inline Loot Refused(std::string step) { return {false, errno, std::move(step)}; }
// Came to its end without an error and has nothing.
inline Loot Nothing(std::string text) { return {false, 0, std::move(text)}; }

struct Attack {
  std::string_view name;
  Loot (*run)(const Order& order);
};

// By what they are after. Safe to run where they succeed: none of them ends, changes or fills
// anything outside its own process.
std::span<const Attack> SyscallAttacks();
std::span<const Attack> FileAttacks();
std::span<const Attack> NetworkAttacks();
std::span<const Attack> ProcessAttacks();
std::span<const Attack> IdentityAttacks();
std::span<const Attack> KernelAttacks();
std::span<const Attack> MemoryAttacks();
std::span<const Attack> ResourceAttacks();
std::span<const Attack> CrashAttacks();
std::span<const Attack> ProtocolAttacks();

// nullptr: there is none of that name.
const Attack* FindAttack(std::string_view name);

// One line on descriptor 2, at once.
void Tell(std::string_view line);

}  // namespace bulkhead::sandbox_cases
