// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include <grpcpp/server_context.h>

#include "rpc/call_cancellation.h"
#include "rpc/inference_api.h"

namespace bulkhead::rpc {

// The head of a call: its key, its deadline from now, its peer.
ApiCall ApiCallOf(const grpc::CallbackServerContext& context,
                  std::shared_ptr<CallCancellation> cancellation);

// The address of gRPC's "ipv4:203.0.113.7:5", "ipv6:[2001:db8::1]:5" (or with %5B and %5D) and
// "unix:...", as ApiCall::peer has it; anything else as it is.
std::string PeerAddress(std::string_view peer);

}  // namespace bulkhead::rpc
