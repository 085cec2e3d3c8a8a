// SPDX-License-Identifier: Apache-2.0
#include "gateway/model_view.h"

#include <utility>
#include <vector>

#include "gateway/detect_tensors.h"
#include "yolo/metadata_text.h"

namespace bulkhead::gateway {
namespace {

constexpr std::string_view kDetectSuffix = ".detect";

std::vector<openinference::TensorMetadata> Declared(const std::vector<base::TensorSpec>& tensors) {
  std::vector<openinference::TensorMetadata> declared;
  for (const base::TensorSpec& tensor : tensors) {
    declared.push_back({tensor.name, tensor.type, tensor.dims});
  }
  return declared;
}

}  // namespace

ServedName ParseServedName(std::string_view name) {
  const bool detect = name.size() > kDetectSuffix.size() && name.ends_with(kDetectSuffix);
  if (detect) name.remove_suffix(kDetectSuffix.size());
  return {{std::string(name)}, detect};
}

std::string ServedText(const ServedName& name) {
  return name.model.text + std::string(name.detect ? kDetectSuffix : "");
}

openinference::ModelMetadata MetadataOf(const ServedName& name, tenant::Version version,
                                        const channel::Hello& hello) {
  openinference::ModelMetadata metadata;
  metadata.name = ServedText(name);
  metadata.versions = {std::to_string(version)};
  metadata.inputs = name.detect ? DetectInputs() : Declared(hello.inputs);
  metadata.outputs = name.detect ? DetectOutputs(hello.spec) : Declared(hello.outputs);
  metadata.properties = {{"task", std::string(yolo::TaskName(hello.spec.task))},
                         {"stride", std::to_string(hello.spec.stride)},
                         {"metadata", yolo::MetadataText(hello.spec)}};
  return metadata;
}

openinference::ModelConfig ConfigOf(const ServedName& name, const channel::Hello& hello) {
  openinference::ModelConfig config;
  config.name = ServedText(name);
  config.inputs = name.detect ? DetectInputs() : Declared(hello.inputs);
  config.outputs = name.detect ? DetectOutputs(hello.spec) : Declared(hello.outputs);
  config.parameters = {{"metadata", yolo::MetadataText(hello.spec)}};
  return config;
}

}  // namespace bulkhead::gateway
