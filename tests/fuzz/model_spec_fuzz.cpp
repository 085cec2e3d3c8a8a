// SPDX-License-Identifier: Apache-2.0
// Any metadata and any shapes: reading a spec ends, and what it accepts is within its own limits.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include <fuzzer/FuzzedDataProvider.h>

#include "base/check.h"
#include "yolo/model_metadata.h"
#include "yolo/model_spec.h"

namespace {

using bulkhead::base::ElementType;
using bulkhead::base::GraphDescription;
using bulkhead::base::TensorSpec;

TensorSpec MakeTensor(FuzzedDataProvider& data, const char* name) {
  TensorSpec tensor;
  tensor.name = name;
  tensor.type = data.ConsumeBool() ? ElementType::kFloat32 : ElementType::kFloat16;
  const auto rank = data.ConsumeIntegralInRange<int>(0, 5);
  for (int i = 0; i < rank; ++i) {
    constexpr int64_t kUsual[] = {1, 3, 4, 6, 32, 84, 85, 116, 300, 640, 8400, 25200};
    tensor.dims.push_back(data.ConsumeBool() ? data.PickValueInArray(kUsual)
                                             : data.ConsumeIntegral<int64_t>());
  }
  return tensor;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t size) {
  FuzzedDataProvider data(bytes, size);
  GraphDescription graph;
  graph.inputs.push_back(MakeTensor(data, "images"));
  if (data.ConsumeBool()) graph.inputs.front().dims = {1, 3, 640, 640};
  for (int i = data.ConsumeIntegralInRange<int>(0, 2); i > 0; --i) {
    graph.outputs.push_back(MakeTensor(data, "output"));
  }
  constexpr const char* kKeys[] = {"description", "task",      "names",   "stride", "imgsz",
                                   "channels",    "kpt_shape", "end2end", "args",   "head"};
  for (const char* key : kKeys) {
    if (data.ConsumeBool()) graph.metadata[key] = data.ConsumeRandomLengthString(200);
  }
  bulkhead::yolo::SpecOverrides overrides;
  if (data.ConsumeBool()) {
    constexpr bulkhead::yolo::Task kTasks[] = {
        bulkhead::yolo::Task::kDetect, bulkhead::yolo::Task::kSegment, bulkhead::yolo::Task::kPose,
        bulkhead::yolo::Task::kObb, bulkhead::yolo::Task::kClassify};
    overrides.task = data.PickValueInArray(kTasks);
  }
  const auto spec = bulkhead::yolo::ReadModelSpec(graph, overrides);
  if (!spec.ok()) return 0;
  BH_CHECK(!spec.value().family.empty());
  BH_CHECK(!spec.value().class_names.empty());
  BH_CHECK(spec.value().class_names.size() <= bulkhead::yolo::kClassesMax);
  BH_CHECK(spec.value().stride >= 1 && spec.value().stride <= bulkhead::yolo::kStrideMax);
  BH_CHECK(spec.value().default_height >= 1);
  BH_CHECK(spec.value().default_height <= bulkhead::yolo::kImageSideMax);
  return 0;
}
