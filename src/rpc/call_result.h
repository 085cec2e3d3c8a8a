// SPDX-License-Identifier: Apache-2.0
// What a request message comes to, and who waits for it.
#pragma once

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/status.h>

#include "base/result.h"
#include "rpc/inference_api.h"

namespace bulkhead::rpc {

struct CallResult {
  grpc::Status status;
  grpc::ByteBuffer message;                             // when the status is OK
  std::string receipt;                                  // "bulkhead-receipt", unless empty
  std::optional<std::chrono::nanoseconds> retry_after;  // "grpc-retry-pushback-ms"
  std::function<void(bool)> written;                    // as InferAnswer::written
};

// kInvalid INVALID_ARGUMENT, kNotFound NOT_FOUND, kConflict ABORTED, kDenied PERMISSION_DENIED,
// kExhausted RESOURCE_EXHAUSTED, kUnsupported UNIMPLEMENTED, kUnavailable UNAVAILABLE, kCorrupt
// DATA_LOSS, kDeadline DEADLINE_EXCEEDED, kInternal INTERNAL.
grpc::StatusCode StatusCodeOf(base::Code code);

// Only the public message goes out.
CallResult ResultOf(const ApiFailure& failure);

// Takes one result and gives it on once. Destroyed without one, it gives UNAVAILABLE: a call must
// always end. Any thread may set it.
class PendingResult {
 public:
  using Done = std::function<void(CallResult)>;

  explicit PendingResult(Done done) : done_(std::move(done)) {}
  PendingResult(const PendingResult&) = delete;
  PendingResult& operator=(const PendingResult&) = delete;
  ~PendingResult();

  // The first result counts.
  void Set(CallResult result);

 private:
  std::mutex mutex_;
  Done done_;
};

}  // namespace bulkhead::rpc
