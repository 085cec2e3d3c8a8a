// SPDX-License-Identifier: Apache-2.0
#include "gateway/grpc_wire.h"

#include <grpcpp/impl/codegen/proto_utils.h>

namespace bulkhead::gateway {

bool ParseInto(grpc::ByteBuffer bytes, google::protobuf::Message& message) {
  grpc::ProtoBufferReader reader(&bytes);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader);
}

GrpcResult SerializedResult(const google::protobuf::Message& message) {
  GrpcResult result;
  bool own_buffer = false;
  result.status = grpc::GenericSerialize<grpc::ProtoBufferWriter, google::protobuf::Message>(
      message, &result.message, &own_buffer);
  return result;
}

}  // namespace bulkhead::gateway
