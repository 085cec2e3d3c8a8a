// SPDX-License-Identifier: Apache-2.0
// What one inference request may hold. The server that reads the body limits its length.
#pragma once

#include <cstddef>

namespace bulkhead::openinference {

struct InferLimits {
  // All inputs together, as typed elements. Two characters of JSON can become eight bytes.
  std::size_t tensor_bytes_max = std::size_t{64} << 20;
  std::size_t tensors_max = 64;       // inputs, and outputs, of one request
  std::size_t parameters_max = 64;    // of one object
  std::size_t name_bytes_max = 256;   // of a tensor or a parameter
  std::size_t text_bytes_max = 4096;  // of the id and of a parameter's value
  std::size_t dims_max = 16;          // of one tensor
  std::size_t depth_max = 32;         // of nested JSON
};

}  // namespace bulkhead::openinference
