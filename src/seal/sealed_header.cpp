// SPDX-License-Identifier: Apache-2.0
#include "seal/sealed_header.h"

#include <algorithm>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/byte_reader.h"
#include "base/byte_writer.h"
#include "base/utf8.h"
#include "seal/floe.h"

namespace bulkhead::seal {
namespace {

using base::Code;
using base::PublicError;

constexpr std::string_view kMagic = "BHSEALED";
constexpr uint32_t kVersion = 1;
constexpr uint32_t kFloeBody = 1;

base::Error Damaged() {
  return PublicError(Code::kCorrupt, "the header of the sealed model is damaged");
}

base::Status CheckText(std::string_view what, std::string_view text) {
  if (!text.empty() && text.size() <= kSealedNameBytesMax && base::IsUtf8(text)) return base::Ok();
  return PublicError(Code::kInvalid, std::string(what) + " of a sealed model: 1 to " +
                                         std::to_string(kSealedNameBytesMax) + " bytes of UTF-8");
}

base::Status CheckBound(const SealedHeader& header) {
  BH_TRY(CheckText("the tenant", header.name.tenant));
  BH_TRY(CheckText("the name", header.name.model));
  BH_TRY(CheckText("the key provider", header.key.provider));
  BH_TRY(CheckText("the key", header.key.key));
  if (header.name.version == 0) {
    return PublicError(Code::kInvalid, "versions of models begin with 1");
  }
  if (header.plain_bytes == 0 || header.plain_bytes > kPlainBytesMax) {
    return PublicError(Code::kInvalid, "a model to seal has 1 byte to 1 TiB");
  }
  return base::Ok();
}

}  // namespace

base::Result<std::vector<std::byte>> EncodeBound(const SealedHeader& header) {
  BH_TRY(CheckBound(header));
  base::ByteWriter writer;
  writer.WriteBytes(std::as_bytes(std::span(kMagic)));
  writer.Write<uint32_t>(kVersion);
  writer.Write<uint32_t>(kFloeBody);
  writer.WriteText(header.name.tenant);
  writer.WriteText(header.name.model);
  writer.Write<uint32_t>(header.name.version);
  writer.WriteBytes(header.plain_sha256);
  writer.Write<uint64_t>(header.plain_bytes);
  writer.WriteText(header.key.provider);
  writer.WriteText(header.key.key);
  return std::move(writer).Take();
}

base::Result<std::vector<std::byte>> EncodeSealedHeader(const SealedHeader& header) {
  BH_ASSIGN(const std::vector<std::byte> bound, EncodeBound(header));
  if (header.wrapped_key.empty() || header.wrapped_key.size() > kWrappedKeyBytesMax) {
    return PublicError(Code::kInvalid,
                       "a wrapped key has 1 to " + std::to_string(kWrappedKeyBytesMax) + " bytes");
  }
  base::ByteWriter writer;
  writer.WriteBytes(bound);
  writer.Write<uint32_t>(static_cast<uint32_t>(header.wrapped_key.size()));
  writer.WriteBytes(header.wrapped_key);
  return std::move(writer).Take();
}

base::Result<DecodedHeader> DecodeSealedHeader(std::span<const std::byte> bytes) {
  if (bytes.size() < kMagic.size() ||
      std::memcmp(bytes.data(), kMagic.data(), kMagic.size()) != 0) {
    return PublicError(Code::kInvalid, "not a sealed model");
  }
  bytes = bytes.first(std::min(bytes.size(), kSealedHeaderBytesMax));
  base::ByteReader reader(bytes.subspan(kMagic.size()));
  const auto version = reader.Read<uint32_t>();
  const auto body = reader.Read<uint32_t>();
  if (!reader.ok()) return Damaged();
  if (version != kVersion || body != kFloeBody) {
    return PublicError(Code::kUnsupported, "sealed in format " + std::to_string(version) +
                                               " with body " + std::to_string(body) +
                                               ", which this release does not know");
  }
  DecodedHeader decoded;
  SealedHeader& header = decoded.header;
  header.name.tenant = reader.ReadText(kSealedNameBytesMax);
  header.name.model = reader.ReadText(kSealedNameBytesMax);
  header.name.version = reader.Read<uint32_t>();
  const auto digest = reader.ReadBytes(header.plain_sha256.size());
  std::ranges::copy(digest, header.plain_sha256.begin());
  header.plain_bytes = reader.Read<uint64_t>();
  header.key.provider = reader.ReadText(kSealedNameBytesMax);
  header.key.key = reader.ReadText(kSealedNameBytesMax);
  const std::size_t bound_bytes = bytes.size() - reader.remaining();
  const std::size_t wrapped_bytes = reader.ReadCount(kWrappedKeyBytesMax, 1);
  const auto wrapped = reader.ReadBytes(wrapped_bytes);
  if (!reader.ok() || wrapped.empty() || !CheckBound(header).ok()) return Damaged();
  header.wrapped_key.assign(wrapped.begin(), wrapped.end());
  decoded.bound.assign(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(bound_bytes));
  decoded.bytes = bytes.size() - reader.remaining();
  return decoded;
}

uint64_t BodyBytes(const SealedHeader& header) {
  const uint64_t plain_bytes = FloeOptions{}.segment_bytes - kFloeSegmentOverhead;
  const uint64_t segments = (header.plain_bytes + plain_bytes - 1) / plain_bytes;
  return kFloeHeaderBytes + header.plain_bytes + segments * kFloeSegmentOverhead;
}

}  // namespace bulkhead::seal
