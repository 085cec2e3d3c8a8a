// SPDX-License-Identifier: Apache-2.0
#include "image/decode.h"

#include <algorithm>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "image/test_pictures.h"

namespace bulkhead::image {
namespace {

using base::Code;

std::vector<std::byte> Bytes(std::string_view text) {
  const auto* first = reinterpret_cast<const std::byte*>(text.data());
  return {first, first + text.size()};
}

Code CodeOf(const base::Result<Image>& result) { return result.error().code; }

class EveryForm : public testing::TestWithParam<const char*> {};

TEST_P(EveryForm, DecodesToTheValuesOfOpenCv) {
  const auto decoded = Decode(ReadPicture(GetParam()), {});
  ASSERT_TRUE(decoded.ok()) << decoded.error().detail;
  EXPECT_EQ(PixelsOf(decoded.value()), ReadExpected(GetParam()));
}

std::string TestName(const testing::TestParamInfo<const char*>& info) {
  std::string name = info.param;
  std::ranges::replace(name, '.', '_');
  return name;
}

INSTANTIATE_TEST_SUITE_P(Jpeg, EveryForm,
                         testing::Values("rgb444.jpg", "rgb422.jpg", "rgb420.jpg",
                                         "progressive.jpg", "restart.jpg", "keep_rgb.jpg",
                                         "gray.jpg", "cmyk.jpg", "cmyk_plain.jpg", "ycck.jpg",
                                         "pixel.jpg", "row.jpg", "column.jpg"),
                         TestName);

INSTANTIATE_TEST_SUITE_P(Png, EveryForm,
                         testing::Values("gray1.png", "gray2.png", "gray4.png", "gray8.png",
                                         "gray16.png", "gray8_trns.png", "gray_alpha8.png",
                                         "gray_alpha16.png", "rgb8.png", "rgb16.png",
                                         "rgb8_trns.png", "rgba8.png", "rgba16.png", "palette1.png",
                                         "palette2.png", "palette4.png", "palette8.png",
                                         "palette4_trns.png", "palette4_adam7.png",
                                         "gray1_adam7.png", "rgb8_adam7.png", "rgba16_adam7.png",
                                         "gamma.png", "pixel.png", "row.png", "column.png"),
                         TestName);

INSTANTIATE_TEST_SUITE_P(Webp, EveryForm,
                         testing::Values("lossy.webp", "lossless.webp", "lossy_alpha.webp",
                                         "lossless_alpha.webp", "animated.webp", "pixel.webp",
                                         "row.webp"),
                         TestName);

INSTANTIATE_TEST_SUITE_P(Turned, EveryForm,
                         testing::Values("exif1.jpg", "exif2.jpg", "exif3.jpg", "exif4.jpg",
                                         "exif5.jpg", "exif6.jpg", "exif7.jpg", "exif8.jpg",
                                         "exif6.png", "exif8_last.png", "exif6.webp"),
                         TestName);

class EveryFormat : public testing::TestWithParam<const char*> {};

TEST_P(EveryFormat, RefusesAPictureThatEndsEarlyAtAnyByte) {
  const auto whole = ReadPicture(GetParam());
  ASSERT_TRUE(Decode(whole, {}).ok());
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that AddressSanitizer sees a read beyond the end.
    const std::vector<std::byte> part(whole.begin(),
                                      whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto decoded = Decode(part, {});
    ASSERT_FALSE(decoded.ok()) << "decoded " << size << " of " << whole.size() << " bytes";
    EXPECT_EQ(CodeOf(decoded), Code::kInvalid) << size << ": " << decoded.error().detail;
  }
}

TEST_P(EveryFormat, SurvivesAnyByteBeingWrong) {
  const auto whole = ReadPicture(GetParam());
  std::size_t refused = 0;
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto damaged = whole;
    damaged[at] ^= std::byte{0xFF};
    if (!Decode(damaged, {.pixels_max = 1'000'000}).ok()) ++refused;
  }
  EXPECT_GT(refused, 0U);
}

// Lossy WebP has no checksum: there the damage may go unnoticed.
TEST_P(EveryFormat, PrintsNothingAboutADamagedPicture) {
  auto whole = ReadPicture(GetParam());
  std::fill(whole.begin() + static_cast<std::ptrdiff_t>(whole.size() / 2), whole.end(),
            std::byte{0x55});
  testing::internal::CaptureStderr();
  testing::internal::CaptureStdout();
  static_cast<void>(Decode(whole, {}));
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "");
}

