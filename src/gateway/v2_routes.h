// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol over HTTP, with Triton's extensions.
#pragma once

#include "gateway/routes.h"

namespace bulkhead::gateway {

// Live, ready and the server's metadata need no key.
HttpResponse PublicV2(const RouteParts& parts, const Path& path);

// Everything else below /v2 but inference.
Task<HttpResponse> HandleV2(const RouteParts& parts, RoutedRequest request);

// POST /v2/models/<model>/infer
Task<HttpResponse> HandleInfer(const RouteParts& parts, RoutedRequest request);

}  // namespace bulkhead::gateway
