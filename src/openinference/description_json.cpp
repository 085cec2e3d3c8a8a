// SPDX-License-Identifier: Apache-2.0
#include "openinference/description_json.h"

#include <utility>

#include "base/json_writer.h"

namespace bulkhead::openinference {
namespace {

using base::JsonWriter;

void WriteText(std::string_view key, std::string_view value, JsonWriter& json) {
  json.Key(key);
  json.Text(value);
}

void WriteTexts(std::string_view key, std::span<const std::string> values, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const std::string& value : values) json.Text(value);
  json.EndArray();
}

void WriteDims(std::string_view key, const std::vector<int64_t>& dims, JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const int64_t dim : dims) json.Signed(dim);
  json.EndArray();
}

void WriteTensors(std::string_view key, const std::vector<TensorMetadata>& tensors,
                  JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const TensorMetadata& tensor : tensors) {
    json.BeginObject();
    WriteText("name", tensor.name, json);
    WriteText("datatype", DatatypeName(tensor.type).value_or(""), json);
    WriteDims("shape", tensor.dims, json);
    json.EndObject();
  }
  json.EndArray();
}

std::string ConfigType(base::ElementType type) {
  if (type == base::ElementType::kString) return "TYPE_STRING";
  return "TYPE_" + std::string(DatatypeName(type).value_or("INVALID"));
}

void WriteConfigTensors(std::string_view key, const std::vector<TensorMetadata>& tensors,
                        JsonWriter& json) {
  json.Key(key);
  json.BeginArray();
  for (const TensorMetadata& tensor : tensors) {
    json.BeginObject();
    WriteText("name", tensor.name, json);
    WriteText("data_type", ConfigType(tensor.type), json);
    WriteDims("dims", tensor.dims, json);
    json.EndObject();
  }
  json.EndArray();
}

void WriteDuration(std::string_view key, const DurationCount& duration, JsonWriter& json) {
  json.Key(key);
  json.BeginObject();
  json.Key("count");
  json.Unsigned(duration.count);
  json.Key("ns");
  json.Unsigned(duration.ns);
  json.EndObject();
}

void WriteBatch(const BatchStatistics& batch, JsonWriter& json) {
  json.BeginObject();
  json.Key("batch_size");
  json.Unsigned(batch.batch_size);
  WriteDuration("compute_input", batch.compute_input, json);
  WriteDuration("compute_infer", batch.compute_infer, json);
  WriteDuration("compute_output", batch.compute_output, json);
  json.EndObject();
}

void WriteModelStatistics(const ModelStatistics& model, JsonWriter& json) {
  json.BeginObject();
  WriteText("name", model.name, json);
  WriteText("version", model.version, json);
  json.Key("last_inference");
  json.Unsigned(model.last_inference_unix_ms);
  json.Key("inference_count");
  json.Unsigned(model.inference_count);
  json.Key("execution_count");
  json.Unsigned(model.execution_count);
  json.Key("inference_stats");
  json.BeginObject();
  WriteDuration("success", model.success, json);
  WriteDuration("fail", model.fail, json);
  WriteDuration("queue", model.queue, json);
  WriteDuration("compute_input", model.compute_input, json);
  WriteDuration("compute_infer", model.compute_infer, json);
  WriteDuration("compute_output", model.compute_output, json);
  WriteDuration("cache_hit", {}, json);
  WriteDuration("cache_miss", {}, json);
  json.EndObject();
  json.Key("response_stats");
  json.BeginObject();
  json.EndObject();
  json.Key("batch_stats");
  json.BeginArray();
  for (const BatchStatistics& batch : model.batches) WriteBatch(batch, json);
  json.EndArray();
  json.Key("memory_usage");
  json.BeginArray();
  json.EndArray();
  json.EndObject();
}

}  // namespace

JsonBody ErrorJson(std::string_view message) {
  JsonWriter json;
  json.BeginObject();
  WriteText("error", message, json);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody LiveJson(bool live) {
  JsonWriter json;
  json.BeginObject();
  json.Key("live");
  json.Bool(live);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody ReadyJson(bool ready) {
  JsonWriter json;
  json.BeginObject();
  json.Key("live");
  json.Bool(true);
  json.Key("ready");
  json.Bool(ready);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody ModelReadyJson(std::string_view model, bool ready) {
  JsonWriter json;
  json.BeginObject();
  WriteText("name", model, json);
  json.Key("ready");
  json.Bool(ready);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody ServerMetadataJson(const ServerMetadata& server) {
  JsonWriter json;
  json.BeginObject();
  WriteText("name", server.name, json);
  WriteText("version", server.version, json);
  WriteTexts("extensions", server.extensions, json);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody ModelMetadataJson(const ModelMetadata& model) {
  JsonWriter json;
  json.BeginObject();
  WriteText("name", model.name, json);
  WriteTexts("versions", model.versions, json);
  WriteText("platform", model.platform, json);
  WriteTensors("inputs", model.inputs, json);
  WriteTensors("outputs", model.outputs, json);
  json.EndObject();
  return std::move(json).Take();
}

JsonBody ModelConfigJson(const ModelConfig& config) {
  JsonWriter json;
  json.BeginObject();
  WriteText("name", config.name, json);
  WriteText("platform", config.platform, json);
  WriteText("backend", config.backend, json);
  json.Key("max_batch_size");
  json.Signed(config.max_batch_size);
  WriteConfigTensors("input", config.inputs, json);
  WriteConfigTensors("output", config.outputs, json);
  json.Key("parameters");
  json.BeginObject();
  for (const auto& [name, value] : config.parameters) {
    json.Key(name);
    json.BeginObject();
    WriteText("string_value", value, json);
    json.EndObject();
  }
  json.EndObject();
  json.EndObject();
  return std::move(json).Take();
}

JsonBody StatisticsJson(std::span<const ModelStatistics> models) {
  JsonWriter json;
  json.BeginObject();
  json.Key("model_stats");
  json.BeginArray();
  for (const ModelStatistics& model : models) WriteModelStatistics(model, json);
  json.EndArray();
  json.EndObject();
  return std::move(json).Take();
}

JsonBody RepositoryIndexJson(std::span<const RepositoryEntry> entries) {
  JsonWriter json;
  json.BeginArray();
  for (const RepositoryEntry& entry : entries) {
    json.BeginObject();
    WriteText("name", entry.name, json);
    if (!entry.version.empty()) WriteText("version", entry.version, json);
    WriteText("state", entry.state, json);
    WriteText("reason", entry.reason, json);
    json.EndObject();
  }
  json.EndArray();
  return std::move(json).Take();
}

JsonBody ModelListJson(std::span<const std::string> models) {
  JsonWriter json;
  json.BeginObject();
  WriteTexts("models", models, json);
  json.EndObject();
  return std::move(json).Take();
}

}  // namespace bulkhead::openinference
