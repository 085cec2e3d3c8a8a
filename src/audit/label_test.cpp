// SPDX-License-Identifier: Apache-2.0
#include "audit/label.h"

#include <cstdint>
#include <span>
#include <type_traits>
#include <vector>

#include <gtest/gtest.h>

#include "audit/event.h"
#include "base/secret_bytes.h"
#include "base/utf8.h"

namespace bulkhead::audit {
namespace {

// What holds frames and secrets cannot become a label.
static_assert(!std::is_constructible_v<Label, base::SecretBytes>);
static_assert(!std::is_constructible_v<Label, std::span<const std::byte>>);
static_assert(!std::is_constructible_v<Label, std::vector<std::byte>>);
static_assert(!std::is_constructible_v<Label, std::vector<uint8_t>>);

TEST(Label, KeepsAShortTextAsItIs) {
  for (const char* text : {"", "line-3", "Zürich \"north\"\n", "\xff"}) {
    EXPECT_EQ(Label(text).text(), text);
  }
  EXPECT_EQ(Label(std::string(64, 'f')).text(), std::string(64, 'f'));
}

TEST(Label, CutsALongTextBetweenCharacters) {
  for (std::size_t before = 0; before < 4; ++before) {
    std::string text(before, ' ');
    for (int at = 0; at < 90; ++at) text += "é ";
    const Label label(text);
    EXPECT_LE(label.text().size(), kLabelBytesMax);
    EXPECT_GT(label.text().size(), kLabelBytesMax - 8);
    EXPECT_TRUE(base::IsUtf8(label.text()));
    EXPECT_TRUE(label.text().ends_with("…"));
  }
}

TEST(Label, WithholdsWhatLooksLikeACredential) {
  for (const std::string text :
       {"bh_live_0123456789abcdef_0123456789abcdef0123456789abcdef_012345",
        "/v2/models?key=bh_live_0123456789abcdef_0123456789abcdef0123456789abcdef_012345",
        "eyJhbGciOiJIUzI1NiJ9.e30.ZRrHA1JJJW8opsbCGfG_HACGpVUMN_a9IV7pAx_Zmeo",
        "Authorization: Bearer abc", "Basic dXNlcjpwYXNz", "-----BEGIN PRIVATE KEY-----",
        "hvs.CAESIJ"}) {
    EXPECT_EQ(Label(text).text(), "[withheld]") << text;
  }
  EXPECT_EQ(Label("x " + std::string(100, 'A')).text(), "[withheld]");
}

TEST(EventNames, AreOneForEachKindAndRising) {
  for (std::size_t at = 0; at < kEventKindCount; ++at) {
    const auto kind = static_cast<EventKind>(at);
    EXPECT_FALSE(NamesOf(kind).name.empty());
    EXPECT_EQ(EventKindNamed(NamesOf(kind).name), kind);
  }
  EXPECT_EQ(EventKindNamed("frame-upload"), std::nullopt);
  for (std::size_t at = 1; at < kAnnotationCount; ++at) {
    EXPECT_LT(NameOf(static_cast<Annotation>(at - 1)), NameOf(static_cast<Annotation>(at)));
  }
}

}  // namespace
}  // namespace bulkhead::audit
