// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "yolo/model_spec.h"

namespace bulkhead::yolo {

// What a client of a served model wants to know of it, as one Python dict of literals and in ASCII
// alone: the keys and values that Ultralytics' exporters write (task, stride, batch, imgsz, names,
// kpt_shape of a pose model, end2end, channels, args). Its Triton client evaluates this text as
// code, and class names are a tenant's, so no character of a name stands outside of a quoted
// string, or unescaped in it.
std::string MetadataText(const ModelSpec& spec);

}  // namespace bulkhead::yolo
