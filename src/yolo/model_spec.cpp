// SPDX-License-Identifier: Apache-2.0
#include "yolo/model_spec.h"

#include <utility>

#include "base/check.h"
#include "yolo/head_layout.h"
#include "yolo/model_family.h"
#include "yolo/model_metadata.h"

namespace bulkhead::yolo {
namespace {

using base::Code;
using base::PublicError;

// The exporters' number of mask coefficients, where a fully dynamic graph does not show it.
constexpr int kDefaultMaskCoefficients = 32;
constexpr int kMaskCoefficientsMax = 1024;
constexpr int kBatchMax = 4096;

base::Result<std::optional<int>> ReadSide(int64_t dim, int max, std::string_view what) {
  if (dim < 0) return std::optional<int>();
  if (dim >= 1 && dim <= max) return std::optional<int>(static_cast<int>(dim));
  return PublicError(Code::kInvalid, "the input's " + std::string(what) + " is " +
                                         std::to_string(dim) + ", not within 1 to " +
                                         std::to_string(max));
}

base::Status CheckChannels(const base::TensorSpec& input, const ModelMetadata& metadata) {
  const int64_t channels = input.dims[1] < 0 ? metadata.channels.value_or(3) : input.dims[1];
  if (channels == 3) return base::Ok();
  if (input.dims[3] == 3) {
    return PublicError(Code::kUnsupported, "the input is " + base::FormatDims(input.dims) +
                                               ": channels last, where [N, 3, H, W] is read");
  }
  return PublicError(Code::kUnsupported, "the model takes pictures of " + std::to_string(channels) +
                                             (channels == 1 ? " channel" : " channels") +
                                             "; only models of 3 channels (RGB) are served");
}

base::Result<InputSpec> ReadInput(const base::GraphDescription& graph,
                                  const ModelMetadata& metadata) {
  if (graph.inputs.size() != 1) {
    return PublicError(Code::kUnsupported, "the graph has " + std::to_string(graph.inputs.size()) +
                                               " inputs, where a YOLO has one picture");
  }
  const base::TensorSpec& tensor = graph.inputs.front();
  if (tensor.type != base::ElementType::kFloat32 && tensor.type != base::ElementType::kFloat16) {
    return PublicError(Code::kUnsupported, "the input is " +
                                               std::string(base::ElementTypeName(tensor.type)) +
                                               ", where float32 or float16 is read");
  }
  if (tensor.dims.size() != 4) {
    return PublicError(Code::kInvalid, "the input is " + base::FormatDims(tensor.dims) +
                                           ", where a YOLO has [N, 3, H, W]");
  }
  BH_TRY(CheckChannels(tensor, metadata));
  InputSpec input;
  input.name = tensor.name;
  input.type = tensor.type;
  BH_ASSIGN(input.batch, ReadSide(tensor.dims[0], kBatchMax, "batch"));
  BH_ASSIGN(input.height, ReadSide(tensor.dims[2], kImageSideMax, "height"));
  BH_ASSIGN(input.width, ReadSide(tensor.dims[3], kImageSideMax, "width"));
  return input;
}

base::Status CheckOutput(const base::TensorSpec& output, const InputSpec& input) {
  if (output.type != base::ElementType::kFloat32 && output.type != base::ElementType::kFloat16) {
    return PublicError(Code::kUnsupported, output.name.substr(0, 64) + " is " +
                                               std::string(base::ElementTypeName(output.type)) +
                                               ", where float32 or float16 is read");
  }
  if (output.dims.empty()) return base::Ok();
  const int64_t batch = output.dims.front();
  if (batch < 0 || !input.batch || batch == *input.batch) return base::Ok();
  return PublicError(Code::kInvalid, "the input's batch is " + std::to_string(*input.batch) +
                                         " but that of " + output.name.substr(0, 64) + " is " +
                                         std::to_string(batch));
}

base::Status CheckOutputs(const base::GraphDescription& graph, const InputSpec& input) {
  if (graph.outputs.empty()) return PublicError(Code::kInvalid, "the graph has no output");
  for (const base::TensorSpec& output : graph.outputs) {
    if (output.name == "num_dets" || output.name == "num_detections") {
      return PublicError(
          Code::kUnsupported,
          "the graph ends in a detection plug-in (num_dets, ...); export it without");
    }
  }
  return CheckOutput(graph.outputs.front(), input);
}

// Without a task of its own the file is taken for one of the YOLOv5 repository, which writes only
// stride and names; its outputs tell the tasks apart.
base::Result<Task> DecideTask(const base::GraphDescription& graph, const ModelMetadata& metadata,
                              const SpecOverrides& overrides) {
  if (overrides.task) return *overrides.task;
  if (metadata.task) return *metadata.task;
  if (metadata.class_names.empty()) {
    return PublicError(Code::kInvalid,
                       "the file has no YOLO metadata (task, names); if it is a YOLO all the same, "
                       "give its task (--task)");
  }
  const std::size_t rank = graph.outputs.front().dims.size();
  if (rank == 2) return Task::kClassify;
  const bool prototypes = graph.outputs.size() >= 2 && graph.outputs[1].dims.size() == 4;
  if (rank == 3) return prototypes ? Task::kSegment : Task::kDetect;
  return PublicError(Code::kInvalid, "metadata names no task and output0 is " +
                                         base::FormatDims(graph.outputs.front().dims) +
                                         "; give the task (--task)");
}

base::Result<int> ReadMaskCoefficients(const base::GraphDescription& graph,
                                       const InputSpec& input) {
  if (graph.outputs.size() < 2 || graph.outputs[1].dims.size() != 4) {
    return PublicError(Code::kInvalid,
                       "a segment model has mask prototypes [N, masks, H, W] as its second output");
  }
  BH_TRY(CheckOutput(graph.outputs[1], input));
  const int64_t masks = graph.outputs[1].dims[1];
  if (masks < 0) return kDefaultMaskCoefficients;
  if (masks >= 1 && masks <= kMaskCoefficientsMax) return static_cast<int>(masks);
  return PublicError(Code::kInvalid,
                     "the second output has " + std::to_string(masks) + " mask prototypes");
}

// Fills what a task adds to a row, and returns its number of columns.
base::Result<int64_t> ReadExtraColumns(const base::GraphDescription& graph,
                                       const ModelMetadata& metadata, ModelSpec& spec) {
  switch (spec.task) {
    case Task::kDetect:
    case Task::kClassify:
      return int64_t{0};
    case Task::kObb:
      return int64_t{1};
    case Task::kSegment: {
      BH_ASSIGN(spec.mask_coefficients, ReadMaskCoefficients(graph, spec.input));
      return int64_t{spec.mask_coefficients};
    }
    case Task::kPose:
      if (metadata.keypoints.count == 0) {
        return PublicError(Code::kInvalid, "metadata kpt_shape is missing from a pose model");
      }
      spec.keypoints = metadata.keypoints;
      return int64_t{spec.keypoints.count} * spec.keypoints.dims;
  }
  BH_CHECK(false);
}

base::Status NameClasses(const std::vector<int64_t>& dims, int64_t extra, ModelSpec& spec) {
  const auto shown = ClassesInShape(spec.head, dims, extra);
  if (spec.class_names.empty()) {
    if (!shown || *shown < 1 || std::cmp_greater(*shown, kClassesMax)) {
      return PublicError(Code::kInvalid,
                         "metadata names is missing, and output0 (" + base::FormatDims(dims) +
                             ") does not show the number of classes; give the class names");
    }
    for (int64_t i = 0; i < *shown; ++i) {
      spec.class_names.push_back(UnnamedClass(static_cast<std::size_t>(i)));
    }
  }
  if (!shown || std::cmp_equal(*shown, spec.class_names.size())) return base::Ok();
  return PublicError(Code::kInvalid, "there are " + std::to_string(spec.class_names.size()) +
                                         " class names but output0 is " + base::FormatDims(dims));
}

base::Status ReadHead(const base::GraphDescription& graph, const ModelMetadata& metadata,
                      const SpecOverrides& overrides, ModelSpec& spec) {
  const std::vector<int64_t>& dims = graph.outputs.front().dims;
  const std::size_t rank = spec.task == Task::kClassify ? 2 : 3;
  if (dims.size() != rank) {
    return PublicError(Code::kInvalid, "output0 of a " + std::string(TaskName(spec.task)) +
                                           " model has " + std::to_string(rank) +
                                           " dimensions; it is " + base::FormatDims(dims));
  }
  BH_ASSIGN(const int64_t extra, ReadExtraColumns(graph, metadata, spec));
  if (spec.task == Task::kClassify) {
    spec.head = HeadLayout::kClassScores;
    return NameClasses(dims, extra, spec);
  }
  HeadQuestion question;
  question.task = spec.task;
  if (!spec.class_names.empty()) {
    question.classes = static_cast<int64_t>(spec.class_names.size());
  }
  question.extra = extra;
  question.dims = dims;
  question.height = spec.input.height;
  question.width = spec.input.width;
  question.end_to_end = metadata.end_to_end;
  question.nms = metadata.nms;
  question.yolov10 = spec.family == "YOLOv10";
  question.exporter_names_task = metadata.task.has_value();
  question.override_with = overrides.head;
  BH_ASSIGN(spec.head, DecideHeadLayout(question));
  spec.nms_in_graph = spec.head == HeadLayout::kEndToEnd;
  return NameClasses(dims, extra, spec);
}

// A static side is the graph's; a dynamic one is the override's, the metadata's, or 640.
base::Result<int> DecideSide(std::optional<int> in_graph, std::optional<int> in_metadata,
                             std::optional<int> override_with, int stride, const char* what) {
  if (override_with && (*override_with < 1 || *override_with > kImageSideMax)) {
    return PublicError(Code::kInvalid, "the image " + std::string(what) +
                                           " given is not within 1 to " +
                                           std::to_string(kImageSideMax));
  }
  if (in_graph) {
    if (!override_with || *override_with == *in_graph) return *in_graph;
    return PublicError(Code::kInvalid, "the model's " + std::string(what) + " is fixed to " +
                                           std::to_string(*in_graph));
  }
  const int side = override_with.value_or(in_metadata.value_or(640));
  if (side % stride == 0) return side;
  return PublicError(Code::kInvalid, "the image " + std::string(what) + " " + std::to_string(side) +
                                         " is no multiple of the stride " + std::to_string(stride));
}

base::Status ReadSizes(const ModelMetadata& metadata, const SpecOverrides& overrides,
                       ModelSpec& spec) {
  spec.stride = overrides.stride.value_or(metadata.stride.value_or(spec.stride));
  if (spec.stride < 1 || spec.stride > kStrideMax) {
    return PublicError(Code::kInvalid,
                       "the stride given is not within 1 to " + std::to_string(kStrideMax));
  }
  BH_ASSIGN(spec.default_height, DecideSide(spec.input.height, metadata.image_height,
                                            overrides.image_height, spec.stride, "height"));
  BH_ASSIGN(spec.default_width, DecideSide(spec.input.width, metadata.image_width,
                                           overrides.image_width, spec.stride, "width"));
  return base::Ok();
}

std::string FamilyByLayout(HeadLayout head) {
  switch (head) {
    case HeadLayout::kAnchorBased:
      return "YOLO (anchor-based)";
    case HeadLayout::kAnchorFree:
      return "YOLO (anchor-free)";
    case HeadLayout::kEndToEnd:
      return "YOLO (end to end)";
    case HeadLayout::kClassScores:
      return "YOLO (classification)";
  }
  BH_CHECK(false);
}

// The u marks versions 3 and 5 with the anchor-free head that Ultralytics gave them later.
void NameFamily(bool yolov5_repository, ModelSpec& spec) {
  const bool has_u_variant = spec.family == "YOLOv5" || spec.family == "YOLOv3";
  if (has_u_variant && spec.head == HeadLayout::kAnchorFree) spec.family += 'u';
  if (!spec.family.empty()) return;
  const bool yolov5_head =
      spec.head == HeadLayout::kAnchorBased || spec.head == HeadLayout::kClassScores;
  spec.family = yolov5_repository && yolov5_head ? "YOLOv5" : FamilyByLayout(spec.head);
}

base::Status CheckDecoded(const ModelMetadata& metadata) {
  const bool transformer = metadata.head == "RTDETRDecoder" ||
                           metadata.description.find("rtdetr") != std::string::npos ||
                           metadata.description.find("RTDETR") != std::string::npos;
  if (!transformer) return base::Ok();
  return PublicError(Code::kUnsupported, "RT-DETR is not one of the YOLO families served");
}

}  // namespace

base::Result<ModelSpec> ReadModelSpec(const base::GraphDescription& graph,
                                      const SpecOverrides& overrides) {
  BH_ASSIGN(ModelMetadata metadata, ReadModelMetadata(graph.metadata));
  BH_TRY(CheckDecoded(metadata));
  ModelFamily family = ParseModelFamily(metadata.description);
  ModelSpec spec;
  spec.family = std::move(family.family);
  spec.size = std::move(family.size);
  BH_ASSIGN(spec.input, ReadInput(graph, metadata));
  BH_TRY(CheckOutputs(graph, spec.input));
  BH_ASSIGN(spec.task, DecideTask(graph, metadata, overrides));
  spec.class_names = overrides.class_names.empty() ? metadata.class_names : overrides.class_names;
  BH_TRY(ReadHead(graph, metadata, overrides, spec));
  BH_TRY(ReadSizes(metadata, overrides, spec));
  // The YOLOv5 repository writes stride and names, and neither task nor description.
  const bool yolov5_repository =
      !metadata.task && metadata.description.empty() && metadata.stride.has_value();
  spec.imagenet_normalisation = yolov5_repository && spec.task == Task::kClassify;
  NameFamily(yolov5_repository, spec);
  return spec;
}

std::string_view TaskName(Task task) {
  switch (task) {
    case Task::kDetect:
      return "detect";
    case Task::kSegment:
      return "segment";
    case Task::kPose:
      return "pose";
    case Task::kObb:
      return "obb";
    case Task::kClassify:
      return "classify";
  }
  BH_CHECK(false);
}

std::optional<Task> ParseTask(std::string_view name) {
  for (const Task task :
       {Task::kDetect, Task::kSegment, Task::kPose, Task::kObb, Task::kClassify}) {
    if (name == TaskName(task)) return task;
  }
  return std::nullopt;
}

std::string_view HeadLayoutName(HeadLayout head) {
  switch (head) {
    case HeadLayout::kAnchorBased:
      return "anchor-based";
    case HeadLayout::kAnchorFree:
      return "anchor-free";
    case HeadLayout::kEndToEnd:
      return "end-to-end";
    case HeadLayout::kClassScores:
      return "class-scores";
  }
  BH_CHECK(false);
}

}  // namespace bulkhead::yolo
