// SPDX-License-Identifier: Apache-2.0
#include "seal/sealed_header.h"

#include <algorithm>
#include <fstream>
#include <sstream>
#include <string_view>

#include <gtest/gtest.h>

#include "base/hex.h"
#include "seal/test_sealed.h"

namespace bulkhead::seal {
namespace {

// The hex numbers of the page's block that opens with ```hex header.
std::string Shown() {
  std::ifstream page(BULKHEAD_SOURCE_DIR "/docs/formats/sealed_model.md");
  std::string line;
  std::string shown;
  while (std::getline(page, line) && line != "```hex header") continue;
  while (std::getline(page, line) && line != "```") {
    std::istringstream words(line.substr(0, line.find("  ")));
    for (std::string word; words >> word;) shown += word;
  }
  return shown;
}

TEST(SealedHeader, IsWhatItsPageShows) {
  EXPECT_EQ(base::Hex(EncodeSealedHeader(HeaderOf("abc")).value()), Shown());
  EXPECT_EQ(EncodeBound(HeaderOf("abc")).value().size(), 107U);
  EXPECT_EQ(EncodeSealedHeader(HeaderOf("abc")).value().size() + BodyBytes(HeaderOf("abc")), 224U);
}

TEST(SealedHeader, ReadsWhatItWrote) {
  std::vector<std::byte> bytes = EncodeSealedHeader(HeaderOf("abc")).value();
  const std::size_t size = bytes.size();
  bytes.resize(size + 100, std::byte{0xFF});
  const auto decoded = DecodeSealedHeader(bytes);
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value().header, HeaderOf("abc"));
  EXPECT_EQ(decoded.value().bound, EncodeBound(HeaderOf("abc")).value());
  EXPECT_EQ(decoded.value().bytes, size);
}

TEST(SealedHeader, RefusesToNameWhatCannotBeNamed) {
  const auto refused = [](auto change) {
    SealedHeader header = HeaderOf("abc");
    change(header);
    return !EncodeSealedHeader(header).ok();
  };
  EXPECT_TRUE(refused([](SealedHeader& header) { header.name.tenant.clear(); }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.name.model = std::string(257, 'm'); }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.key.key = "\xff"; }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.name.version = 0; }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.plain_bytes = 0; }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.plain_bytes = kPlainBytesMax + 1; }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.wrapped_key.clear(); }));
  EXPECT_TRUE(refused([](SealedHeader& header) { header.wrapped_key.resize(4097); }));
  EXPECT_FALSE(refused([](SealedHeader&) {}));
}

TEST(SealedHeader, TellsWhatIsNoneFromWhatIsDamaged) {
  const auto code_of = [](std::span<const std::byte> bytes) {
    const auto decoded = DecodeSealedHeader(bytes);
    return decoded.ok() ? std::optional<base::Code>() : decoded.error().code;
  };
  const std::vector<std::byte> bytes = EncodeSealedHeader(HeaderOf("abc")).value();
  EXPECT_EQ(code_of({}), base::Code::kInvalid);
  EXPECT_EQ(code_of(std::as_bytes(std::span("\x08\x07onnx model"))), base::Code::kInvalid);
  for (std::size_t count = 8; count < bytes.size(); ++count) {
    EXPECT_EQ(code_of(std::span(bytes).first(count)), base::Code::kCorrupt) << count << " bytes";
  }
  auto newer = bytes;
  newer[8] = std::byte{2};
  EXPECT_EQ(code_of(newer), base::Code::kUnsupported);
  auto endless = bytes;
  std::fill_n(endless.begin() + 16, 4, std::byte{0xFF});
  EXPECT_EQ(code_of(endless), base::Code::kCorrupt);
}

}  // namespace
}  // namespace bulkhead::seal
