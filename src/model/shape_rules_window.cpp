// SPDX-License-Identifier: Apache-2.0
// Operators that slide a window over space: convolution, pooling, resizing.
#include <algorithm>
#include <cmath>

#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

// Where a window stands, per spatial axis; ONNX's defaults filled in.
struct Window {
  Dims kernel;
  Dims strides;
  Dims dilations;
  Dims pads;  // all begins, then all ends
};

bool WithinAttributeBounds(const Dims& values, int64_t min) {
  return std::all_of(values.begin(), values.end(),
                     [min](int64_t value) { return value >= min && value <= kAttributeMax; });
}

std::optional<Window> ReadWindow(const RuleCall& call, Dims kernel) {
  Window window;
  const std::size_t axes = kernel.size();
  if (const auto* given = call.AttributeInts("kernel_shape")) kernel = *given;
  window.kernel = std::move(kernel);
  const auto read = [&](const char* name, std::size_t size, int64_t otherwise) {
    const auto* given = call.AttributeInts(name);
    return given != nullptr ? *given : Dims(size, otherwise);
  };
  window.strides = read("strides", axes, 1);
  window.dilations = read("dilations", axes, 1);
  window.pads = read("pads", 2 * axes, 0);
  const bool sizes_fit = window.kernel.size() == axes && window.strides.size() == axes &&
                         window.dilations.size() == axes && window.pads.size() == 2 * axes;
  if (!sizes_fit || !WithinAttributeBounds(window.kernel, 1) ||
      !WithinAttributeBounds(window.strides, 1) || !WithinAttributeBounds(window.dilations, 1) ||
      !WithinAttributeBounds(window.pads, -kAttributeMax)) {
    return std::nullopt;
  }
  return window;
}

// Positions of the window along one axis.
std::optional<int64_t> WindowCount(const RuleCall& call, const Window& window, std::size_t axis,
                                   int64_t size) {
  const std::size_t axes = window.kernel.size();
  const int64_t stride = window.strides[axis];
  const int64_t extent = window.dilations[axis] * (window.kernel[axis] - 1) + 1;
  const std::string_view auto_pad = call.AttributeText("auto_pad");
  if (auto_pad == "SAME_UPPER" || auto_pad == "SAME_LOWER") return (size + stride - 1) / stride;
  const bool padded = auto_pad != "VALID";
  const int64_t begin = padded ? window.pads[axis] : 0;
  const int64_t end = padded ? window.pads[axes + axis] : 0;
  const int64_t room = size + begin + end - extent;
  if (room < 0) return std::nullopt;
  if (call.Attribute("ceil_mode", 0) == 0) return room / stride + 1;
  // A window of the ceiling kind must still begin within the input or its left padding.
  const int64_t count = (room + stride - 1) / stride + 1;
  return (count - 1) * stride >= size + begin ? count - 1 : count;
}

std::optional<Dims> Slide(const RuleCall& call, const Window& window, const Dims& input,
                          int64_t channels) {
  Dims out = {input[0], channels};
  for (std::size_t axis = 0; axis < window.kernel.size(); ++axis) {
    const auto count = WindowCount(call, window, axis, input[axis + 2]);
    if (!count) return std::nullopt;
    out.push_back(*count);
  }
  return out;
}

std::optional<Tensors> Conv(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* weights = call.Input(1);
  if (input == nullptr || weights == nullptr || input->dims.size() < 3 ||
      weights->dims.size() != input->dims.size()) {
    return std::nullopt;
  }
  const auto window = ReadWindow(call, Dims(weights->dims.begin() + 2, weights->dims.end()));
  if (!window) return std::nullopt;
  auto dims = Slide(call, *window, input->dims, weights->dims[0]);
  if (!dims) return std::nullopt;
  return One(input->type, *std::move(dims));
}

std::optional<Tensors> ConvTranspose(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const InferredTensor* weights = call.Input(1);
  const int64_t group = call.Attribute("group", 1);
  if (input == nullptr || weights == nullptr || input->dims.size() < 3 ||
      weights->dims.size() != input->dims.size() || group < 1 || group > kAttributeMax ||
      weights->dims[1] > kAttributeMax || call.AttributeInts("output_shape") != nullptr) {
    return std::nullopt;
  }
  const auto window = ReadWindow(call, Dims(weights->dims.begin() + 2, weights->dims.end()));
  if (!window) return std::nullopt;
  const std::string_view auto_pad = call.AttributeText("auto_pad");
  const auto* more = call.AttributeInts("output_padding");
  const std::size_t axes = window->kernel.size();
  if (more != nullptr && (more->size() != axes || !WithinAttributeBounds(*more, 0))) {
    return std::nullopt;
  }
  Dims dims = {input->dims[0], weights->dims[1] * group};
  for (std::size_t axis = 0; axis < axes; ++axis) {
    const int64_t size = input->dims[axis + 2];
    if (size > kAttributeMax) return std::nullopt;
    if (auto_pad.starts_with("SAME")) {
      dims.push_back(size * window->strides[axis]);
      continue;
    }
    const int64_t extent = window->dilations[axis] * (window->kernel[axis] - 1) + 1;
    const int64_t pads = auto_pad == "VALID" ? 0 : window->pads[axis] + window->pads[axes + axis];
    dims.push_back(window->strides[axis] * (size - 1) + extent - pads +
                   (more != nullptr ? (*more)[axis] : 0));
  }
  return One(input->type, std::move(dims));
}

