// SPDX-License-Identifier: Apache-2.0
#include "seal/seal.h"

#include <algorithm>
#include <functional>

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "seal/sealed_file.h"
#include "seal/test_sealed.h"
#include "seal/unseal.h"

namespace bulkhead::seal {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::size_t kSegmentPlain = 65'504;

base::UniqueFd FileOf(std::span<const std::byte> bytes) {
  base::UniqueFd file(::memfd_create("sealed", MFD_CLOEXEC));
  EXPECT_EQ(::write(file.get(), bytes.data(), bytes.size()), static_cast<ssize_t>(bytes.size()));
  return file;
}

// A text in which no two places look alike.
std::string Plain(std::size_t bytes) {
  std::string text(bytes, '\0');
  uint32_t state = 1;
  for (char& c : text) {
    state = state * 1'664'525 + 1'013'904'223;
    c = static_cast<char>(state >> 24);
  }
  return text;
}

// What is in the file, for whoever expects it to be `name`; the memory that it was written to is
// zeros where it does not open.
base::Result<std::string> Open(std::span<const std::byte> sealed, base::Aes256Key key = kTestKey) {
  const base::UniqueFd file = FileOf(sealed);
  BH_ASSIGN(const DecodedHeader decoded, ReadSealedHeader(file.get()));
  std::string plain(decoded.header.plain_bytes, 'x');
  base::Status opened = Unseal(file.get(), decoded, key, std::as_writable_bytes(std::span(plain)));
  if (opened.ok()) return plain;
  EXPECT_TRUE(std::ranges::all_of(plain, [](char c) { return c == 0; }))
      << "what did not open was left in memory";
  return std::move(opened).error();
}

TEST(SealedModel, ComesBackAsItWasAtEveryLengthAroundASegment) {
  for (const std::size_t bytes : {std::size_t{1}, kSegmentPlain - 1, kSegmentPlain,
                                  kSegmentPlain + 1, 16 * kSegmentPlain, 17 * kSegmentPlain + 5}) {
    const std::string plain = Plain(bytes);
    const auto sealed = SealedAs(HeaderOf(plain), plain);
    ASSERT_TRUE(sealed.ok()) << sealed.error().detail;
    EXPECT_EQ(sealed.value().size(),
              EncodeSealedHeader(HeaderOf(plain)).value().size() + BodyBytes(HeaderOf(plain)));
    const auto opened = Open(sealed.value());
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    EXPECT_EQ(opened.value(), plain) << bytes;
  }
}

TEST(SealedModel, ShowsNothingOfItsPlaintext) {
  const std::string plain = Plain(3 * kSegmentPlain);
  const Bytes sealed = SealedAs(HeaderOf(plain), plain).value();
  const std::string shown(reinterpret_cast<const char*>(sealed.data()), sealed.size());
  for (std::size_t at = 0; at + 16 <= plain.size(); at += 997) {
    EXPECT_EQ(shown.find(plain.substr(at, 16)), std::string::npos) << at;
  }
}

TEST(SealedModel, RefusesEveryChangedByte) {
  const std::string plain = Plain(300);
  const Bytes sealed = SealedAs(HeaderOf(plain), plain).value();
  const std::size_t wrapped = EncodeBound(HeaderOf(plain)).value().size() + 4;
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    // Turning keys over changes these; the provider notices what it did not write.
    if (at >= wrapped && at < wrapped + 4) continue;
    Bytes changed = sealed;
    changed[at] ^= std::byte{0x01};
    const auto opened = Open(changed);
    EXPECT_FALSE(opened.ok()) << "byte " << at;
    EXPECT_TRUE(opened.ok() || !opened.error().detail.empty());
  }
}

TEST(SealedModel, RefusesAFileThatWasCutOrGrew) {
  const std::string plain = Plain(kSegmentPlain + 10);
  const Bytes sealed = SealedAs(HeaderOf(plain), plain).value();
  for (const std::size_t kept : {std::size_t{0}, std::size_t{7}, std::size_t{60}, std::size_t{160},
                                 sealed.size() - 42, sealed.size() - 1}) {
    EXPECT_FALSE(Open(std::span(sealed).first(kept)).ok()) << kept;
  }
  Bytes longer = sealed;
  longer.push_back(std::byte{0});
  EXPECT_FALSE(Open(longer).ok());
}

