// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace bulkhead::lockdown {

// Empties the ambient, bounding, inheritable, permitted and effective sets, and locks the
// securebits so that user id 0 means nothing. Child-safe: 0 or an errno; EPERM when something is
// left. A process without CAP_SETPCAP cannot shrink its bounding set; that is no error when
// no_new_privs is set, which makes the set useless.
[[nodiscard]] int DropCapabilities();

}  // namespace bulkhead::lockdown