std::optional<Tensors> Pool(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* kernel = call.AttributeInts("kernel_shape");
  if (input == nullptr || kernel == nullptr || kernel->empty() ||
      input->dims.size() != kernel->size() + 2) {
    return std::nullopt;
  }
  const auto window = ReadWindow(call, *kernel);
  if (!window) return std::nullopt;
  const auto dims = Slide(call, *window, input->dims, input->dims[1]);
  if (!dims) return std::nullopt;
  Tensors out = One(input->type, *dims);
  out.push_back({base::ElementType::kInt64, *dims, {}, {}});  // MaxPool's indices
  return out;
}

std::optional<Tensors> GlobalPool(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr || input->dims.size() < 3) return std::nullopt;
  Dims dims = input->dims;
  std::fill(dims.begin() + 2, dims.end(), 1);
  return One(input->type, std::move(dims));
}

std::optional<Tensors> ScaleBy(const InferredTensor& input, const std::vector<float>& scales,
                               const std::vector<int64_t>* axes) {
  Dims dims = input.dims;
  if (scales.size() != (axes != nullptr ? axes->size() : dims.size())) return std::nullopt;
  for (std::size_t i = 0; i < scales.size(); ++i) {
    const auto axis =
        NormalAxis(axes != nullptr ? (*axes)[i] : static_cast<int64_t>(i), dims.size());
    if (!axis || !(scales[i] > 0) || scales[i] > static_cast<float>(kAttributeMax)) {
      return std::nullopt;
    }
    const double scaled = std::floor(static_cast<double>(dims[*axis]) * scales[i]);
    if (scaled > static_cast<double>(kElementsMax)) return std::nullopt;
    dims[*axis] = static_cast<int64_t>(scaled);
  }
  return One(input.type, std::move(dims));
}

std::optional<Tensors> ResizeTo(const InferredTensor& input, const std::vector<int64_t>& sizes,
                                const std::vector<int64_t>* axes) {
  Dims dims = input.dims;
  if (sizes.size() != (axes != nullptr ? axes->size() : dims.size())) return std::nullopt;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const auto axis =
        NormalAxis(axes != nullptr ? (*axes)[i] : static_cast<int64_t>(i), dims.size());
    if (!axis) return std::nullopt;
    dims[*axis] = sizes[i];
  }
  return One(input.type, std::move(dims));
}

// Opset 10 takes (x, scales); from 11 on (x, roi, scales, sizes), of which one is given.
std::optional<Tensors> Resize(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto* axes = call.AttributeInts("axes");
  const std::string_view policy = call.AttributeText("keep_aspect_ratio_policy");
  if (!policy.empty() && policy != "stretch") return std::nullopt;
  if (const auto* sizes = call.Ints(3); sizes != nullptr && !sizes->empty()) {
    return ResizeTo(*input, *sizes, axes);
  }
  const auto* scales = call.Floats(call.inputs.size() == 2 ? 1 : 2);
  if (scales == nullptr) return std::nullopt;
  return ScaleBy(*input, *scales, axes);
}

std::optional<Tensors> Upsample(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto* scales = call.Floats(1);
  if (const auto given = call.node.attributes.find("scales");
      scales == nullptr && given != call.node.attributes.end()) {
    scales = std::get_if<std::vector<float>>(&given->second);
  }
  if (scales == nullptr) return std::nullopt;
  return ScaleBy(*input, *scales, nullptr);
}

}  // namespace

const RuleTable& WindowRules() {
  static const RuleTable kRules = {
      {"Conv", Conv},
      {"ConvTranspose", ConvTranspose},
      {"MaxPool", Pool},
      {"AveragePool", Pool},
      {"LpPool", Pool},
      {"GlobalAveragePool", GlobalPool},
      {"GlobalMaxPool", GlobalPool},
      {"Resize", Resize},
      {"Upsample", Upsample},
  };
  return kRules;
}

}  // namespace bulkhead::model
