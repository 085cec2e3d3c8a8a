// SPDX-License-Identifier: Apache-2.0
// Any bytes as a ModelInferRequest: what is taken keeps its tensors through a response, and
// refusals fit one line.
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <utility>

#include "base/check.h"
#include "rpc/messages.h"

using bulkhead::rpc::ParseInferMessage;
using bulkhead::rpc::WriteInferMessage;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  inference::ModelInferRequest message;
  if (!message.ParseFromArray(data, static_cast<int>(size))) return 0;
  auto request = ParseInferMessage(
      message,
      {.tensor_bytes_max = 4096, .parameters_max = 4, .text_bytes_max = 64, .dims_max = 4});
  if (!request.ok()) {
    const auto& text = request.error().public_message;
    BH_CHECK(!text.empty() && text.size() < 512);
    BH_CHECK(text.find_first_of("\r\n") == std::string::npos);
    return 0;
  }
  const auto inputs = request.value().inputs;
  bulkhead::openinference::InferResponse response{.model = "m",
                                                  .version = "1",
                                                  .id = request.value().id,
                                                  .parameters = request.value().parameters,
                                                  .outputs = inputs};
  inference::ModelInferResponse answer;
  BH_CHECK(WriteInferMessage(response, answer).ok());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const auto bytes = inputs[i].bytes.view();
    const std::string& raw = answer.raw_output_contents(static_cast<int>(i));
    BH_CHECK(raw.size() == bytes.size());
    BH_CHECK(bytes.empty() || std::memcmp(raw.data(), bytes.data(), raw.size()) == 0);
  }
  return 0;
}
