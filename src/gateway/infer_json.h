// SPDX-License-Identifier: Apache-2.0
// Bodies of /v2/models/<model>/infer, read and written where they hold up nobody else: much JSON on
// a thread of its own, that tenants share fairly, the rest at once.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "async/shared_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "gateway/v2_service.h"
#include "openinference/infer_request.h"
#include "openinference/infer_response.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// More JSON than this is read on the other thread, and so are answers written whose JSON stands for
// more bytes of tensors. A number of a few bytes takes 0.1 to 0.2 us to read, a third of that to
// write: on the I/O thread, which serves every tenant, a body takes a millisecond at most.
inline constexpr std::size_t kJsonBytesMax = 16 << 10;

struct InferText {
  std::shared_ptr<const std::vector<std::byte>> body;
  std::optional<std::size_t> json_bytes;  // Inference-Header-Content-Length; 0: one raw tensor
  std::vector<openinference::TensorMetadata> inputs;  // of the model
};

// `length` is the value of Inference-Header-Content-Length. Errors are those of
// openinference::ParseHeaderLength.
base::Result<InferText> MakeInferText(std::shared_ptr<const std::vector<std::byte>> body,
                                      std::optional<std::string_view> length,
                                      std::vector<openinference::TensorMetadata> inputs);

// What comes of it views `text.body`. Errors are those of openinference::ParseInferRequest and
// ParseRawInferRequest.
async::Task<base::Result<openinference::InferRequest>> ReadInfer(async::SharedThread& thread,
                                                                 tenant::TenantId tenant,
                                                                 InferText text);

// Errors are those of openinference::WriteInferResponse. `owner` keeps what `response` views.
async::Task<base::Result<openinference::InferBody>> WriteInfer(
    async::SharedThread& thread, tenant::TenantId tenant, openinference::InferResponse response,
    openinference::OutputForms forms, std::shared_ptr<const void> owner);

}  // namespace bulkhead::gateway
