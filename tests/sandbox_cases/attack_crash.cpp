// SPDX-License-Identifier: Apache-2.0
// Ends of a process, as a broken runtime finds them.
#include <csignal>
#include <cstdlib>
#include <limits>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

Loot Segfault(const Order&) {
  volatile int* volatile nowhere = nullptr;
  *nowhere = 1;
  return Got("a write to nowhere");
}

Loot Abort(const Order&) { std::abort(); }

// Not a tail call, and never the same frame twice.
int Deeper(const volatile char* above, unsigned int depth) {
  volatile char here[4096] = {above[0]};
  if (depth == 0) return 0;
  return Deeper(here, depth - 1) + here[1];
}

Loot OverflowStack(const Order&) {
  const volatile char top = 0;
  return Got(std::to_string(Deeper(&top, ~0U)));
}

Loot IllegalInstruction(const Order&) { __builtin_trap(); }

Loot DivideByZero(const Order&) {
  volatile int one = 1;
  volatile int zero = 0;
  return Got(std::to_string(one / zero));
}

Loot Leave(const Order&) { ::_exit(0); }

Loot ThrowForeign(const Order&) { throw 42; }

Loot AllocateWithoutEnd(const Order&) {
  std::vector<std::unique_ptr<std::vector<char>>> kept;
  for (;;) kept.push_back(std::make_unique<std::vector<char>>(std::size_t{8} << 20, 'x'));
}

Loot SleepForever(const Order&) {
  for (;;) ::sleep(1);
}

constexpr Attack kAttacks[] = {{"segfault", Segfault},
                               {"abort", Abort},
                               {"overflow-stack", OverflowStack},
                               {"illegal-instruction", IllegalInstruction},
                               {"divide-by-zero", DivideByZero},
                               {"leave", Leave},
                               {"throw", ThrowForeign},
                               {"allocate-without-end", AllocateWithoutEnd},
                               {"sleep-forever", SleepForever}};

}  // namespace

std::span<const Attack> CrashAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
