// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace bulkhead::http {

// One part of a form; `content` lies in the body.
struct FormPart {
  std::string name;
  std::string file_name;  // as the client wrote it; for showing only
  std::span<const std::byte> content;
};

// Whether a Content-Type says multipart/form-data.
bool IsMultipart(std::string_view content_type);

// The parts of a multipart/form-data body (RFC 7578), in order. Their own Content-Type is not
// looked at. kInvalid, with a sentence for the caller: no or a bad boundary, a body that does not
// end with it, part headers over 8 KiB, no name, more than `parts_max` parts.
base::Result<std::vector<FormPart>> ParseMultipart(std::string_view content_type,
                                                   std::span<const std::byte> body,
                                                   std::size_t parts_max);

}  // namespace bulkhead::http
