// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bulkhead::lockdown {

// From now on no memory of this process becomes executable: what is code by now stays all there is.
// Called when every library is loaded and before a byte of a model is read, because a starting
// worker can write to files that it could otherwise map as code (its weights, its setup). All
// threads; a call that asks for it is a violation.
//
// 0 or an errno; ESRCH: a thread has filters of its own. Needs no_new_privs.
[[nodiscard]] int FreezeCode();

}  // namespace bulkhead::lockdown
