// SPDX-License-Identifier: Apache-2.0
// "The client of this call is gone", told across threads.
#pragma once

#include <functional>
#include <mutex>

namespace bulkhead::rpc {

// Any thread may use it. A CancelToken belongs to the I/O thread alone; this is what a transport
// with threads of its own hands over to it.
class CallCancellation {
 public:
  // The transport: calls what watches, once, on this thread.
  void Cancel();

  // Calls `on_cancel` once: on the thread that cancels, or here and now when that has happened. It
  // replaces an earlier one, which is not called any more; an empty function ends the watch.
  void OnCancel(std::function<void()> on_cancel);

  [[nodiscard]] bool cancelled() const;

 private:
  mutable std::mutex mutex_;
  bool cancelled_ = false;
  std::function<void()> on_cancel_;
};

}  // namespace bulkhead::rpc
