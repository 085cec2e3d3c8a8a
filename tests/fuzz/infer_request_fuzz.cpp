// SPDX-License-Identifier: Apache-2.0
// Any body of an inference request. The first two bytes choose how it is framed. What is taken
// keeps its tensors through a response in JSON, read as a request again, and refusals fit one line.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/check.h"
#include "openinference/infer_request.h"
#include "openinference/infer_response.h"

namespace {

using bulkhead::base::ElementType;
using bulkhead::base::Result;
using bulkhead::openinference::InferRequest;

void CheckRefusal(const bulkhead::base::Error& error) {
  BH_CHECK(!error.public_message.empty());
  BH_CHECK(error.public_message.size() < 512);
  BH_CHECK(error.public_message.find_first_of("\r\n") == std::string::npos);
}

void CheckRequest(const Result<InferRequest>& request) {
  if (!request.ok()) return CheckRefusal(request.error());
  bulkhead::openinference::InferResponse response{.model = "m",
                                                  .version = "1",
                                                  .id = request.value().id,
                                                  .parameters = request.value().parameters,
                                                  .outputs = request.value().inputs};
  const auto body = WriteInferResponse(std::move(response), FormsOf(request.value()));
  if (!body.ok()) return CheckRefusal(body.error());
  const auto& parts = body.value().parts;
  BH_CHECK(body.value().header_length.value_or(parts[0].size()) == parts[0].size());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  uint16_t framing = 0;
  std::memcpy(&framing, data, sizeof(framing));
  const auto body = std::as_bytes(std::span(data, size)).subspan(sizeof(framing));
  std::optional<std::size_t> header_length;
  if (framing != 0) header_length = framing - 1U;
  CheckRequest(bulkhead::openinference::ParseInferRequest(
      body, header_length, {.tensor_bytes_max = 4096, .dims_max = 4, .depth_max = 8}));
  const std::vector<bulkhead::openinference::TensorMetadata> model{
      {"x", framing % 2 == 0 ? ElementType::kString : ElementType::kFloat32, {-1, framing % 8}}};
  CheckRequest(ParseRawInferRequest(body, model));
  return 0;
}
