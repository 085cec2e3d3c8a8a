// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace bulkhead::image {

// Baseline JPEG, 4:2:0; `quality` is libjpeg's 1..100 and clamped to it. Thread-safe.
//
// kInvalid: an empty picture or one beyond libjpeg's largest side of 65,500. kExhausted: out of
// memory.
base::Result<std::vector<std::byte>> EncodeJpeg(const Image& image, int quality);

}  // namespace bulkhead::image
