// SPDX-License-Identifier: Apache-2.0
// "Nobody waits for this any more", as values of the I/O thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace bulkhead::async {

struct CancelState {
  struct Watch {
    uint64_t id = 0;
    std::function<void()> on_cancel;
  };
  bool cancelled = false;
  uint64_t next_id = 1;
  std::vector<Watch> watches;
};

// Takes its function back when it is destroyed; harmless after the cancellation.
class CancelWatch {
 public:
  CancelWatch() = default;
  CancelWatch(std::weak_ptr<CancelState> state, uint64_t id) : state_(std::move(state)), id_(id) {}
  CancelWatch(CancelWatch&& other) noexcept;
  CancelWatch& operator=(CancelWatch&& other) noexcept;
  CancelWatch(const CancelWatch&) = delete;
  CancelWatch& operator=(const CancelWatch&) = delete;
  ~CancelWatch();

 private:
  std::weak_ptr<CancelState> state_;
  uint64_t id_ = 0;
};

// Copies watch the same thing. A token without a source is never cancelled.
class CancelToken {
 public:
  CancelToken() = default;
  explicit CancelToken(std::shared_ptr<CancelState> state) : state_(std::move(state)) {}

  [[nodiscard]] bool cancelled() const { return state_ != nullptr && state_->cancelled; }

  // Calls `on_cancel` once, when the source cancels and while the watch lives; at once when it is
  // cancelled already. It may drop watches and tokens, this one too.
  [[nodiscard]] CancelWatch OnCancel(std::function<void()> on_cancel) const;

 private:
  std::shared_ptr<CancelState> state_;
};

class CancelSource {
 public:
  CancelSource() : state_(std::make_shared<CancelState>()) {}

  [[nodiscard]] CancelToken token() const { return CancelToken(state_); }

  // Calls what watches, in the order in which they came; the second time does nothing.
  void Cancel();

  // The same as a new source, without an allocation when no token of the old one is left.
  void Renew();

 private:
  std::shared_ptr<CancelState> state_;
};

}  // namespace bulkhead::async
