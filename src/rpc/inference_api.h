// SPDX-License-Identifier: Apache-2.0
// What a transport with threads of its own (gRPC) asks of the gateway, as values and functions.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/result.h"
#include "openinference/messages.h"
#include "rpc/call_cancellation.h"

namespace bulkhead::rpc {

// Who asks, for what, and for how long.
struct ApiCall {
  std::optional<std::string> authorization;  // the metadata of that name, unread
  std::optional<std::string> api_key;        // x-api-key
  std::optional<std::string> traceparent;
  std::string peer;     // "203.0.113.7", "2001:db8::1" or "unix"
  std::string model;    // as sent; empty: none was named
  std::string version;  // as sent; empty: whichever is served
  uint64_t bytes = 0;   // of the request's message
  // The client's deadline, from when the call came in. At zero or below it is over.
  std::optional<std::chrono::nanoseconds> timeout;
  std::shared_ptr<CallCancellation> cancellation;  // never null
};

struct ApiFailure {
  base::Error error;  // only its public message goes out
  std::optional<std::chrono::nanoseconds> retry_after;
  bool unauthenticated = false;  // no key, or one that opens nothing: UNAUTHENTICATED
};

struct InferAnswer {
  openinference::InferResponse response;  // read while the reply is called, not later
  std::string receipt;                    // metadata "bulkhead-receipt"
  // Called once, on any thread, at the latest when the call ends. `delivered`: the transport took
  // the answer before the client was gone.
  std::function<void(bool delivered)> written;
};

// Called at most once, on any thread; dropped without a call it means "unavailable".
template <typename T>
using Reply = std::function<void(std::variant<T, ApiFailure>)>;

// Each is called on a thread of the transport, must not block, and replies from where it likes.
struct InferenceApi {
  // Whether the caller may go on, asked before the request's message is read: without it nobody
  // makes the gateway read or parse a body. All but the next three judge the key again.
  std::function<void(ApiCall, Reply<base::Unit>)> admit;
  std::function<void(ApiCall, Reply<bool>)> live;   // asks for no key
  std::function<void(ApiCall, Reply<bool>)> ready;  // the same
  std::function<void(ApiCall, Reply<openinference::ServerMetadata>)> server_metadata;  // the same
  std::function<void(ApiCall, Reply<bool>)> model_ready;
  std::function<void(ApiCall, Reply<openinference::ModelMetadata>)> metadata;
  std::function<void(ApiCall, Reply<openinference::ModelConfig>)> config;
  // Of no model named: of all that the caller sees.
  std::function<void(ApiCall, Reply<std::vector<openinference::ModelStatistics>>)> statistics;
  std::function<void(ApiCall, bool ready_only, Reply<std::vector<openinference::RepositoryEntry>>)>
      repository_index;
  std::function<void(ApiCall, Reply<base::Unit>)> load;
  std::function<void(ApiCall, Reply<base::Unit>)> unload;
  // The tensors of the request stay until the reply was called or dropped.
  std::function<void(ApiCall, openinference::InferRequest, Reply<InferAnswer>)> infer;
};

}  // namespace bulkhead::rpc
