// SPDX-License-Identifier: Apache-2.0
#include "seal/floe.h"

#include <algorithm>
#include <fstream>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::seal {
namespace {

using Bytes = std::vector<std::byte>;

constexpr std::array<std::byte, 32> kKey{};
const std::span<const std::byte> kBound = std::as_bytes(std::span(std::string_view("This is AAD")));

Bytes Answer(const std::string& name) {
  std::ifstream file(BULKHEAD_SOURCE_DIR "/tests/data/floe/" + name + ".txt");
  std::string text;
  file >> text;
  std::ranges::transform(text, text.begin(), [](char c) {
    return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  });
  return base::ParseHex(text).value();
}

base::Result<FloeOpener> StartOn(const Bytes& sealed, const FloeOptions& options) {
  return FloeOpener::Start(kKey, kBound, std::span(sealed).first<kFloeHeaderBytes>(), options);
}

// All segments after the header, whose number follows from the length.
base::Result<Bytes> OpenAll(const Bytes& sealed, const FloeOptions& options) {
  BH_ASSIGN(FloeOpener opener, StartOn(sealed, options));
  std::span<const std::byte> rest = std::span(sealed).subspan(kFloeHeaderBytes);
  Bytes plain;
  for (uint64_t position = 0; !rest.empty(); ++position) {
    const bool last = rest.size() <= options.segment_bytes;
    const auto segment = rest.first(last ? rest.size() : options.segment_bytes);
    Bytes opened(segment.size() - kFloeSegmentOverhead);
    BH_TRY(opener.Open(segment, position, last, opened));
    plain.insert(plain.end(), opened.begin(), opened.end());
    rest = rest.subspan(segment.size());
  }
  return plain;
}

Bytes SealAll(const Bytes& plain, const FloeOptions& options) {
  FloeSealer sealer = FloeSealer::Start(kKey, kBound, options).value();
  Bytes sealed(sealer.header().begin(), sealer.header().end());
  std::span<const std::byte> rest = plain;
  for (;;) {
    const bool last = rest.size() <= sealer.plain_bytes();
    const auto piece = rest.first(last ? rest.size() : sealer.plain_bytes());
    Bytes segment(piece.size() + kFloeSegmentOverhead);
    EXPECT_TRUE((last ? sealer.SealLast(piece, segment) : sealer.Seal(piece, segment)).ok());
    sealed.insert(sealed.end(), segment.begin(), segment.end());
    if (last) return sealed;
    rest = rest.subspan(piece.size());
  }
}

struct KnownAnswer {
  std::string name;
  FloeOptions options;
};

class FloeAnswers : public testing::TestWithParam<KnownAnswer> {};

TEST_P(FloeAnswers, AreOpened) {
  const auto plain = OpenAll(Answer(GetParam().name + "_ct"), GetParam().options);
  ASSERT_TRUE(plain.ok()) << plain.error().detail;
  EXPECT_EQ(plain.value(), Answer(GetParam().name + "_pt"));
}

INSTANTIATE_TEST_SUITE_P(Published, FloeAnswers,
                         testing::Values(KnownAnswer{"cpp_GCM256_IV256_64", {64}},
                                         KnownAnswer{"cpp_GCM256_IV256_4K", {4096}},
                                         KnownAnswer{"go_GCM256_IV256_64", {64}},
                                         KnownAnswer{"rust_GCM256_IV256_64", {64}},
                                         KnownAnswer{"pub_java_GCM256_IV256_64", {64}},
                                         KnownAnswer{"java_lastSegAligned", {40}},
                                         KnownAnswer{"java_lastSegEmpty", {40}},
                                         KnownAnswer{"cpp_rotation", {40, 2}},
                                         KnownAnswer{"go_rotation", {40, 2}},
                                         KnownAnswer{"java_rotation", {40, 2}},
                                         KnownAnswer{"rust_rotation", {40, 2}}),
                         [](const auto& test) { return test.param.name; });

TEST(Floe, OpensWhatItSealedAtEveryLength) {
  const FloeOptions options{40, 2};
  for (std::size_t bytes = 0; bytes <= 100; ++bytes) {
    Bytes plain(bytes);
    for (std::size_t at = 0; at < bytes; ++at) plain[at] = static_cast<std::byte>(at * 7 + 1);
    const Bytes sealed = SealAll(plain, options);
    const auto opened = OpenAll(sealed, options);
    ASSERT_TRUE(opened.ok()) << bytes << ": " << opened.error().detail;
    EXPECT_EQ(opened.value(), plain);
  }
}

TEST(Floe, SealsTheSameTextToOtherBytesEachTime) {
  const Bytes plain(16, std::byte{3});
  EXPECT_NE(SealAll(plain, {64}), SealAll(plain, {64}));
}

TEST(Floe, RefusesEveryChangedByte) {
  const FloeOptions options{40, 2};
  const Bytes sealed = SealAll(Bytes(20, std::byte{9}), options);
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= std::byte{0x10};
    EXPECT_FALSE(OpenAll(changed, options).ok()) << "byte " << at;
  }
}

TEST(Floe, RefusesAnotherKeyAndAnotherBoundText) {
  const Bytes sealed = SealAll(Bytes(20, std::byte{9}), {64});
  const auto header = std::span(sealed).first<kFloeHeaderBytes>();
  std::array<std::byte, 32> other = kKey;
  other[31] = std::byte{1};
  const auto with_other_key = FloeOpener::Start(other, kBound, header, {64});
  ASSERT_FALSE(with_other_key.ok());
  EXPECT_EQ(with_other_key.error().code, base::Code::kCorrupt);
  EXPECT_FALSE(FloeOpener::Start(kKey, kBound.first(10), header, {64}).ok());
  const auto with_other_size = FloeOpener::Start(kKey, kBound, header, {65});
  ASSERT_FALSE(with_other_size.ok());
  EXPECT_EQ(with_other_size.error().code, base::Code::kUnsupported);
}

TEST(Floe, OpensASegmentOnlyAtItsOwnPlace) {
  const FloeOptions options{40};
  const Bytes plain(24, std::byte{5});
  const Bytes sealed = SealAll(plain, options);
  FloeOpener opener = StartOn(sealed, options).value();
  const auto second = std::span(sealed).subspan(kFloeHeaderBytes + 40, 40);
  Bytes opened(8);
  EXPECT_TRUE(opener.Open(second, 1, false, opened).ok());
  EXPECT_EQ(opened, Bytes(8, std::byte{5}));
  EXPECT_FALSE(opener.Open(second, 0, false, opened).ok());
  EXPECT_EQ(opened, Bytes(8)) << "what was not opened left something behind";
  EXPECT_FALSE(opener.Open(second, 2, false, opened).ok());
  EXPECT_FALSE(opener.Open(second, 1, true, opened).ok());
  const auto last = std::span(sealed).last(40);
  EXPECT_TRUE(opener.Open(last, 2, true, opened).ok());
  EXPECT_FALSE(opener.Open(last, 2, false, opened).ok());
}

}  // namespace
}  // namespace bulkhead::seal
