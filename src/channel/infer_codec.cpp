// SPDX-License-Identifier: Apache-2.0
#include "channel/infer_codec.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "channel/limits.h"
#include "channel/message_header.h"
#include "channel/tensor_rules.h"

namespace bulkhead::channel {
namespace {

constexpr std::size_t kTimesBytes = 2 * 8;

void WriteDims(const base::TensorView& tensor, base::ByteWriter& writer) {
  for (const int64_t dim : tensor.dims) writer.Write<int64_t>(dim);
}

base::TensorView ReadDims(const base::TensorSpec& declared, base::ByteReader& reader) {
  base::TensorView tensor{.type = declared.type, .dims = {}, .bytes = {}};
  tensor.dims.resize(declared.dims.size());
  for (int64_t& dim : tensor.dims) dim = reader.Read<int64_t>();
  return tensor;
}

// The bytes that the tensor's own dimensions say.
void ReadContent(base::TensorView& tensor, base::ByteReader& reader) {
  const auto bytes = TensorBytes(tensor.type, tensor.dims);
  if (!bytes) reader.Fail();
  if (reader.ok()) tensor.bytes = reader.ReadBytes(*bytes);
}

// From the end of the front to the first input.
std::size_t PaddingAfter(std::size_t front_bytes) {
  return (kTensorAlignment - (kHeaderBytes + front_bytes) % kTensorAlignment) % kTensorAlignment;
}

bool IsStep(std::chrono::nanoseconds time) { return time.count() >= 0 && time <= kStepTimeMax; }

}  // namespace

std::vector<std::byte> EncodeInferFront(std::span<const base::TensorView> inputs,
                                        std::span<const uint32_t> wanted) {
  base::ByteWriter writer;
  writer.Write<uint32_t>(static_cast<uint32_t>(wanted.size()));
  for (const uint32_t index : wanted) writer.Write<uint32_t>(index);
  for (const base::TensorView& input : inputs) WriteDims(input, writer);
  writer.WriteZeros(PaddingAfter(writer.size()));
  return std::move(writer).Take();
}

base::Result<Inference> DecodeInfer(std::span<const base::TensorSpec> declared_inputs,
                                    std::span<const base::TensorSpec> declared_outputs,
                                    std::span<const std::byte> body) {
  base::ByteReader reader(body);
  Inference read;
  read.wanted.resize(reader.ReadCount(declared_outputs.size(), sizeof(uint32_t)));
  for (uint32_t& index : read.wanted) index = reader.Read<uint32_t>();
  for (const base::TensorSpec& declared : declared_inputs) {
    read.inputs.push_back(ReadDims(declared, reader));
  }
  reader.ReadZeros(PaddingAfter(body.size() - reader.remaining()));
  for (base::TensorView& input : read.inputs) ReadContent(input, reader);
  if (!reader.finished()) return Breach("tensors that do not parse");
  const bool allowed = read.wanted.empty() == declared_outputs.empty() &&
                       CheckWanted(declared_outputs, read.wanted).ok() &&
                       CheckInputs(declared_inputs, read.inputs).ok();
  if (!allowed) return Breach("tensors that are not those of the graph");
  return read;
}

std::vector<std::byte> EncodeInferReplyFront(const InferReply& reply) {
  base::ByteWriter writer;
  writer.Write<int64_t>(reply.times.queue.count());
  writer.Write<int64_t>(reply.times.infer.count());
  for (const InferOutput& output : reply.outputs) WriteDims(output.tensor, writer);
  return std::move(writer).Take();
}

std::size_t InferReplyBytesMax(std::span<const base::TensorSpec> declared,
                               std::span<const uint32_t> wanted) {
  std::size_t front = kTimesBytes;
  std::size_t left = kTensorBytesMax;
  for (const uint32_t index : wanted) {
    front += sizeof(int64_t) * declared[index].dims.size();
    left -= std::min(TensorBytes(declared[index].type, declared[index].dims).value_or(left), left);
  }
  return front + kTensorBytesMax - left;
}

base::Result<InferReply> DecodeInferReply(RequestId id, std::span<const base::TensorSpec> declared,
                                          std::span<const uint32_t> wanted,
                                          std::span<const std::byte> body) {
  base::ByteReader reader(body);
  InferReply reply;
  reply.id = id;
  reply.times.queue = std::chrono::nanoseconds(reader.Read<int64_t>());
  reply.times.infer = std::chrono::nanoseconds(reader.Read<int64_t>());
  for (const uint32_t index : wanted) {
    reply.outputs.push_back({index, ReadDims(declared[index], reader)});
  }
  for (InferOutput& output : reply.outputs) ReadContent(output.tensor, reader);
  if (!reader.finished()) return Breach("outputs that do not parse");
  if (!IsStep(reply.times.queue) || !IsStep(reply.times.infer)) {
    return Breach("a step time out of its range");
  }
  if (const base::Status checked = CheckOutputs(declared, reply.outputs); !checked.ok()) {
    return Breach("outputs that are not those of the graph: " + checked.error().detail);
  }
  return reply;
}

}  // namespace bulkhead::channel
