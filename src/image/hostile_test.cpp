// SPDX-License-Identifier: Apache-2.0
// Small files that ask for much: time, or memory before a limit has been looked at.
#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <string>

#include <gtest/gtest.h>

#include "image/decode.h"
#include "image/test_jpeg.h"
#include "image/test_pictures.h"

#if defined(__SANITIZE_ADDRESS__)
// As in sanitizer/allocator_interface.h, which not every compiler's package brings.
extern "C" int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void*,
                                                                             std::size_t),
                                                         void (*free_hook)(const volatile void*));
#endif

namespace bulkhead::image {
namespace {

using base::Code;

#if defined(__SANITIZE_ADDRESS__)
std::atomic<std::size_t> largest_allocation = 0;

void OnAllocation(const volatile void* /*at*/, std::size_t size) {
  if (size > largest_allocation) largest_allocation = size;
}

void OnRelease(const volatile void* /*at*/) {}

// The largest single allocation that it makes, C libraries included.
std::size_t LargestAllocationOf(const std::function<void()>& body) {
  static const int installed = __sanitizer_install_malloc_and_free_hooks(OnAllocation, OnRelease);
  EXPECT_GT(installed, 0);
  largest_allocation = 0;
  body();
  return largest_allocation;
}

std::size_t LargestAllocation(const std::string& name, const DecodeLimits& limits, bool decodes) {
  const auto picture = ReadPicture(name);
  return LargestAllocationOf([&] { EXPECT_EQ(Decode(picture, limits).ok(), decodes); });
}

constexpr std::size_t kLittle = 200'000;

TEST(HostilePicture, AllocatesNothingLargeForAHeaderOverTheLimit) {
  EXPECT_LT(LargestAllocation("hostile/huge.png", {.pixels_max = 80'000'000}, false), kLittle);
  // The same file within the limit shows that the measurement works.
  EXPECT_GT(LargestAllocation("hostile/huge.png", {}, false), std::size_t{9000} * 9000 * 3 - 1);
}

TEST(HostilePicture, LeavesCompressedTextAndProfilesUnread) {
  EXPECT_LT(LargestAllocation("hostile/text.png", {}, true), kLittle);
  EXPECT_LT(LargestAllocation("hostile/profile.png", {}, true), kLittle);
}

TEST(HostilePicture, AllocatesNothingLargeForAChunkThatClaimsMoreThanTheFile) {
  EXPECT_LT(LargestAllocation("hostile/exif.png", {}, false), kLittle);
}

TEST(HostilePicture, IsHeldAFewRowsAtATimeWhenReadByRow) {
  constexpr int kSide = 2000;
  const auto picture = EncodeNoise({.width = kSide, .height = kSide});
  const std::size_t by_row = LargestAllocationOf([&] {
    Image storage;
    const auto rows = OpenRows(picture, {}, storage);
    ASSERT_TRUE(rows.ok());
    for (int y = 0; y < kSide; ++y) rows.value()->Row(y);
    EXPECT_TRUE(rows.value()->Finish().ok());
  });
  EXPECT_LT(by_row, kLittle);
}
#else
TEST(HostilePicture, AllocatesNothingLarge) {
  GTEST_SKIP() << "counting the allocations of C libraries needs AddressSanitizer";
}
#endif

// The first scan of a progressive picture, and the tables behind it, written `copies` times more.
std::vector<std::byte> WithScans(std::size_t copies) {
  const auto picture = ReadPicture("progressive.jpg");
  constexpr std::byte kScan[] = {std::byte{0xFF}, std::byte{0xDA}};
  const auto find = [&](auto from) {
    return std::search(from, picture.end(), std::begin(kScan), std::end(kScan));
  };
  const auto first = find(picture.begin());
  const auto second = find(first + 2);
  std::vector<std::byte> many(picture.begin(), second);
  for (std::size_t i = 0; i < copies; ++i) many.insert(many.end(), first, second);
  many.insert(many.end(), second, picture.end());
  return many;
}

TEST(HostilePicture, RefusesAJpegOfTooManyScans) {
  EXPECT_TRUE(Decode(WithScans(50), {}).ok());
  const auto refused = Decode(WithScans(200), {});
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, Code::kExhausted);
}

TEST(HostilePicture, RefusesAJpegHeaderOverTheLimit) {
  auto picture = ReadPicture("rgb420.jpg");
  constexpr std::byte kFrame[] = {std::byte{0xFF}, std::byte{0xC0}};
  const auto frame =
      std::search(picture.begin(), picture.end(), std::begin(kFrame), std::end(kFrame));
  ASSERT_NE(frame, picture.end());
  std::fill(frame + 5, frame + 9, std::byte{0xF0});
  EXPECT_EQ(Decode(picture, {}).error().code, Code::kExhausted);
}

TEST(HostilePicture, RefusesAPngWithFewerRowsThanItsHeaderSays) {
  EXPECT_EQ(Decode(ReadPicture("hostile/huge.png"), {}).error().code, Code::kInvalid);
}

}  // namespace
}  // namespace bulkhead::image
