// SPDX-License-Identifier: Apache-2.0
#include "rpc/wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

namespace bulkhead::rpc {

bool ParseInto(grpc::ByteBuffer bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

CallResult SerializedResult(const google::protobuf::Message& message) {
  CallResult result;
  bool own_buffer = false;
  result.status = grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(
      message, &result.message, &own_buffer);
  return result;
}

}  // namespace bulkhead::rpc