TEST_P(EveryFormat, TellsATenantNothingOfTheLibrary) {
  auto whole = ReadPicture(GetParam());
  whole.resize(whole.size() - 1);
  const auto decoded = Decode(whole, {});
  EXPECT_EQ(decoded.error().public_message.find("lib"), std::string::npos);
  EXPECT_NE(decoded.error().public_message.find("is damaged or ends early"), std::string::npos);
}

TEST_P(EveryFormat, RefusesMorePixelsThanTheLimit) {
  const auto picture = ReadPicture(GetParam());
  const Pixels expected = ReadExpected(GetParam());
  const int64_t pixels = int64_t{expected.width} * expected.height;
  EXPECT_TRUE(Decode(picture, {.pixels_max = pixels}).ok());
  EXPECT_EQ(CodeOf(Decode(picture, {.pixels_max = pixels - 1})), Code::kExhausted);
}

TEST_P(EveryFormat, RefusesASideBeyondTheLimit) {
  const auto picture = ReadPicture(GetParam());
  const Pixels expected = ReadExpected(GetParam());
  const int side = std::max(expected.width, expected.height);
  EXPECT_TRUE(Decode(picture, {.side_max = side}).ok());
  EXPECT_EQ(CodeOf(Decode(picture, {.side_max = side - 1})), Code::kExhausted);
}

TEST_P(EveryFormat, UsesTheStorageOfAPictureNoLongerNeeded) {
  Image recycled;
  recycled.Reshape(100, 100);
  std::ranges::fill(recycled.pixels(), uint8_t{7});
  const uint8_t* storage = recycled.pixels().data();
  auto decoded = Decode(ReadPicture(GetParam()), {}, std::move(recycled));
  ASSERT_TRUE(decoded.ok());
  EXPECT_EQ(decoded.value().pixels().data(), storage);
  EXPECT_EQ(PixelsOf(decoded.value()), ReadExpected(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(, EveryFormat,
                         testing::Values("rgb420.jpg", "progressive.jpg", "restart.jpg", "cmyk.jpg",
                                         "exif1.jpg", "rgb8.png", "rgba16_adam7.png",
                                         "palette4_trns.png", "lossy.webp", "lossless_alpha.webp",
                                         "lossy_alpha.webp", "animated.webp"),
                         TestName);

TEST(Decode, RefusesNothingAtAll) { EXPECT_EQ(CodeOf(Decode({}, {})), Code::kInvalid); }

TEST(Decode, RefusesWhatIsNoPicture) {
  for (const char* text : {"hello", "GIF89a", "RIFF....WAVE", "\x89PNG", "\xFF\xD8", "BM"}) {
    const auto decoded = Decode(Bytes(text), {});
    EXPECT_EQ(CodeOf(decoded), Code::kInvalid);
    EXPECT_EQ(decoded.error().public_message, "not a JPEG, PNG or WebP picture") << text;
  }
}

TEST(Decode, RefusesMoreBytesThanTheLimit) {
  const auto picture = ReadPicture("rgb8.png");
  EXPECT_TRUE(Decode(picture, {.encoded_bytes_max = picture.size()}).ok());
  EXPECT_EQ(CodeOf(Decode(picture, {.encoded_bytes_max = picture.size() - 1})), Code::kExhausted);
}

TEST(Decode, AllowsBytesAfterThePicture) {
  for (const char* name : {"rgb420.jpg", "rgb8.png", "lossy.webp"}) {
    auto picture = ReadPicture(name);
    picture.resize(picture.size() + 100);
    EXPECT_TRUE(Decode(picture, {}).ok()) << name;
  }
}

}  // namespace
}  // namespace bulkhead::image
