// SPDX-License-Identifier: Apache-2.0
#include "gateway/graph_tensors.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace bulkhead::gateway {
namespace {

base::Error Bad(std::string message) {
  return base::PublicError(base::Code::kInvalid, std::move(message));
}

std::string NameOf(base::ElementType type) {
  return std::string(openinference::DatatypeName(type).value_or("another type"));
}

std::optional<std::size_t> PlaceOf(const std::vector<base::TensorSpec>& tensors,
                                   const std::string& name) {
  const auto found = std::ranges::find(tensors, name, &base::TensorSpec::name);
  if (found == tensors.end()) return std::nullopt;
  return static_cast<std::size_t>(found - tensors.begin());
}

bool Fits(const std::vector<int64_t>& dims, const std::vector<int64_t>& declared) {
  return std::ranges::equal(dims, declared, [](int64_t dim, int64_t fixed) {
    return fixed < 0 ? dim > 0 : dim == fixed;
  });
}

base::Status Check(const openinference::Tensor& tensor, const base::TensorSpec& declared) {
  if (tensor.type != declared.type) {
    return Bad(fmt::format("input '{}' must be {}, not {}", declared.name, NameOf(declared.type),
                           NameOf(tensor.type)));
  }
  if (!Fits(tensor.dims, declared.dims)) {
    return Bad(fmt::format("input '{}' must have the shape {}, not {}", declared.name,
                           base::FormatDims(declared.dims), base::FormatDims(tensor.dims)));
  }
  return base::Ok();
}

base::Result<std::vector<uint32_t>> Wanted(const openinference::InferRequest& request,
                                           const std::vector<base::TensorSpec>& outputs) {
  std::vector<uint32_t> wanted;
  for (const openinference::RequestedOutput& output : request.outputs) {
    const auto place = PlaceOf(outputs, output.name);
    if (!place) return Bad("the model has no output of a name that was asked for");
    const auto index = static_cast<uint32_t>(*place);
    if (std::ranges::find(wanted, index) != wanted.end()) {
      return Bad(fmt::format("output '{}' is asked for twice", outputs[*place].name));
    }
    wanted.push_back(index);
  }
  return wanted;
}

}  // namespace

base::Result<channel::InferRequest> GraphRequest(const openinference::InferRequest& request,
                                                 const channel::Hello& hello) {
  if (request.inputs.size() != hello.inputs.size()) {
    return Bad(fmt::format("the model has {} input(s), the request {}", hello.inputs.size(),
                           request.inputs.size()));
  }
  channel::InferRequest graph;
  graph.inputs.resize(hello.inputs.size());
  std::vector<bool> given(hello.inputs.size());
  for (const openinference::Tensor& tensor : request.inputs) {
    const auto place = PlaceOf(hello.inputs, tensor.name);
    if (!place) {
      return Bad(fmt::format("the model's input is named '{}'", hello.inputs.front().name));
    }
    if (given[*place]) return Bad(fmt::format("input '{}' comes twice", tensor.name));
    given[*place] = true;
    BH_TRY(Check(tensor, hello.inputs[*place]));
    graph.inputs[*place] = {tensor.type, tensor.dims, tensor.bytes.view()};
  }
  BH_ASSIGN(graph.outputs, Wanted(request, hello.outputs));
  return graph;
}

openinference::InferResponse GraphResponse(const channel::InferReply& reply,
                                           const channel::Hello& hello) {
  openinference::InferResponse response;
  for (const channel::InferOutput& output : reply.outputs) {
    openinference::Tensor tensor;
    tensor.name = hello.outputs.at(output.index).name;
    tensor.type = output.tensor.type;
    tensor.dims = output.tensor.dims;
    tensor.bytes = openinference::TensorBytes(output.tensor.bytes);
    response.outputs.push_back(std::move(tensor));
  }
  return response;
}

}  // namespace bulkhead::gateway
