// SPDX-License-Identifier: Apache-2.0
// POST /v1/models/<model>/detect: pictures in, detections out.
#pragma once

#include "gateway/routes.h"

namespace bulkhead::gateway {

// The body is one encoded picture, or a form (multipart/form-data) of up to 64. One picture gives
// its document, a form {"images": [...]} in the form's order, where a picture that failed has an
// "error" in place of its result; each picture is metered by itself. conf, iou, max_det, classes
// and agnostic stand in the query. With annotate=1 one picture gives a JPEG with its result drawn.
async::Task<http::Response> HandleDetect(const RouteParts& parts, RoutedRequest request);

}  // namespace bulkhead::gateway
