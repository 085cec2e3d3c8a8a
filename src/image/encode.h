// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <vector>

#include "base/result.h"
#include "image/image.h"

namespace bulkhead::image {

// Baseline JPEG, 4:2:0, quality 1..100. kInvalid: an empty picture or one beyond JPEG's 65,535
// side.
base::Result<std::vector<std::byte>> EncodeJpeg(const Image& image, int quality);

}  // namespace bulkhead::image
