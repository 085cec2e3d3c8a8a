// SPDX-License-Identifier: Apache-2.0
// One system call by number, in any of the conventions that the processor offers.
#include <array>
#include <cerrno>
#include <sstream>
#include <string>

#include <fmt/format.h>

#include "sandbox_cases/attack.h"

namespace bulkhead::sandbox_cases {
namespace {

using Arguments = std::array<long, 6>;

long Native(long number, const Arguments& a) {
  return ::syscall(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

#ifdef __x86_64__
constexpr long kX32Bit = 0x40000000;

// The way in of 32-bit programs, which 64-bit code can take as well.
long OldInterrupt(long number, const Arguments& a) {
  long result = number;
  asm volatile("int $0x80"
               : "+a"(result)
               : "b"(a[0]), "c"(a[1]), "d"(a[2]), "S"(a[3]), "D"(a[4])
               : "memory", "r8", "r9", "r10", "r11");
  if (result >= -4095 && result < 0) {
    errno = static_cast<int>(-result);
    return -1;
  }
  return result;
}
#endif

// "native 101 0 0": convention, number, up to six arguments.
Loot Call(const Order& order) {
  std::istringstream words(order.argument);
  std::string convention;
  long number = -1;
  Arguments arguments{};
  words >> convention >> number;
  for (long& argument : arguments) {
    if (!(words >> argument)) argument = 0;
  }
  errno = 0;
  long result = -1;
#ifdef __x86_64__
  if (convention == "x32") {
    result = Native(number | kX32Bit, arguments);
  } else if (convention == "i386") {
    result = OldInterrupt(number, arguments);
  } else {
    result = Native(number, arguments);
  }
#else
  result = Native(number, arguments);
#endif
  if (result == -1 && errno != 0) return Refused(fmt::format("system call {}", number));
  return Got(fmt::format("system call {} returned {}", number, result));
}

constexpr Attack kAttacks[] = {{"call", Call}};

}  // namespace

std::span<const Attack> SyscallAttacks() { return kAttacks; }

}  // namespace bulkhead::sandbox_cases
