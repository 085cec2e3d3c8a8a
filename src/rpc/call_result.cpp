// SPDX-License-Identifier: Apache-2.0
#include "rpc/call_result.h"

namespace bulkhead::rpc {

grpc::StatusCode StatusCodeOf(base::Code code) {
  switch (code) {
    case base::Code::kInvalid:
      return grpc::StatusCode::INVALID_ARGUMENT;
    case base::Code::kNotFound:
      return grpc::StatusCode::NOT_FOUND;
    case base::Code::kConflict:
      return grpc::StatusCode::ABORTED;
    case base::Code::kDenied:
      return grpc::StatusCode::PERMISSION_DENIED;
    case base::Code::kExhausted:
      return grpc::StatusCode::RESOURCE_EXHAUSTED;
    case base::Code::kUnsupported:
      return grpc::StatusCode::UNIMPLEMENTED;
    case base::Code::kUnavailable:
      return grpc::StatusCode::UNAVAILABLE;
    case base::Code::kCorrupt:
      return grpc::StatusCode::DATA_LOSS;
    case base::Code::kDeadline:
      return grpc::StatusCode::DEADLINE_EXCEEDED;
    case base::Code::kInternal:
      return grpc::StatusCode::INTERNAL;
  }
  return grpc::StatusCode::INTERNAL;
}

CallResult ResultOf(const ApiFailure& failure) {
  const grpc::StatusCode code = failure.unauthenticated ? grpc::StatusCode::UNAUTHENTICATED
                                                        : StatusCodeOf(failure.error.code);
  return {.status = {code, failure.error.public_message}, .retry_after = failure.retry_after};
}

PendingResult::~PendingResult() {
  Set(ResultOf(
      {.error = base::OperatorError(base::Code::kUnavailable, "dropped without a reply")}));
}

void PendingResult::Set(CallResult result) {
  Done done;
  {
    const std::lock_guard lock(mutex_);
    done = std::exchange(done_, nullptr);
  }
  if (done) done(std::move(result));
}

}  // namespace bulkhead::rpc
