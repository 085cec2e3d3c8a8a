// SPDX-License-Identifier: Apache-2.0
#include "keys/keyring.h"

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

#include <gtest/gtest.h>

#include "base/hex.h"

namespace bulkhead::keys {
namespace {

using base::Code;

constexpr std::array<std::byte, 32> kKey{};

Keyring OneKey() {
  Keyring keyring;
  NamedKey key;
  key.versions = base::SecretBytes::Allocate(32).value();
  std::ranges::fill(key.versions.bytes(), std::byte{0x4B});
  keyring.emplace("plant", std::move(key));
  return keyring;
}

std::optional<Code> CodeOf(const std::vector<std::byte>& file, base::Aes256Key key = kKey) {
  const auto keyring = DecodeKeyring(file, key);
  return keyring.ok() ? std::optional<Code>() : keyring.error().code;
}

// The hex numbers of the page's block that opens with ```hex keyring.
std::string Shown() {
  std::ifstream page(BULKHEAD_SOURCE_DIR "/docs/formats/keyring.md");
  std::string line;
  std::string shown;
  while (std::getline(page, line) && line != "```hex keyring") continue;
  while (std::getline(page, line) && line != "```") {
    std::istringstream words(line);
    for (std::string word; words >> word;) shown += word;
  }
  return shown;
}

TEST(Keyring, IsWhatItsPageShows) {
  EXPECT_EQ(base::Hex(EncodeKeyring(OneKey(), {}, kKey).value()), Shown());
}

TEST(Keyring, ReadsWhatItWrote) {
  Keyring written = OneKey();
  NamedKey& turned = written["city"];
  turned.oldest = 3;
  turned.versions = base::SecretBytes::Allocate(64).value();
  turned.versions.bytes()[32] = std::byte{9};
  written["gone"].oldest = 2;
  const Keyring read = DecodeKeyring(EncodeKeyring(written, {}, kKey).value(), kKey).value();
  ASSERT_EQ(read.size(), 3U);
  EXPECT_EQ(read.at("city").oldest, 3U);
  EXPECT_EQ(read.at("city").newest(), 4U);
  EXPECT_EQ(read.at("city").version(4)[0], std::byte{9});
  EXPECT_EQ(read.at("gone").count(), 0U);
  EXPECT_EQ(read.at("plant").version(1)[31], std::byte{0x4B});
}

TEST(Keyring, FindsEveryChangedByteAndEveryCut) {
  const auto file = EncodeKeyring(OneKey(), {}, kKey).value();
  for (std::size_t at = 0; at < file.size(); ++at) {
    auto changed = file;
    changed[at] ^= std::byte{0x40};
    EXPECT_TRUE(CodeOf(changed).has_value()) << "byte " << at;
    EXPECT_TRUE(CodeOf({file.begin(), file.begin() + static_cast<std::ptrdiff_t>(at)}).has_value())
        << at << " bytes";
  }
}

TEST(Keyring, TellsAWrongKeyFromWhatIsNoKeyring) {
  const auto file = EncodeKeyring(OneKey(), {}, kKey).value();
  std::array<std::byte, 32> other{};
  other[0] = std::byte{1};
  EXPECT_EQ(CodeOf(file, other), Code::kDenied);
  EXPECT_EQ(CodeOf(std::vector<std::byte>(100, std::byte{'x'})), Code::kInvalid);
  auto newer = file;
  newer[8] = std::byte{2};
  EXPECT_EQ(CodeOf(newer), Code::kUnsupported);
}

// Whoever knows the key, or needs none, can still write nonsense.
TEST(Keyring, RefusesABodyThatIsNone) {
  const auto with_body = [](std::string_view hex) {
    const auto body = base::ParseHex(hex).value();
    std::vector<std::byte> file = EncodeKeyring({}, {}, kKey).value();
    file.resize(44 + body.size());
    base::Aes256Gcm cipher(kKey);
    const auto tag = cipher.Seal({}, std::span(file).first(44), body, std::span(file).subspan(44));
    file.insert(file.end(), tag.begin(), tag.end());
    return file;
  };
  EXPECT_EQ(CodeOf(with_body("00000000")), std::nullopt);
  EXPECT_EQ(CodeOf(with_body("")), Code::kCorrupt);
  EXPECT_EQ(CodeOf(with_body("ffffffff")), Code::kCorrupt);
  EXPECT_EQ(CodeOf(with_body("0000000000")), Code::kCorrupt);
  // One destroyed key: "a", "A" (no name), and "a" whose oldest version is 0.
  EXPECT_EQ(CodeOf(with_body("01000000"
                             "0100000061"
                             "01000000"
                             "00000000")),
            std::nullopt);
  EXPECT_EQ(CodeOf(with_body("01000000"
                             "0100000041"
                             "01000000"
                             "00000000")),
            Code::kCorrupt);
  EXPECT_EQ(CodeOf(with_body("01000000"
                             "0100000061"
                             "00000000"
                             "00000000")),
            Code::kCorrupt);
  // Twice "a", and more versions than there are bytes for.
  EXPECT_EQ(CodeOf(with_body("02000000"
                             "0100000061"
                             "01000000"
                             "00000000"
                             "0100000061"
                             "01000000"
                             "00000000")),
            Code::kCorrupt);
  EXPECT_EQ(CodeOf(with_body("01000000"
                             "0100000061"
                             "01000000"
                             "02000000"
                             "00")),
            Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::keys
