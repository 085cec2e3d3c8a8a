// SPDX-License-Identifier: Apache-2.0
#include "gateway/infer_json.h"

#include <functional>
#include <utility>

namespace bulkhead::gateway {
namespace {

using openinference::InferBody;
using openinference::InferRequest;
using openinference::InferResponse;
using openinference::OutputForms;

base::Result<InferRequest> Read(const InferText& text) {
  if (text.json_bytes == std::size_t{0}) {
    return openinference::ParseRawInferRequest(*text.body, text.inputs);
  }
  return openinference::ParseInferRequest(*text.body, text.json_bytes);
}

std::size_t JsonTensorBytes(const InferResponse& response, const OutputForms& forms) {
  std::size_t bytes = 0;
  for (const openinference::Tensor& output : response.outputs) {
    if (!openinference::IsBinary(forms, output.name)) bytes += output.bytes.view().size();
  }
  return bytes;
}

}  // namespace

base::Result<InferText> MakeInferText(std::shared_ptr<const std::vector<std::byte>> body,
                                      std::optional<std::string_view> length,
                                      std::vector<openinference::TensorMetadata> inputs) {
  InferText text{std::move(body), std::nullopt, std::move(inputs)};
  if (length) {
    BH_ASSIGN(text.json_bytes, openinference::ParseHeaderLength(*length, text.body->size()));
  }
  return text;
}

async::Task<base::Result<InferRequest>> ReadInfer(async::SharedThread& thread,
                                                  tenant::TenantId tenant, InferText text) {
  if (text.json_bytes.value_or(text.body->size()) <= kJsonBytesMax) co_return Read(text);
  std::function<base::Result<InferRequest>()> read = [text = std::move(text)] {
    return Read(text);
  };
  co_return co_await thread.Run<base::Result<InferRequest>>(std::move(tenant.text),
                                                            std::move(read));
}

async::Task<base::Result<InferBody>> WriteInfer(async::SharedThread& thread,
                                                tenant::TenantId tenant, InferResponse response,
                                                OutputForms forms,
                                                std::shared_ptr<const void> owner) {
  if (JsonTensorBytes(response, forms) <= kJsonBytesMax) {
    co_return openinference::WriteInferResponse(std::move(response), forms);
  }
  auto shared = std::make_shared<InferResponse>(std::move(response));
  std::function<base::Result<InferBody>()> write = [shared, forms = std::move(forms),
                                                    owner = std::move(owner)] {
    return openinference::WriteInferResponse(std::move(*shared), forms);
  };
  co_return co_await thread.Run<base::Result<InferBody>>(std::move(tenant.text), std::move(write));
}

}  // namespace bulkhead::gateway
