// SPDX-License-Identifier: Apache-2.0
// What a test says to the module, by dlsym. Functions have the names of the standard's.
#pragma once

extern "C" {

// The call of that name after `good` more ones answers `answer`, and is not handed on; after it all
// is well again. One plan for each call.
void FaultyPkcs11Fail(const char* call, int good, unsigned long answer);
// No plans any more.
void FaultyPkcs11Heal();
// Flags that every C_GetTokenInfo answers besides the token's own.
void FaultyPkcs11TokenFlags(unsigned long flags);
// How often C_Login was called since the last time this was asked.
int FaultyPkcs11Logins();
}
