// SPDX-License-Identifier: Apache-2.0
// Any bytes as an ONNX file, through shape inference and costs: all of it ends, no inferred tensor
// is out of bounds, and no tensor of a file is counted larger than the file.
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/check.h"
#include "base/checked_math.h"
#include "model/model_card.h"
#include "model/model_cost.h"
#include "model/shape_inference.h"

namespace {

// As far as a hostile graph can get without being a YOLO.
void InferAll(const bulkhead::model::OnnxGraph& graph) {
  auto inputs = graph.description.inputs;
  for (auto& input : inputs) {
    for (int64_t& dim : input.dims) {
      if (dim < 0) dim = 32;
    }
  }
  const auto shapes = bulkhead::model::InferShapes(graph, inputs);
  for (const auto& [name, tensor] : shapes.tensors) {
    BH_CHECK(bulkhead::base::ElementCount(tensor.dims).has_value());
    const auto count = *bulkhead::base::ElementCount(tensor.dims);
    BH_CHECK(!tensor.ints || tensor.ints->size() == count);
    BH_CHECK(!tensor.floats || tensor.floats->size() == count);
  }
  BH_CHECK(bulkhead::model::CountMultiplyAdds(graph, shapes) >= 0);
  (void)bulkhead::model::PeakActivationBytes(graph, shapes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto graph = bulkhead::model::ParseOnnx(file);
  if (!graph.ok()) return 0;
  for (const auto& [name, constant] : graph.value().initializers) {
    BH_CHECK(constant.bytes <= 8 * size);
  }
  InferAll(graph.value());
  (void)bulkhead::model::ReadModelCard(file);
  return 0;
}
