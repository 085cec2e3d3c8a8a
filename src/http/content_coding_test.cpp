// SPDX-License-Identifier: Apache-2.0
#include "http/content_coding.h"

#include <cstring>
#include <string>

#include <gtest/gtest.h>

namespace bulkhead::http {
namespace {

using Bytes = std::vector<std::byte>;

ContentCoding Accepted(std::string_view value) {
  Headers headers;
  headers.Add("Accept-Encoding", value);
  return AcceptedCoding(headers);
}

std::optional<ContentCoding> OfBody(std::string_view value) {
  Headers headers;
  headers.Add("content-encoding", value);
  return CodingOfBody(headers);
}

Bytes Patterned(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::byte>((i * i) >> 7);
  return bytes;
}

Bytes Deflated(ContentCoding coding, std::span<const std::byte> in) {
  auto deflater = Deflater::Open(coding);
  Bytes out;
  deflater.value().Step(in.first(in.size() / 2), false, out);
  deflater.value().Step(in.subspan(in.size() / 2), true, out);
  return out;
}

// The content; nullopt when it is refused.
std::optional<Bytes> Inflated(ContentCoding coding, std::span<const std::byte> in) {
  auto inflater = Inflater::Open(coding);
  Bytes out;
  while (!inflater.value().finished()) {
    if (!inflater.value().Step(in, 1'000, out).ok()) return std::nullopt;
  }
  return out;
}

TEST(AcceptedCoding, IsTheHighestRanked) {
  EXPECT_EQ(AcceptedCoding({}), ContentCoding::kIdentity);
  EXPECT_EQ(Accepted("gzip, deflate, br"), ContentCoding::kGzip);
  EXPECT_EQ(Accepted("deflate"), ContentCoding::kDeflate);
  EXPECT_EQ(Accepted("gzip;q=0.2, deflate;q=0.3"), ContentCoding::kDeflate);
  EXPECT_EQ(Accepted("gzip;q=0.2, identity"), ContentCoding::kIdentity);
  EXPECT_EQ(Accepted("gzip;q=0"), ContentCoding::kIdentity);
  EXPECT_EQ(Accepted("GZIP ; Q=1.000"), ContentCoding::kGzip);
  EXPECT_EQ(Accepted("*"), ContentCoding::kGzip);
  EXPECT_EQ(Accepted("*, gzip;q=0"), ContentCoding::kDeflate);
  EXPECT_EQ(Accepted("br, zstd"), ContentCoding::kIdentity);
}

TEST(AcceptedCoding, CountsAMalformedRankAsZero) {
  for (const auto* rank : {"q=", "q=x", "q=1.0000", "q=.5", "q", "r=1", "q=0.5x", "q=-1"}) {
    EXPECT_EQ(Accepted(std::string("gzip;") + rank), ContentCoding::kIdentity) << rank;
  }
}

TEST(CodingOfBody, KnowsTwoAndRefusesTheOthers) {
  EXPECT_EQ(CodingOfBody({}), ContentCoding::kIdentity);
  EXPECT_EQ(OfBody("identity"), ContentCoding::kIdentity);
  EXPECT_EQ(OfBody("GZip"), ContentCoding::kGzip);
  EXPECT_EQ(OfBody("x-gzip"), ContentCoding::kGzip);
  EXPECT_EQ(OfBody("deflate"), ContentCoding::kDeflate);
  for (const auto* coding : {"br", "gzip, gzip", "gzip, deflate", "br, gzip", "gzip;q=1"}) {
    EXPECT_EQ(OfBody(coding), std::nullopt) << coding;
  }
}

TEST(Inflater, GivesBackWhatTheDeflaterTook) {
  for (const auto coding : {ContentCoding::kGzip, ContentCoding::kDeflate}) {
    for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100'000}}) {
      const Bytes bytes = Patterned(size);
      EXPECT_EQ(Inflated(coding, Deflated(coding, bytes)), bytes) << size;
    }
  }
}

TEST(Inflater, ReadsWhatGzipWrites) {
  // printf abc | gzip -n
  constexpr unsigned char kGzip[] = {0x1f, 0x8b, 0x08, 0x00, 0x00, 0x00, 0x00, 0x00,
                                     0x00, 0x03, 0x4b, 0x4c, 0x4a, 0x06, 0x00, 0xc2,
                                     0x41, 0x24, 0x35, 0x03, 0x00, 0x00, 0x00};
  const auto bytes = Inflated(ContentCoding::kGzip, std::as_bytes(std::span(kGzip)));
  ASSERT_TRUE(bytes.has_value());
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(bytes->data()), bytes->size()), "abc");
}

TEST(Inflater, RefusesDamageAndWhatIsCutShortOrTooLong) {
  const Bytes coded = Deflated(ContentCoding::kGzip, Patterned(10'000));
  for (const std::size_t size :
       {std::size_t{0}, std::size_t{5}, coded.size() / 2, coded.size() - 1}) {
    EXPECT_EQ(Inflated(ContentCoding::kGzip, std::span(coded).first(size)), std::nullopt) << size;
  }
  Bytes longer = coded;
  longer.push_back(std::byte{0});
  EXPECT_EQ(Inflated(ContentCoding::kGzip, longer), std::nullopt);
  Bytes damaged = coded;
  damaged[coded.size() - 6] ^= std::byte{1};  // of the checksum
  EXPECT_EQ(Inflated(ContentCoding::kGzip, damaged), std::nullopt);
  EXPECT_EQ(Inflated(ContentCoding::kDeflate, coded), std::nullopt);
}

TEST(Inflater, GivesNoMoreThanAStepAtOnce) {
  const Bytes coded = Deflated(ContentCoding::kGzip, Bytes(1'000'000));
  EXPECT_LT(coded.size(), 6'000U);
  auto inflater = Inflater::Open(ContentCoding::kGzip);
  std::span<const std::byte> in = coded;
  Bytes out;
  ASSERT_TRUE(inflater.value().Step(in, 1'000, out).ok());
  EXPECT_EQ(out.size(), 1'000U);
}

}  // namespace
}  // namespace bulkhead::http
