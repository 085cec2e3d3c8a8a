// SPDX-License-Identifier: Apache-2.0
// The methods that are served: a request message in, a result out.
#pragma once

#include <memory>
#include <string_view>

#include <grpcpp/support/byte_buffer.h>

#include "rpc/call_result.h"
#include "rpc/inference_api.h"

namespace bulkhead::rpc {

struct Method {
  std::string_view path;  // "/package.Service/Method"
  bool needs_key = true;
  bool stream = false;  // of requests and answers; else one of each
  // Parses the message and asks the API. A message of another kind is INVALID_ARGUMENT.
  void (*run)(const InferenceApi& api, ApiCall call, grpc::ByteBuffer message,
              std::shared_ptr<PendingResult> result) = nullptr;
};

// nullptr: no such method.
const Method* FindMethod(std::string_view path);

}  // namespace bulkhead::rpc
