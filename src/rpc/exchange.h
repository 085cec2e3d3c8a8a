// SPDX-License-Identifier: Apache-2.0
// One call from its head to its end.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include <grpcpp/generic/async_generic_service.h>

#include "rpc/call_result.h"
#include "rpc/inference_api.h"
#include "rpc/methods.h"

namespace bulkhead::rpc {

// Admits the caller, then reads a message, and only then. Each message becomes a result; results
// leave in the order of the messages. Deletes itself when gRPC is done with it, which is after
// every result has come. gRPC calls it on its own threads, replies come from any.
class Exchange final : public grpc::ServerGenericBidiReactor {
 public:
  // `window`: messages of a stream that are in work at once; more are not read.
  Exchange(const InferenceApi& api, grpc::GenericCallbackServerContext& context,
           std::size_t window);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  struct Slot {
    std::shared_ptr<CallCancellation> cancellation;
    std::optional<CallResult> result;
  };
  // What is to be started once the lock is gone: gRPC may call back from within.
  struct Step {
    std::vector<std::function<void(bool)>> dropped;  // of results that nobody waits for
    bool read = false;
    grpc::ByteBuffer* write = nullptr;
    std::optional<grpc::Status> finish;
  };

  void Admit();
  void OnAdmitted(const CallResult& result);
  void Deliver(Slot& slot, CallResult result);
  void Take(Step step);
  Step NextStep();
  void AnswerOnce(CallResult& result, Step& step);
  void AnswerNext(Step& step);
  void AddTrailers(const CallResult& result);

  const InferenceApi& api_;
  grpc::GenericCallbackServerContext& context_;
  const Method* method_;
  std::size_t window_;
  std::shared_ptr<CallCancellation> admission_ = std::make_shared<CallCancellation>();

  std::mutex mutex_;  // of everything below
  grpc::ByteBuffer incoming_;
  std::deque<Slot> slots_;  // in the order of the messages
  grpc::Status end_;        // of the call, once its slots are done
  bool reading_ = false;
  bool reads_done_ = false;
  bool writing_ = false;
  bool broken_ = false;  // no more answers are sent
  bool cancelled_ = false;
  bool finished_ = false;
  std::function<void(bool)> written_;  // of a single answer
};

}  // namespace bulkhead::rpc
