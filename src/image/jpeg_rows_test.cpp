// SPDX-License-Identifier: Apache-2.0
// Rows decoded one by one must be those of the whole picture, which libjpeg converts itself.
#include "image/jpeg_rows.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "image/test_jpeg.h"
#include "image/test_pictures.h"

namespace bulkhead::image {
namespace {

using base::Code;
using Bytes = std::vector<std::byte>;

// Every `step`-th row from `first` on, the rest empty.
Pixels ReadRows(Rows& rows, int first = 0, int step = 1) {
  Pixels pixels{rows.width(), rows.height(), {}};
  const std::size_t row_bytes = static_cast<std::size_t>(rows.width()) * 3;
  pixels.rgb.resize(row_bytes * static_cast<std::size_t>(rows.height()));
  for (int y = first; y < rows.height(); y += step) {
    std::copy_n(rows.Row(y), row_bytes,
                pixels.rgb.begin() + y * static_cast<std::ptrdiff_t>(row_bytes));
  }
  return pixels;
}

std::unique_ptr<Rows> Open(const Bytes& encoded) {
  auto rows = OpenJpegRows(encoded, {});
  return rows.ok() ? std::move(rows).value() : nullptr;
}

void ExpectRowsOfTheWhole(const TestJpeg& form) {
  SCOPED_TRACE(testing::Message() << form.width << "x" << form.height << " sampled " << form.across
                                  << "x" << form.down << (form.progressive ? " progressive" : ""));
  const Bytes encoded = EncodeNoise(form);
  const auto whole = Decode(encoded, {});
  ASSERT_TRUE(whole.ok());
  const auto rows = Open(encoded);
  ASSERT_TRUE(rows);
  EXPECT_TRUE(ReadRows(*rows) == PixelsOf(whole.value()));
  EXPECT_TRUE(rows->Finish().ok());
}

struct Sampling {
  int across;
  int down;
};

class EverySampling : public testing::TestWithParam<Sampling> {
 protected:
  static TestJpeg Form(int width, int height) {
    return {.width = width, .height = height, .across = GetParam().across, .down = GetParam().down};
  }
};

TEST_P(EverySampling, GivesTheWholePicturesRowsAtEverySmallSize) {
  for (int width = 1; width <= 36; ++width) {
    for (int height = 1; height <= 36; ++height) ExpectRowsOfTheWhole(Form(width, height));
  }
}

TEST_P(EverySampling, GivesTheWholePicturesRowsAtLargerSizes) {
  for (const auto& [width, height] :
       {std::pair{639, 481}, {640, 480}, {1, 700}, {700, 1}, {65, 129}, {1283, 97}}) {
    ExpectRowsOfTheWhole(Form(width, height));
  }
}

TEST_P(EverySampling, GivesTheWholePicturesRowsOfOtherEncodings) {
  for (const auto& [width, height] : {std::pair{70, 51}, {5, 90}, {2, 3}, {16, 16}}) {
    TestJpeg form = Form(width, height);
    form.progressive = true;
    ExpectRowsOfTheWhole(form);
    form.progressive = false;
    form.restart_blocks = 3;
    ExpectRowsOfTheWhole(form);
  }
}

TEST_P(EverySampling, LeavesOutRowsThatNobodyAsksFor) {
  const Bytes encoded = EncodeNoise(Form(50, 90));
  const Pixels whole = PixelsOf(Decode(encoded, {}).value());
  constexpr std::size_t kRowBytes = 150;
  for (int step = 2; step <= 40; ++step) {
    for (int first = 0; first < step; ++first) {
      const auto rows = Open(encoded);
      ASSERT_TRUE(rows);
      const Pixels some = ReadRows(*rows, first, step);
      for (int y = first; y < 90; y += step) {
        const auto at = static_cast<std::ptrdiff_t>(kRowBytes) * y;
        ASSERT_TRUE(std::equal(whole.rgb.begin() + at, whole.rgb.begin() + at + kRowBytes,
                               some.rgb.begin() + at))
            << "row " << y << " in steps of " << step << " from " << first;
      }
      ASSERT_TRUE(rows->Finish().ok());
    }
  }
}

TEST_P(EverySampling, PicksWhatTheRowHolds) {
  const Bytes encoded = EncodeNoise(Form(77, 40));
  const auto rows = Open(encoded);
  ASSERT_TRUE(rows);
  std::vector<uint32_t> columns = {76, 0, 1, 1, 40};
  for (uint32_t x = 0; x < 77; x += 3) columns.push_back(x);
  std::vector<uint32_t> pixels(columns.size());
  for (int y = 0; y < rows->height(); ++y) {
    rows->Pick(y, columns, pixels);
    const uint8_t* row = rows->Row(y);
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const uint8_t* rgb = row + std::size_t{3} * columns[i];
      ASSERT_EQ(pixels[i] & 0xFFFFFFU, rgb[0] | uint32_t{rgb[1]} << 8U | uint32_t{rgb[2]} << 16U)
          << "row " << y << ", column " << columns[i];
    }
  }
}

TEST_P(EverySampling, RefusesAPictureThatEndsEarlyAtAnyByte) {
  const Bytes whole = EncodeNoise(Form(20, 35));
  for (std::size_t size = 0; size < whole.size(); ++size) {
    // A copy of its own, so that AddressSanitizer sees a read beyond the end.
    const Bytes part(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    const auto rows = OpenJpegRows(part, {});
    if (!rows.ok()) {
      EXPECT_EQ(rows.error().code, Code::kInvalid);
      continue;
    }
    ASSERT_TRUE(rows.value());
    static_cast<void>(ReadRows(*rows.value()));
    const base::Status end = rows.value()->Finish();
    ASSERT_FALSE(end.ok()) << "decoded " << size << " of " << whole.size() << " bytes";
    EXPECT_EQ(end.error().code, Code::kInvalid) << end.error().detail;
  }
}

std::string TestName(const testing::TestParamInfo<Sampling>& info) {
  return std::to_string(info.param.across) + "x" + std::to_string(info.param.down);
}

INSTANTIATE_TEST_SUITE_P(, EverySampling,
                         testing::Values(Sampling{1, 1}, Sampling{2, 1}, Sampling{2, 2}), TestName);

TEST(JpegRows, NoticesDamageBehindTheLastRowAskedFor) {
  Bytes encoded = EncodeNoise({.width = 64, .height = 64});
  encoded.resize(encoded.size() / 2);
  const auto rows = Open(encoded);
  ASSERT_TRUE(rows);
  rows->Row(0);
  EXPECT_FALSE(rows->Finish().ok());
}

TEST(JpegRows, SaysTheSameWhenAskedForTheEndAgain) {
  const Bytes encoded = EncodeNoise({.width = 64, .height = 64});
  const auto rows = Open(encoded);
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->Finish().ok());
  EXPECT_TRUE(rows->Finish().ok());
  const Bytes half(encoded.begin(),
                   encoded.begin() + static_cast<std::ptrdiff_t>(encoded.size() / 2));
  const auto damaged = Open(half);
  ASSERT_TRUE(damaged);
  EXPECT_FALSE(damaged->Finish().ok());
  EXPECT_FALSE(damaged->Finish().ok());
}

TEST(JpegRowsDeathTest, DoNotGoBack) {
  const Bytes encoded = EncodeNoise({.width = 64, .height = 64});
  const auto rows = Open(encoded);
  ASSERT_TRUE(rows);
  rows->Row(40);
  EXPECT_DEATH(rows->Row(39), "y >= last_y_");
}

TEST(JpegRows, LeaveOtherFormsToTheWhole) {
  for (const char* name :
       {"gray.jpg", "cmyk.jpg", "ycck.jpg", "keep_rgb.jpg", "exif3.jpg", "exif6.jpg"}) {
    const Bytes encoded = ReadPicture(name);
    const auto rows = OpenJpegRows(encoded, {});
    ASSERT_TRUE(rows.ok()) << name;
    EXPECT_FALSE(rows.value()) << name;
  }
  for (const TestJpeg& form : {TestJpeg{.width = 9, .height = 9, .across = 1, .down = 2},
                               TestJpeg{.width = 9, .height = 9, .across = 4, .down = 1},
                               TestJpeg{.width = 9, .height = 9, .chroma_across = 2}}) {
    const Bytes encoded = EncodeNoise(form);
    const auto rows = OpenJpegRows(encoded, {});
    ASSERT_TRUE(rows.ok());
    EXPECT_FALSE(rows.value()) << form.across << "x" << form.down;
  }
}

}  // namespace
}  // namespace bulkhead::image
