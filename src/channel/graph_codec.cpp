// SPDX-License-Identifier: Apache-2.0
#include "channel/graph_codec.h"

#include <algorithm>
#include <cstdint>

#include "base/utf8.h"
#include "channel/limits.h"
#include "channel/wire_enum.h"

namespace bulkhead::channel {
namespace {

constexpr std::size_t kSpecBytesMin = 4 + 4;

base::TensorSpec ReadTensorSpec(base::ByteReader& reader) {
  base::TensorSpec spec;
  spec.name = reader.ReadText(kNameBytesMax);
  const auto type = ElementTypeOfWire(reader.Read<uint8_t>());
  if (!type) reader.Fail();
  spec.type = type.value_or(base::ElementType::kOther);
  const auto rank = reader.Read<uint8_t>();
  if (rank > kTensorRankMax) reader.Fail();
  reader.ReadZeros(2);
  if (!reader.ok()) return spec;
  spec.dims.resize(rank);
  for (int64_t& dim : spec.dims) dim = reader.Read<int64_t>();
  return spec;
}

}  // namespace

bool FitsLimits(std::span<const base::TensorSpec> tensors) {
  return tensors.size() <= kGraphTensorsMax &&
         std::ranges::all_of(tensors, [](const base::TensorSpec& spec) {
           return spec.name.size() <= kNameBytesMax && base::IsUtf8(spec.name) &&
                  spec.dims.size() <= kTensorRankMax &&
                  std::ranges::all_of(spec.dims, [](int64_t dim) { return dim >= -1; });
         });
}

void WriteTensorSpecs(std::span<const base::TensorSpec> tensors, base::ByteWriter& writer) {
  writer.Write<uint32_t>(static_cast<uint32_t>(tensors.size()));
  for (const base::TensorSpec& spec : tensors) {
    writer.WriteText(spec.name);
    writer.Write<uint8_t>(WireOf(spec.type));
    writer.Write<uint8_t>(static_cast<uint8_t>(spec.dims.size()));
    writer.WriteZeros(2);
    for (const int64_t dim : spec.dims) writer.Write<int64_t>(dim);
  }
}

std::vector<base::TensorSpec> ReadTensorSpecs(base::ByteReader& reader) {
  std::vector<base::TensorSpec> tensors(reader.ReadCount(kGraphTensorsMax, kSpecBytesMin));
  for (base::TensorSpec& spec : tensors) spec = ReadTensorSpec(reader);
  if (!FitsLimits(tensors)) reader.Fail();
  return tensors;
}

}  // namespace bulkhead::channel
