// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_cancellation.h"

#include <utility>

namespace bulkhead::rpc {

void CallCancellation::Cancel() {
  std::function<void()> on_cancel;
  {
    const std::lock_guard lock(mutex_);
    if (std::exchange(cancelled_, true)) return;
    on_cancel = std::exchange(on_cancel_, nullptr);
  }
  if (on_cancel) on_cancel();
}

void CallCancellation::OnCancel(std::function<void()> on_cancel) {
  {
    const std::lock_guard lock(mutex_);
    if (!cancelled_) {
      on_cancel_ = std::move(on_cancel);
      return;
    }
  }
  if (on_cancel) on_cancel();
}

bool CallCancellation::cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

}  // namespace bulkhead::rpc
