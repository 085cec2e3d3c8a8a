// SPDX-License-Identifier: Apache-2.0
#include "async/cancel_token.h"

#include <algorithm>

namespace bulkhead::async {

CancelWatch::CancelWatch(CancelWatch&& other) noexcept
    : state_(std::move(other.state_)), id_(std::exchange(other.id_, 0)) {}

CancelWatch& CancelWatch::operator=(CancelWatch&& other) noexcept {
  std::swap(state_, other.state_);
  std::swap(id_, other.id_);
  return *this;
}

CancelWatch::~CancelWatch() {
  if (id_ == 0) return;
  if (const auto state = state_.lock()) {
    std::erase_if(state->watches, [this](const CancelState::Watch& w) { return w.id == id_; });
  }
}

CancelWatch CancelToken::OnCancel(std::function<void()> on_cancel) const {
  if (state_ == nullptr) return {};
  if (state_->cancelled) {
    on_cancel();
    return {};
  }
  const uint64_t id = state_->next_id++;
  state_->watches.push_back({.id = id, .on_cancel = std::move(on_cancel)});
  return CancelWatch(state_, id);
}

void CancelSource::Cancel() {
  const auto state = state_;  // what is called may end this source
  state->cancelled = true;
  // One at a time: what is called may drop the watches that come after it.
  while (!state->watches.empty()) {
    const auto on_cancel = std::move(state->watches.front().on_cancel);
    state->watches.erase(state->watches.begin());
    on_cancel();
  }
}

void CancelSource::Renew() {
  if (state_.use_count() == 1 && !state_->cancelled) return;
  state_ = std::make_shared<CancelState>();
}

}  // namespace bulkhead::async
