// SPDX-License-Identifier: Apache-2.0
#include "seal/floe.h"

#include <algorithm>
#include <bit>
#include <string_view>
#include <utility>

#include "base/check.h"
#include "base/hkdf_expand.h"
#include "base/hmac_sha256.h"
#include "base/random_bytes.h"
#include "base/secret_bytes.h"

namespace bulkhead::seal {
namespace {

using base::Code;
using base::OperatorError;

// Section Parameters: AES-GCM-256 is AEAD 0, HKDF-EXPAND-SHA-384 is KDF 0.
constexpr std::size_t kParametersBytes = 10;
constexpr std::size_t kIvBytes = 32;
constexpr std::size_t kPrefixBytes = kParametersBytes + kIvBytes;
constexpr uint64_t kSegmentsMax = uint64_t{1} << 40;
constexpr uint32_t kNotLast = 0xFFFF'FFFF;
constexpr std::size_t kLengthBytes = 4;
constexpr std::size_t kSegmentBytesMax = std::size_t{1} << 30;

template <typename Number>
void PutBigEndian(Number number, std::span<std::byte> out) {
  for (std::size_t at = out.size(); at > 0; --at) {
    out[at - 1] = static_cast<std::byte>(number & 0xFF);
    number = static_cast<Number>(number >> 8);
  }
}

std::array<std::byte, kParametersBytes> EncodeParameters(const FloeOptions& options) {
  BH_CHECK(options.segment_bytes > kFloeSegmentOverhead &&
           options.segment_bytes <= kSegmentBytesMax && options.rotation_bits >= 0 &&
           options.rotation_bits < 64);
  std::array<std::byte, kParametersBytes> bytes{};
  PutBigEndian(options.segment_bytes, std::span(bytes).subspan(2, 4));
  PutBigEndian(static_cast<uint32_t>(kIvBytes), std::span(bytes).subspan(6, 4));
  return bytes;
}

// What ties a segment to its place.
std::array<std::byte, 9> BoundAt(uint64_t position, bool last) {
  std::array<std::byte, 9> bound{};
  PutBigEndian(position, std::span(bound).first(8));
  bound[8] = last ? std::byte{1} : std::byte{0};
  return bound;
}

std::array<std::byte, kLengthBytes> LengthField(std::size_t sealed_bytes, bool last) {
  std::array<std::byte, kLengthBytes> field{};
  PutBigEndian(last ? static_cast<uint32_t>(sealed_bytes) : kNotLast, field);
  return field;
}

// FLOE_KDF of the specification.
void Derive(std::span<const std::byte> key, std::span<const std::byte> prefix,
            std::string_view purpose, std::span<const std::byte> number,
            std::span<const std::byte> bound, std::span<std::byte> out) {
  std::vector<std::byte> text(prefix.begin(), prefix.end());
  const auto name = std::as_bytes(std::span(purpose));
  text.insert(text.end(), name.begin(), name.end());
  text.insert(text.end(), number.begin(), number.end());
  text.insert(text.end(), bound.begin(), bound.end());
  base::HkdfExpandSha384(key, text, out);
}

}  // namespace

FloeKeys::FloeKeys(base::Aes256Key key, const FloeHeader& prefix, std::span<const std::byte> bound,
                   int rotation_bits)
    : prefix_(prefix.begin(), prefix.begin() + kPrefixBytes),
      bound_(bound.begin(), bound.end()),
      rotation_bits_(rotation_bits) {
  Derive(key, prefix_, "HEADER_TAG:", {}, bound_, header_tag_);
  Derive(key, prefix_, "MESSAGE_KEY:", {}, bound_, message_key_);
}

FloeKeys::~FloeKeys() { base::WipeBytes(message_key_); }

base::Aes256Gcm& FloeKeys::CipherAt(uint64_t position) {
  const uint64_t first = (position >> rotation_bits_) << rotation_bits_;
  if (cipher_ && first == first_) return *cipher_;
  std::array<std::byte, 8> number{};
  PutBigEndian(first, number);
  std::array<std::byte, 32> key{};
  Derive(message_key_, prefix_, "DEK:", number, bound_, key);
  cipher_.emplace(key);
  base::WipeBytes(key);
  first_ = first;
  return *cipher_;
}

base::Result<FloeSealer> FloeSealer::Start(base::Aes256Key key, std::span<const std::byte> bound,
                                           const FloeOptions& options) {
  FloeHeader header{};
  std::ranges::copy(EncodeParameters(options), header.begin());
  BH_TRY(base::FillRandom(std::span(header).subspan(kParametersBytes, kIvBytes)));
  FloeKeys keys(key, header, bound, options.rotation_bits);
  std::ranges::copy(keys.HeaderTag(), header.begin() + kPrefixBytes);
  return FloeSealer(std::move(keys), header, options);
}

FloeSealer::FloeSealer(FloeKeys keys, FloeHeader header, const FloeOptions& options)
    : keys_(std::move(keys)), header_(header), options_(options) {}

std::size_t FloeSealer::plain_bytes() const {
  return options_.segment_bytes - kFloeSegmentOverhead;
}

base::Status FloeSealer::Seal(std::span<const std::byte> plain, std::span<std::byte> sealed) {
  BH_CHECK(plain.size() == plain_bytes());
  return SealAt(plain, false, sealed);
}

base::Status FloeSealer::SealLast(std::span<const std::byte> plain, std::span<std::byte> sealed) {
  BH_CHECK(plain.size() <= plain_bytes());
  return SealAt(plain, true, sealed);
}

base::Status FloeSealer::SealAt(std::span<const std::byte> plain, bool last,
                                std::span<std::byte> sealed) {
  BH_CHECK(!closed_ && sealed.size() == plain.size() + kFloeSegmentOverhead);
  if (position_ + 1 >= kSegmentsMax && !last) {
    return OperatorError(Code::kExhausted, "too long to be sealed in segments of this size");
  }
  base::GcmNonce nonce{};
  BH_TRY(base::FillRandom(nonce));
  const std::span<std::byte> body = sealed.subspan(kLengthBytes + nonce.size(), plain.size());
  const base::GcmTag tag =
      keys_.CipherAt(position_).Seal(nonce, BoundAt(position_, last), plain, body);
  std::ranges::copy(LengthField(sealed.size(), last), sealed.begin());
  std::ranges::copy(nonce, sealed.subspan(kLengthBytes).begin());
  std::ranges::copy(tag, sealed.last(tag.size()).begin());
  ++position_;
  closed_ = last;
  return base::Ok();
}

base::Result<FloeOpener> FloeOpener::Start(base::Aes256Key key, std::span<const std::byte> bound,
                                           std::span<const std::byte, kFloeHeaderBytes> header,
                                           const FloeOptions& options) {
  const auto parameters = EncodeParameters(options);
  if (!std::ranges::equal(parameters, header.first(parameters.size()))) {
    return OperatorError(Code::kUnsupported, "sealed with other parameters than this release's");
  }
  FloeHeader bytes{};
  std::ranges::copy(header, bytes.begin());
  FloeKeys keys(key, bytes, bound, options.rotation_bits);
  if (!base::ConstantTimeEqual(keys.HeaderTag(), header.subspan(kPrefixBytes))) {
    return OperatorError(Code::kCorrupt,
                         "sealed under another key or with another header, or changed since");
  }
  return FloeOpener(std::move(keys), options);
}

FloeOpener::FloeOpener(FloeKeys keys, const FloeOptions& options)
    : keys_(std::move(keys)), options_(options) {}

base::Status FloeOpener::Open(std::span<const std::byte> sealed, uint64_t position, bool last,
                              std::span<std::byte> plain) {
  BH_CHECK(plain.size() + kFloeSegmentOverhead == sealed.size());
  base::GcmNonce nonce{};
  base::GcmTag tag{};
  const auto length = LengthField(sealed.size(), last);
  const bool fits =
      last ? sealed.size() <= options_.segment_bytes : sealed.size() == options_.segment_bytes;
  bool opened =
      fits && position < kSegmentsMax && std::ranges::equal(length, sealed.first(length.size()));
  if (opened) {
    std::ranges::copy(sealed.subspan(kLengthBytes, nonce.size()), nonce.begin());
    std::ranges::copy(sealed.last(tag.size()), tag.begin());
    opened = keys_.CipherAt(position).Open(
        nonce, BoundAt(position, last), sealed.subspan(kLengthBytes + nonce.size(), plain.size()),
        tag, plain);
  }
  if (opened) return base::Ok();
  base::WipeBytes(plain);
  return OperatorError(Code::kCorrupt,
                       "segment " + std::to_string(position) + " is not the one that was sealed");
}

}  // namespace bulkhead::seal
