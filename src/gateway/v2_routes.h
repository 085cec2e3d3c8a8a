// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol over HTTP, with Triton's extensions.
#pragma once

#include "gateway/routes.h"

namespace bulkhead::gateway {

// Live, ready and the server's metadata need no key.
http::Response PublicV2(const RouteParts& parts, const Path& path);

// Everything else below /v2 but inference.
async::Task<http::Response> HandleV2(const RouteParts& parts, RoutedRequest request);

// POST /v2/models/<model>/infer
async::Task<http::Response> HandleInfer(const RouteParts& parts, RoutedRequest request);

}  // namespace bulkhead::gateway