TEST(SealedModel, RefusesSegmentsThatWereSwappedOrDoubledOrComeFromAnotherFile) {
  const std::string plain = Plain(3 * kSegmentPlain);
  const Bytes sealed = SealedAs(HeaderOf(plain), plain).value();
  const Bytes again = SealedAs(HeaderOf(plain), plain).value();
  constexpr std::ptrdiff_t kSegment = 65'536;
  const auto first = sealed.end() - 3 * kSegment;

  Bytes swapped = sealed;
  std::swap_ranges(swapped.end() - 3 * kSegment, swapped.end() - 2 * kSegment,
                   swapped.end() - 2 * kSegment);
  EXPECT_FALSE(Open(swapped).ok());
  Bytes doubled = sealed;
  std::copy(first, first + kSegment, doubled.end() - 2 * kSegment);
  EXPECT_FALSE(Open(doubled).ok());
  Bytes mixed = sealed;
  std::copy(again.end() - 2 * kSegment, again.end() - kSegment, mixed.end() - 2 * kSegment);
  EXPECT_FALSE(Open(mixed).ok());
}

TEST(SealedModel, OpensUnderItsOwnHeaderAndKeyOnly) {
  const std::string plain = Plain(100);
  const Bytes sealed = SealedAs(HeaderOf(plain), plain).value();
  const std::size_t header_bytes = EncodeSealedHeader(HeaderOf(plain)).value().size();
  const auto under = [&](const std::function<void(SealedHeader&)>& change) {
    SealedHeader header = HeaderOf(plain);
    change(header);
    Bytes file = EncodeSealedHeader(header).value();
    file.insert(file.end(), sealed.begin() + static_cast<std::ptrdiff_t>(header_bytes),
                sealed.end());
    return Open(file).ok();
  };
  EXPECT_FALSE(under([](SealedHeader& header) { header.name.tenant = "0123456789ABCDEG"; }));
  EXPECT_FALSE(under([](SealedHeader& header) { header.name.model = "line-4"; }));
  EXPECT_FALSE(under([](SealedHeader& header) { header.name.version = 3; }));
  EXPECT_FALSE(under([](SealedHeader& header) { header.plain_sha256[0] ^= std::byte{1}; }));
  EXPECT_FALSE(under([](SealedHeader& header) { header.key.key = "city"; }));
  EXPECT_TRUE(under([](SealedHeader& header) { header.wrapped_key.assign(40, std::byte{1}); }))
      << "keys could not be turned over by the header alone";

  std::array<std::byte, 32> other = kTestKey;
  other[0] = std::byte{9};
  const auto opened = Open(sealed, other);
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().code, base::Code::kCorrupt);
}

TEST(Sealer, RefusesAModelThatChangedMeanwhile) {
  const std::string plain = Plain(200);
  const auto code_of = [&](std::string_view written) {
    const auto sealed = SealedAs(HeaderOf(plain), written);
    return sealed.ok() ? std::optional<base::Code>() : sealed.error().code;
  };
  EXPECT_EQ(code_of(plain.substr(1)), base::Code::kInvalid);
  EXPECT_EQ(code_of(plain + "x"), base::Code::kInvalid);
  EXPECT_EQ(code_of("x" + plain.substr(1)), base::Code::kInvalid);
  EXPECT_EQ(code_of(plain), std::nullopt);
}

TEST(Sealer, EndsWithTheErrorOfItsSink) {
  const auto full = [](std::span<const std::byte>) -> base::Status {
    return base::OperatorError(base::Code::kExhausted, "the disk is full");
  };
  const auto sealer = Sealer::Begin(HeaderOf("abc"), kTestKey, full);
  ASSERT_FALSE(sealer.ok());
  EXPECT_EQ(sealer.error().code, base::Code::kExhausted);
}

}  // namespace
}  // namespace bulkhead::seal
