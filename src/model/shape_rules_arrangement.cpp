// SPDX-License-Identifier: Apache-2.0
// Operators that move elements without computing on them.
#include <algorithm>
#include <numeric>

#include "base/checked_math.h"
#include "model/shape_rules.h"

namespace bulkhead::model {
namespace {

// A new shape over the same elements, constants kept.
Tensors Reshaped(const InferredTensor& input, Dims dims) {
  return {InferredTensor{input.type, std::move(dims), input.ints, input.floats}};
}

std::optional<Tensors> Concat(const RuleCall& call) {
  const InferredTensor* first = call.Input(0);
  if (first == nullptr) return std::nullopt;
  const auto axis = NormalAxis(call.Attribute("axis", 1), first->dims.size());
  if (!axis) return std::nullopt;
  InferredTensor out = *first;
  for (std::size_t i = 1; i < call.inputs.size(); ++i) {
    const InferredTensor* next = call.Input(i);
    if (next == nullptr || next->dims.size() != out.dims.size()) return std::nullopt;
    for (std::size_t d = 0; d < out.dims.size(); ++d) {
      if (d != *axis && next->dims[d] != out.dims[d]) return std::nullopt;
    }
    const auto sum = base::CheckedAdd(out.dims[*axis], next->dims[*axis]);
    if (!sum) return std::nullopt;
    out.dims[*axis] = *sum;
    if (out.ints && next->ints && out.dims.size() == 1 &&
        out.ints->size() + next->ints->size() <= kFoldedValuesMax) {
      out.ints->insert(out.ints->end(), next->ints->begin(), next->ints->end());
    } else {
      out.ints.reset();
    }
  }
  if (call.inputs.size() > 1) out.floats.reset();
  return Tensors{std::move(out)};
}

std::optional<Tensors> Split(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto axis = NormalAxis(call.Attribute("axis", 0), input->dims.size());
  if (!axis) return std::nullopt;
  const int64_t size = input->dims[*axis];
  const auto parts = static_cast<int64_t>(call.node.outputs.size());
  const auto* given = call.IntsFromEither(1, "split");
  if (given == nullptr && call.Input(1) != nullptr) return std::nullopt;
  if (given != nullptr && static_cast<int64_t>(given->size()) != parts) return std::nullopt;
  if (parts == 0) return std::nullopt;
  const int64_t even = (size + parts - 1) / parts;
  int64_t left = size;
  Tensors out;
  for (std::size_t i = 0; i < call.node.outputs.size(); ++i) {
    Dims dims = input->dims;
    dims[*axis] = given != nullptr ? (*given)[i] : std::min(even, left);
    if (dims[*axis] < 0 || dims[*axis] > left) return std::nullopt;
    left -= dims[*axis];
    out.push_back({input->type, std::move(dims), {}, {}});
  }
  return out;
}

struct Range {
  int64_t start = 0;
  int64_t step = 1;
  int64_t count = 0;
};

// Slice's clamping of one axis (operator definition of Slice-13).
std::optional<Range> ClampRange(int64_t start, int64_t end, int64_t step, int64_t size) {
  if (step == 0) return std::nullopt;
  const auto wrap = [size](int64_t at, int64_t low, int64_t high) {
    return std::clamp(at < 0 ? std::max(at, -size - 1) + size : at, low, high);
  };
  const bool forward = step > 0;
  start = forward ? wrap(start, 0, size) : wrap(start, 0, std::max<int64_t>(size - 1, 0));
  end = forward ? wrap(end, 0, size) : wrap(end, -1, std::max<int64_t>(size - 1, 0));
  // Beyond the bounds a step's size makes no difference, and its negation could overflow.
  step = std::clamp(step, -kElementsMax, kElementsMax);
  const int64_t distance = forward ? end - start : start - end;
  const int64_t stride = forward ? step : -step;
  const int64_t count = distance <= 0 ? 0 : (distance + stride - 1) / stride;
  return Range{start, step, count};
}

std::optional<Tensors> Slice(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* starts = call.IntsFromEither(1, "starts");
  const auto* ends = call.IntsFromEither(2, "ends");
  const auto* axes = call.IntsFromEither(3, "axes");
  const auto* steps = call.Ints(4);
  if (input == nullptr || starts == nullptr || ends == nullptr || starts->size() != ends->size() ||
      (call.Input(3) != nullptr && axes == nullptr) ||
      (call.Input(4) != nullptr && steps == nullptr) ||
      (axes != nullptr && axes->size() != starts->size()) ||
      (steps != nullptr && steps->size() != starts->size())) {
    return std::nullopt;
  }
  InferredTensor out{input->type, input->dims, std::nullopt, std::nullopt};
  std::optional<Range> last;
  for (std::size_t i = 0; i < starts->size(); ++i) {
    const auto axis =
        NormalAxis(axes != nullptr ? (*axes)[i] : static_cast<int64_t>(i), out.dims.size());
    if (!axis) return std::nullopt;
    last = ClampRange((*starts)[i], (*ends)[i], steps != nullptr ? (*steps)[i] : 1,
                      input->dims[*axis]);
    if (!last) return std::nullopt;
    out.dims[*axis] = last->count;
  }
  if (input->ints && input->dims.size() == 1 && last && starts->size() == 1) {
    out.ints.emplace();
    for (int64_t i = 0; i < last->count; ++i) {
      out.ints->push_back((*input->ints)[static_cast<std::size_t>(last->start + i * last->step)]);
    }
  }
  return Tensors{std::move(out)};
}

std::optional<Tensors> Reshape(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* shape = call.IntsFromEither(1, "shape");
  if (input == nullptr || shape == nullptr || shape->size() > kRankMax) return std::nullopt;
  Dims dims = *shape;
  std::optional<std::size_t> open;
  int64_t known = 1;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    if (dims[i] == 0 && call.Attribute("allowzero", 0) == 0) {
      if (i >= input->dims.size()) return std::nullopt;
      dims[i] = input->dims[i];
    }
    if (dims[i] == -1 && !open) {
      open = i;
      continue;
    }
    if (dims[i] < 0 || dims[i] > kElementsMax) return std::nullopt;
    const auto product = base::CheckedMul(known, dims[i]);
    if (!product) return std::nullopt;
    known = *product;
  }
  const int64_t total = Product(input->dims);
  if (open) {
    if (known == 0 || total % known != 0) return std::nullopt;
    dims[*open] = total / known;
  } else if (known != total) {
    return std::nullopt;
  }
  return Reshaped(*input, std::move(dims));
}

std::optional<Tensors> Flatten(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const auto rank = static_cast<int64_t>(input->dims.size());
  int64_t axis = call.Attribute("axis", 1);
  if (axis < -rank || axis > rank) return std::nullopt;
  if (axis < 0) axis += rank;
  const auto middle = input->dims.begin() + axis;
  return Reshaped(*input, {Product(Dims(input->dims.begin(), middle)),
                           Product(Dims(middle, input->dims.end()))});
}

std::optional<Tensors> Transpose(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  if (input == nullptr) return std::nullopt;
  const std::size_t rank = input->dims.size();
  Dims order(rank);
  std::iota(order.rbegin(), order.rend(), 0);
  if (const auto* given = call.AttributeInts("perm")) order = *given;
  if (order.size() != rank) return std::nullopt;
  Dims dims;
  std::vector<bool> used(rank);
  for (const int64_t from : order) {
    const auto axis = NormalAxis(from, rank);
    if (!axis || used[*axis]) return std::nullopt;
    used[*axis] = true;
    dims.push_back(input->dims[*axis]);
  }
  return One(input->type, std::move(dims));
}

// Marks the axes that a list names in a shape of `rank` dimensions.
std::optional<std::vector<bool>> MarkAxes(const std::vector<int64_t>& axes, std::size_t rank) {
  std::vector<bool> marked(rank);
  for (const int64_t given : axes) {
    const auto axis = NormalAxis(given, rank);
    if (!axis || marked[*axis]) return std::nullopt;
    marked[*axis] = true;
  }
  return marked;
}

std::optional<Tensors> Squeeze(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* axes = call.IntsFromEither(1, "axes");
  if (input == nullptr || (call.Input(1) != nullptr && axes == nullptr)) return std::nullopt;
  const auto marked = axes != nullptr ? MarkAxes(*axes, input->dims.size()) : std::nullopt;
  if (axes != nullptr && !marked) return std::nullopt;
  Dims dims;
  for (std::size_t i = 0; i < input->dims.size(); ++i) {
    const bool drop = marked ? (*marked)[i] : input->dims[i] == 1;
    if (drop && input->dims[i] != 1) return std::nullopt;
    if (!drop) dims.push_back(input->dims[i]);
  }
  return Reshaped(*input, std::move(dims));
}

std::optional<Tensors> Unsqueeze(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* axes = call.IntsFromEither(1, "axes");
  if (input == nullptr || axes == nullptr || axes->size() > kRankMax) return std::nullopt;
  const std::size_t rank = input->dims.size() + axes->size();
  const auto marked = MarkAxes(*axes, rank);
  if (!marked) return std::nullopt;
  Dims dims;
  auto next = input->dims.begin();
  for (std::size_t i = 0; i < rank; ++i) dims.push_back((*marked)[i] ? 1 : *next++);
  return Reshaped(*input, std::move(dims));
}

std::optional<Tensors> Pad(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* pads = call.IntsFromEither(1, "pads");
  const auto* axes = call.Ints(3);
  if (input == nullptr || pads == nullptr || (call.Input(3) != nullptr && axes == nullptr)) {
    return std::nullopt;
  }
  const std::size_t count = axes != nullptr ? axes->size() : input->dims.size();
  if (pads->size() != 2 * count) return std::nullopt;
  Dims dims = input->dims;
  for (std::size_t i = 0; i < count; ++i) {
    const auto axis =
        NormalAxis(axes != nullptr ? (*axes)[i] : static_cast<int64_t>(i), dims.size());
    if (!axis) return std::nullopt;
    for (const int64_t pad : {(*pads)[i], (*pads)[count + i]}) {
      if (pad < -kElementsMax || pad > kElementsMax) return std::nullopt;
      dims[*axis] += pad;
      if (dims[*axis] > kElementsMax) return std::nullopt;
    }
  }
  return One(input->type, std::move(dims));
}

std::optional<Tensors> Expand(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* shape = call.Ints(1);
  if (input == nullptr || shape == nullptr || shape->size() > kRankMax) return std::nullopt;
  auto dims = Broadcast(input->dims, *shape);
  if (!dims) return std::nullopt;
  return One(input->type, *std::move(dims));
}

std::optional<Tensors> Tile(const RuleCall& call) {
  const InferredTensor* input = call.Input(0);
  const auto* repeats = call.Ints(1);
  if (input == nullptr || repeats == nullptr || repeats->size() != input->dims.size()) {
    return std::nullopt;
  }
  Dims dims = input->dims;
  for (std::size_t i = 0; i < dims.size(); ++i) {
    const auto product = base::CheckedMul(dims[i], (*repeats)[i]);
    if (!product) return std::nullopt;
    dims[i] = *product;
  }
  return One(input->type, std::move(dims));
}

std::optional<Tensors> MoveBlocks(const RuleCall& call, bool to_space) {
  const InferredTensor* input = call.Input(0);
  const int64_t block = call.Attribute("blocksize", 0);
  if (input == nullptr || input->dims.size() != 4 || block < 1 || block > 1024) {
    return std::nullopt;
  }
  Dims dims = input->dims;
  const int64_t area = block * block;
  if (to_space) {
    if (dims[1] % area != 0) return std::nullopt;
    dims[1] /= area;
    dims[2] *= block;
    dims[3] *= block;
  } else {
    if (dims[2] % block != 0 || dims[3] % block != 0) return std::nullopt;
    dims[1] *= area;
    dims[2] /= block;
    dims[3] /= block;
  }
  return One(input->type, std::move(dims));
}

std::optional<Tensors> DepthToSpace(const RuleCall& call) { return MoveBlocks(call, true); }
std::optional<Tensors> SpaceToDepth(const RuleCall& call) { return MoveBlocks(call, false); }

}  // namespace

const RuleTable& ArrangementRules() {
  static const RuleTable kRules = {
      {"Concat", Concat},
      {"Split", Split},
      {"Slice", Slice},
      {"Reshape", Reshape},
      {"Flatten", Flatten},
      {"Transpose", Transpose},
      {"Squeeze", Squeeze},
      {"Unsqueeze", Unsqueeze},
      {"Pad", Pad},
      {"Expand", Expand},
      {"Tile", Tile},
      {"DepthToSpace", DepthToSpace},
      {"SpaceToDepth", SpaceToDepth},
  };
  return kRules;
}

}  // namespace bulkhead::model
