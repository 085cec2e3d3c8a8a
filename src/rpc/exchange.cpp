// SPDX-License-Identifier: Apache-2.0
#include "rpc/exchange.h"

#include <algorithm>
#include <string>
#include <utility>
#include <variant>

#include "rpc/call.h"

namespace bulkhead::rpc {

Exchange::Exchange(const InferenceApi& api, grpc::GenericCallbackServerContext& context,
                   std::size_t window)
    : api_(api), context_(context), method_(FindMethod(context.method())), window_(window) {
  if (method_ == nullptr) {
    finished_ = true;
    Finish({grpc::StatusCode::UNIMPLEMENTED, "no such method"});
  } else if (method_->needs_key) {
    Admit();
  } else {
    OnAdmitted({});
  }
}

void Exchange::Admit() {
  const auto pending =
      std::make_shared<PendingResult>([this](const CallResult& result) { OnAdmitted(result); });
  api_.admit(ApiCallOf(context_, admission_),
             [pending](std::variant<base::Unit, ApiFailure> reply) {
               const auto* const failure = std::get_if<ApiFailure>(&reply);
               pending->Set(failure == nullptr ? CallResult{} : ResultOf(*failure));
             });
}

void Exchange::OnAdmitted(const CallResult& result) {
  Step step;
  {
    const std::lock_guard lock(mutex_);
    if (result.status.ok()) {
      reading_ = true;
      step.read = true;
    } else {
      finished_ = true;
      AddTrailers(result);
      step.finish = result.status;
    }
  }
  Take(std::move(step));
}

void Exchange::OnReadDone(bool ok) {
  grpc::ByteBuffer message;
  Slot* slot = nullptr;
  std::shared_ptr<CallCancellation> cancellation;
  bool cancelled = false;
  {
    const std::lock_guard lock(mutex_);
    reading_ = false;
    reads_done_ = !ok || !method_->stream;
    if (!ok && !method_->stream) {
      end_ = {grpc::StatusCode::INVALID_ARGUMENT, "the call came without a message"};
    }
    if (ok) {
      message.Swap(&incoming_);
      cancellation = std::make_shared<CallCancellation>();
      slots_.push_back({cancellation, std::nullopt});
      slot = &slots_.back();
      cancelled = cancelled_;
    }
  }
  if (slot != nullptr) {
    ApiCall call = ApiCallOf(context_, cancellation);
    call.bytes = message.Length();
    if (cancelled) cancellation->Cancel();
    method_->run(api_, std::move(call), std::move(message),
                 std::make_shared<PendingResult>(
                     [this, slot](CallResult result) { Deliver(*slot, std::move(result)); }));
  }
  std::unique_lock lock(mutex_);
  Step step = NextStep();
  lock.unlock();
  Take(std::move(step));
}

void Exchange::Deliver(Slot& slot, CallResult result) {
  std::unique_lock lock(mutex_);
  slot.result = std::move(result);
  Step step = NextStep();
  lock.unlock();
  Take(std::move(step));
}

void Exchange::OnWriteDone(bool ok) {
  std::unique_lock lock(mutex_);
  writing_ = false;
  broken_ = broken_ || !ok;
  const std::function<void(bool)> written = std::move(slots_.front().result->written);
  slots_.pop_front();
  Step step = NextStep();
  lock.unlock();
  if (written) written(ok);
  Take(std::move(step));
}

Exchange::Step Exchange::NextStep() {
  Step step;
  if (finished_) return step;
  AnswerNext(step);
  if (finished_) return step;
  if (!reading_ && !reads_done_ && !broken_ && slots_.size() < window_) {
    reading_ = true;
    step.read = true;
  }
  if (slots_.empty() && (reads_done_ || broken_)) {
    finished_ = true;
    step.finish = end_;
  }
  return step;
}

// Begins to send the first slot's result, when there is one; drops it when nobody listens.
void Exchange::AnswerNext(Step& step) {
  while (!writing_ && !slots_.empty() && slots_.front().result) {
    CallResult& result = *slots_.front().result;
    if (!method_->stream) return AnswerOnce(result, step);
    if (!broken_ && result.status.ok()) {
      writing_ = true;
      step.write = &result.message;
      return;
    }
    if (!result.status.ok()) {
      broken_ = true;
      end_ = result.status;
    }
    if (result.written) step.dropped.push_back(std::move(result.written));
    slots_.pop_front();
  }
}

void Exchange::AnswerOnce(CallResult& result, Step& step) {
  finished_ = true;
  AddTrailers(result);
  step.finish = result.status;
  if (result.status.ok()) {
    step.write = &result.message;
    written_ = std::move(result.written);
  } else if (result.written) {
    step.dropped.push_back(std::move(result.written));
  }
}

void Exchange::AddTrailers(const CallResult& result) {
  if (!result.receipt.empty()) context_.AddTrailingMetadata("bulkhead-receipt", result.receipt);
  if (!result.retry_after) return;
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(*result.retry_after);
  context_.AddTrailingMetadata("grpc-retry-pushback-ms",
                               std::to_string(std::max<int64_t>(wait.count(), 0)));
}

// Nothing of the exchange is touched after the call that ends it.
void Exchange::Take(Step step) {
  for (const auto& written : step.dropped) written(false);
  if (step.read) StartRead(&incoming_);
  if (step.write != nullptr && step.finish) {
    StartWriteAndFinish(step.write, grpc::WriteOptions(), *step.finish);
  } else if (step.write != nullptr) {
    StartWrite(step.write);
  } else if (step.finish) {
    Finish(*step.finish);
  }
}

void Exchange::OnCancel() {
  std::vector<std::shared_ptr<CallCancellation>> outstanding{admission_};
  {
    const std::lock_guard lock(mutex_);
    cancelled_ = true;
    for (const Slot& slot : slots_) outstanding.push_back(slot.cancellation);
  }
  for (const auto& cancellation : outstanding) cancellation->Cancel();
}

void Exchange::OnDone() {
  if (written_) written_(!context_.IsCancelled());
  delete this;
}

}  // namespace bulkhead::rpc
