// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/io_context.hpp>

#include "gateway/routes.h"
#include "rpc/inference_api.h"

namespace bulkhead::gateway {

// /v2 for a transport with threads of its own: each call is posted to the I/O thread, where `parts`
// live, and answered from there. Calls that come when it runs no more are dropped.
rpc::InferenceApi MakeInferenceApi(boost::asio::io_context& io, const RouteParts& parts);

}  // namespace bulkhead::gateway
