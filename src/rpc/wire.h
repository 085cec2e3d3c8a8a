// SPDX-License-Identifier: Apache-2.0
// Messages to and from gRPC's buffers.
#pragma once

#include <optional>
#include <utility>

#include <google/protobuf/message.h>
#include <grpcpp/support/byte_buffer.h>
#include <grpcpp/support/proto_buffer_reader.h>

#include "rpc/call_result.h"

namespace bulkhead::rpc {

// Whether the bytes were a message of that kind.
bool ParseInto(grpc::ByteBuffer bytes, google::protobuf::Message& message);

// The message; nullopt, and INVALID_ARGUMENT in `pending`, when the bytes are none of that kind.
template <typename Request>
std::optional<Request> ParseMessage(grpc::ByteBuffer bytes, PendingResult& pending) {
  std::optional<Request> request(std::in_place);
  if (ParseInto(std::move(bytes), *request)) return request;
  pending.Set({.status = {grpc::StatusCode::INVALID_ARGUMENT, "the message cannot be read"}});
  return std::nullopt;
}

CallResult SerializedResult(const google::protobuf::Message& message);

}  // namespace bulkhead::rpc
