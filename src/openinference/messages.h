// SPDX-License-Identifier: Apache-2.0
// The Open Inference Protocol (KServe v2) with Triton's extensions, as values. HTTP's JSON with
// binary tensors, and gRPC's messages, become and are made of these.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/tensor.h"

namespace bulkhead::openinference {

using Parameter = std::variant<bool, int64_t, uint64_t, double, std::string>;
using Parameters = std::map<std::string, Parameter>;

// The bytes of a tensor: a view of the request's body, which must outlive it, or its own. A copy of
// a view is a view, a copy of owned bytes owns.
class TensorBytes {
 public:
  TensorBytes() = default;
  explicit TensorBytes(std::span<const std::byte> view) : view_(view) {}
  explicit TensorBytes(std::vector<std::byte> owned) : owned_(std::move(owned)) {}

  [[nodiscard]] std::span<const std::byte> view() const { return owned_.empty() ? view_ : owned_; }

  // The bytes as a buffer of their own: moved when they were owned, else copied.
  [[nodiscard]] std::vector<std::byte> Take() && {
    return owned_.empty() ? std::vector<std::byte>(view_.begin(), view_.end()) : std::move(owned_);
  }

 private:
  std::span<const std::byte> view_;
  std::vector<std::byte> owned_;
};

// One tensor, row-major and little-endian. `bytes` holds the elements; of BYTES (kString) each is a
// length of 4 bytes and so many bytes.
struct Tensor {
  std::string name;
  base::ElementType type = base::ElementType::kOther;
  std::vector<int64_t> dims;
  TensorBytes bytes;
  Parameters parameters;
};

struct RequestedOutput {
  std::string name;
  std::optional<bool> binary;  // parameter binary_data; nullopt: as the request's default
  Parameters parameters;
};

struct InferRequest {
  std::string id;
  Parameters parameters;  // without those that became fields
  std::vector<Tensor> inputs;
  std::vector<RequestedOutput> outputs;  // empty: all
  bool binary_outputs = false;           // parameter binary_data_output
  std::optional<uint64_t> timeout_us;    // parameter timeout
};

struct InferResponse {
  std::string model;
  std::string version;
  std::string id;
  Parameters parameters;
  std::vector<Tensor> outputs;
};

struct TensorMetadata {
  std::string name;
  base::ElementType type = base::ElementType::kOther;
  std::vector<int64_t> dims;  // -1: variable
};

struct ModelMetadata {
  std::string name;
  std::vector<std::string> versions;
  std::string platform = "onnx_onnxv1";
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
  std::map<std::string, std::string> properties;  // gRPC only, field 6 of OIP's message
};

// Triton's model configuration, as far as clients read it.
struct ModelConfig {
  std::string name;
  std::string platform = "onnx_onnxv1";
  std::string backend = "onnxruntime";
  int64_t max_batch_size = 0;  // above 0: dims are without the batch
  std::vector<TensorMetadata> inputs;
  std::vector<TensorMetadata> outputs;
  std::map<std::string, std::string> parameters;  // string_value each
};

struct DurationCount {
  uint64_t count = 0;
  uint64_t ns = 0;
};

struct BatchStatistics {
  uint64_t batch_size = 0;
  DurationCount compute_input;
  DurationCount compute_infer;
  DurationCount compute_output;
};

struct ModelStatistics {
  std::string name;
  std::string version;
  uint64_t last_inference_unix_ms = 0;
  uint64_t inference_count = 0;
  uint64_t execution_count = 0;
  DurationCount success;
  DurationCount fail;
  DurationCount queue;
  DurationCount compute_input;
  DurationCount compute_infer;
  DurationCount compute_output;
  std::vector<BatchStatistics> batches;
};

struct RepositoryEntry {
  std::string name;
  std::string version;
  std::string state;  // READY UNAVAILABLE LOADING UNLOADING
  std::string reason;
};

struct ServerMetadata {
  std::string name;
  std::string version;
  std::vector<std::string> extensions;
};

// "FP32", ...; "BYTES" for kString. nullopt: the protocol has no name for it (kOther), or the name
// is not one of ours ("BF16" is Triton's, but base::ElementType has no such type).
std::optional<std::string_view> DatatypeName(base::ElementType type);
std::optional<base::ElementType> ParseDatatype(std::string_view name);

}  // namespace bulkhead::openinference
