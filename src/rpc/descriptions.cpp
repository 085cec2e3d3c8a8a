// SPDX-License-Identifier: Apache-2.0
#include "rpc/descriptions.h"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <string>

namespace bulkhead::rpc {
namespace {

using base::ElementType;

inference::DataType ToDataType(ElementType type) {
  switch (type) {
    case ElementType::kBool:
      return inference::TYPE_BOOL;
    case ElementType::kUint8:
      return inference::TYPE_UINT8;
    case ElementType::kUint16:
      return inference::TYPE_UINT16;
    case ElementType::kUint32:
      return inference::TYPE_UINT32;
    case ElementType::kUint64:
      return inference::TYPE_UINT64;
    case ElementType::kInt8:
      return inference::TYPE_INT8;
    case ElementType::kInt16:
      return inference::TYPE_INT16;
    case ElementType::kInt32:
      return inference::TYPE_INT32;
    case ElementType::kInt64:
      return inference::TYPE_INT64;
    case ElementType::kFloat16:
      return inference::TYPE_FP16;
    case ElementType::kFloat32:
      return inference::TYPE_FP32;
    case ElementType::kFloat64:
      return inference::TYPE_FP64;
    case ElementType::kString:
      return inference::TYPE_STRING;
    case ElementType::kOther:
      return inference::TYPE_INVALID;
  }
  return inference::TYPE_INVALID;
}

void WriteTensor(const openinference::TensorMetadata& tensor,
                 inference::ModelMetadataResponse::TensorMetadata& message) {
  message.set_name(tensor.name);
  message.set_datatype(std::string(openinference::DatatypeName(tensor.type).value_or("")));
  for (const int64_t dim : tensor.dims) message.add_shape(dim);
}

template <typename Message>
void WriteConfigTensor(const openinference::TensorMetadata& tensor, Message& message) {
  message.set_name(tensor.name);
  message.set_data_type(ToDataType(tensor.type));
  for (const int64_t dim : tensor.dims) message.add_dims(dim);
}

void WriteDuration(const openinference::DurationCount& duration,
                   inference::StatisticDuration& message) {
  message.set_count(duration.count);
  message.set_ns(duration.ns);
}

void WriteModel(const openinference::ModelStatistics& model, inference::ModelStatistics& message) {
  message.set_name(model.name);
  message.set_version(model.version);
  message.set_last_inference(model.last_inference_unix_ms);
  message.set_inference_count(model.inference_count);
  message.set_execution_count(model.execution_count);
  auto& stats = *message.mutable_inference_stats();
  WriteDuration(model.success, *stats.mutable_success());
  WriteDuration(model.fail, *stats.mutable_fail());
  WriteDuration(model.queue, *stats.mutable_queue());
  WriteDuration(model.compute_input, *stats.mutable_compute_input());
  WriteDuration(model.compute_infer, *stats.mutable_compute_infer());
  WriteDuration(model.compute_output, *stats.mutable_compute_output());
  stats.mutable_cache_hit();
  stats.mutable_cache_miss();
  for (const openinference::BatchStatistics& batch : model.batches) {
    auto& batch_message = *message.add_batch_stats();
    batch_message.set_batch_size(batch.batch_size);
    WriteDuration(batch.compute_input, *batch_message.mutable_compute_input());
    WriteDuration(batch.compute_infer, *batch_message.mutable_compute_infer());
    WriteDuration(batch.compute_output, *batch_message.mutable_compute_output());
  }
}

}  // namespace

inference::ServerMetadataResponse ToMessage(const openinference::ServerMetadata& server) {
  inference::ServerMetadataResponse message;
  message.set_name(server.name);
  message.set_version(server.version);
  for (const std::string& extension : server.extensions) message.add_extensions(extension);
  return message;
}

inference::ModelMetadataResponse ToMessage(const openinference::ModelMetadata& model) {
  inference::ModelMetadataResponse message;
  message.set_name(model.name);
  message.set_platform(model.platform);
  for (const std::string& version : model.versions) message.add_versions(version);
  for (const auto& input : model.inputs) WriteTensor(input, *message.add_inputs());
  for (const auto& output : model.outputs) WriteTensor(output, *message.add_outputs());
  message.mutable_properties()->insert(model.properties.begin(), model.properties.end());
  return message;
}

inference::ModelConfigResponse ToMessage(const openinference::ModelConfig& config) {
  inference::ModelConfigResponse message;
  auto& inner = *message.mutable_config();
  inner.set_name(config.name);
  inner.set_platform(config.platform);
  inner.set_backend(config.backend);
  inner.set_max_batch_size(static_cast<int32_t>(
      std::clamp<int64_t>(config.max_batch_size, 0, std::numeric_limits<int32_t>::max())));
  for (const auto& input : config.inputs) WriteConfigTensor(input, *inner.add_input());
  for (const auto& output : config.outputs) WriteConfigTensor(output, *inner.add_output());
  for (const auto& [name, value] : config.parameters) {
    (*inner.mutable_parameters())[name].set_string_value(value);
  }
  return message;
}

inference::ModelStatisticsResponse ToMessage(
    const std::vector<openinference::ModelStatistics>& models) {
  inference::ModelStatisticsResponse message;
  for (const auto& model : models) WriteModel(model, *message.add_model_stats());
  return message;
}

inference::RepositoryIndexResponse ToMessage(
    const std::vector<openinference::RepositoryEntry>& entries) {
  inference::RepositoryIndexResponse message;
  for (const auto& entry : entries) {
    auto& index = *message.add_models();
    index.set_name(entry.name);
    index.set_version(entry.version);
    index.set_state(entry.state);
    index.set_reason(entry.reason);
  }
  return message;
}

}  // namespace bulkhead::rpc
