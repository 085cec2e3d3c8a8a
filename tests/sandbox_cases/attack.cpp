// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/attack.h"

#include <algorithm>

namespace bulkhead::sandbox_cases {

const Attack* FindAttack(std::string_view name) {
  for (const auto& attacks :
       {SyscallAttacks(), FileAttacks(), NetworkAttacks(), ProcessAttacks(), IdentityAttacks(),
        KernelAttacks(), MemoryAttacks(), ResourceAttacks(), CrashAttacks(), ProtocolAttacks()}) {
    const auto found = std::ranges::find(attacks, name, &Attack::name);
    if (found != attacks.end()) return &*found;
  }
  return nullptr;
}

void Tell(std::string_view line) {
  std::string text(line);
  text += '\n';
  // A log that is closed or full ends nothing.
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace bulkhead::sandbox_cases
