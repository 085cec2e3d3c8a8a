// SPDX-License-Identifier: Apache-2.0
// Compiled once per instruction set: Highway includes this file again for each.
#include "image/ycc_kernels.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/ycc_kernels.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace bulkhead::image::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;

using Int16 = hn::CappedTag<int16_t, kSamplesAtOnce>;
using Uint16 = hn::Rebind<uint16_t, Int16>;
using Uint8 = hn::Rebind<uint8_t, Int16>;
using Int32 = hn::CappedTag<int32_t, kSamplesAtOnce>;
using Uint32 = hn::Rebind<uint32_t, Int32>;

constexpr int kRedOfCr = 91881;
constexpr int kBlueOfCb = 116130;
constexpr int kGreenOfCb = -22554;
constexpr int kGreenOfCr = -46802;

template <class D>
HWY_INLINE hn::VFromD<D> Tripled(D /*d*/, hn::VFromD<D> v) {
  return hn::Add(v, hn::Add(v, v));
}

void UpsampleChroma(const uint8_t* HWY_RESTRICT near, const uint8_t* far, std::size_t count,
                    int left_bias, int right_bias, int16_t* HWY_RESTRICT sums,
                    uint8_t* HWY_RESTRICT out) {
  const Int16 d;
  const Uint8 d8;
  int16_t* sum = sums + 1;  // sum[-1] is the first's left neighbour
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto n = hn::PromoteTo(d, hn::LoadU(d8, near + i));
    const auto f = hn::PromoteTo(d, hn::LoadU(d8, far + i));
    hn::StoreU(hn::Add(Tripled(d, n), f), d, sum + i);
  }
  sum[-1] = sum[0];
  sum[count] = sum[count - 1];
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto here = Tripled(d, hn::LoadU(d, sum + i));
    const auto before =
        hn::Add(hn::LoadU(d, sum + i - 1), hn::Set(d, static_cast<int16_t>(left_bias)));
    const auto after =
        hn::Add(hn::LoadU(d, sum + i + 1), hn::Set(d, static_cast<int16_t>(right_bias)));
    const auto left = hn::DemoteTo(d8, hn::ShiftRight<4>(hn::Add(here, before)));
    const auto right = hn::DemoteTo(d8, hn::ShiftRight<4>(hn::Add(here, after)));
    hn::StoreInterleaved2(left, right, d8, out + 2 * i);
  }
}

struct Rgb {
  hn::VFromD<Int32> red;
  hn::VFromD<Int32> green;
  hn::VFromD<Int32> blue;
};

// Not clamped yet; cb and cr are 0..255.
HWY_INLINE Rgb Converted(hn::VFromD<Int32> y, hn::VFromD<Int32> cb, hn::VFromD<Int32> cr) {
  const Int32 d;
  const auto middle = hn::Set(d, 128);
  const auto rounding = hn::Set(d, 1 << 15);
  const auto b = hn::Sub(cb, middle);
  const auto r = hn::Sub(cr, middle);
  const auto red = hn::Mul(r, hn::Set(d, kRedOfCr));
  const auto green =
      hn::Add(hn::Mul(b, hn::Set(d, kGreenOfCb)), hn::Mul(r, hn::Set(d, kGreenOfCr)));
  const auto blue = hn::Mul(b, hn::Set(d, kBlueOfCb));
  return {hn::Add(y, hn::ShiftRight<16>(hn::Add(red, rounding))),
          hn::Add(y, hn::ShiftRight<16>(hn::Add(green, rounding))),
          hn::Add(y, hn::ShiftRight<16>(hn::Add(blue, rounding)))};
}

// (factor * v + 32768) >> 16 in 16 bits, for |factor| < 32768 and |v| <= 128: a shift by 15, one
// added, and a shift by 1 round alike.
HWY_INLINE hn::VFromD<Int16> Scaled(hn::VFromD<Int16> v, int factor) {
  const Int16 d;
  const auto high = hn::MulHigh(hn::Add(v, v), hn::Set(d, static_cast<int16_t>(factor)));
  return hn::ShiftRight<1>(hn::Add(high, hn::Set(d, int16_t{1})));
}

// (kGreenOfCb * b + kGreenOfCr * r + 32768) >> 16 in 16 bits. Both factors are even: halved, each
// product is split into a multiple of 32768 and 15 bits, and of the sum of those, which still fits
// 16 bits unsigned, the carry is taken as above.
HWY_INLINE hn::VFromD<Int16> GreenStep(hn::VFromD<Int16> b, hn::VFromD<Int16> r) {
  const Int16 d;
  const Uint16 du;
  const auto of_b = hn::Set(d, static_cast<int16_t>(kGreenOfCb / 2));
  const auto of_r = hn::Set(d, static_cast<int16_t>(kGreenOfCr / 2));
  const auto whole = hn::Add(hn::MulHigh(hn::Add(b, b), of_b), hn::MulHigh(hn::Add(r, r), of_r));
  const auto low = hn::Set(d, int16_t{0x7FFF});
  const auto rest = hn::Add(hn::And(hn::Mul(b, of_b), low), hn::And(hn::Mul(r, of_r), low));
  const auto halved = hn::ShiftRight<1>(hn::BitCast(du, rest));
  const auto carry = hn::ShiftRight<14>(hn::Add(halved, hn::Set(du, uint16_t{1 << 13})));
  return hn::Add(whole, hn::BitCast(d, carry));
}

void ConvertRow(const uint8_t* HWY_RESTRICT y, const uint8_t* HWY_RESTRICT cb,
                const uint8_t* HWY_RESTRICT cr, std::size_t count, uint8_t* HWY_RESTRICT rgb) {
  constexpr int kOne = 1 << 16;  // whole multiples of it are taken out of factors over 16 bits
  const Int16 d;
  const Uint8 d8;
  const auto middle = hn::Set(d, int16_t{128});
  for (std::size_t i = 0; i < count; i += hn::Lanes(d)) {
    const auto luma = hn::PromoteTo(d, hn::LoadU(d8, y + i));
    const auto b = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, cb + i)), middle);
    const auto r = hn::Sub(hn::PromoteTo(d, hn::LoadU(d8, cr + i)), middle);
    const auto red = hn::Add(hn::Add(luma, r), Scaled(r, kRedOfCr - kOne));
    const auto green = hn::Add(luma, GreenStep(b, r));
    const auto blue = hn::Add(hn::Add(luma, hn::Add(b, b)), Scaled(b, kBlueOfCb - 2 * kOne));
    hn::StoreInterleaved3(hn::DemoteTo(d8, red), hn::DemoteTo(d8, green), hn::DemoteTo(d8, blue),
                          d8, rgb + 3 * i);
  }
}

HWY_INLINE hn::VFromD<Int32> Clamped(hn::VFromD<Int32> value) {
  const Int32 d;
  return hn::Min(hn::Max(value, hn::Zero(d)), hn::Set(d, 255));
}

HWY_INLINE hn::VFromD<Uint32> ConvertedPixels(hn::VFromD<Uint32> ycc) {
  const Int32 d;
  const Uint32 du;
  const auto byte = hn::Set(du, 0xFFU);
  const Rgb pixels = Converted(hn::BitCast(d, hn::And(ycc, byte)),
                               hn::BitCast(d, hn::And(hn::ShiftRight<8>(ycc), byte)),
                               hn::BitCast(d, hn::And(hn::ShiftRight<16>(ycc), byte)));
  const auto green = hn::ShiftLeft<8>(Clamped(pixels.green));
  const auto blue = hn::ShiftLeft<16>(Clamped(pixels.blue));
  return hn::BitCast(du, hn::Or(Clamped(pixels.red), hn::Or(green, blue)));
}

void ConvertPixels(uint32_t* HWY_RESTRICT pixels, std::size_t count) {
  const Uint32 d;
  std::size_t i = 0;
  for (; i + hn::Lanes(d) <= count; i += hn::Lanes(d)) {
    hn::StoreU(ConvertedPixels(hn::LoadU(d, pixels + i)), d, pixels + i);
  }
  if (i == count) return;
  HWY_ALIGN std::array<uint32_t, kSamplesAtOnce> last{};
  std::copy(pixels + i, pixels + count, last.begin());
  hn::Store(ConvertedPixels(hn::Load(d, last.data())), d, last.data());
  std::copy_n(last.begin(), count - i, pixels + i);
}

}  // namespace
}  // namespace bulkhead::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bulkhead::image {

HWY_EXPORT(UpsampleChroma);
HWY_EXPORT(ConvertRow);
HWY_EXPORT(ConvertPixels);

void UpsampleChroma(const uint8_t* near, const uint8_t* far, std::size_t count, ChromaBias bias,
                    int16_t* sums, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(UpsampleChroma)(near, far, count, bias.left, bias.right, sums, out);
}

void ConvertRow(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, std::size_t count,
                uint8_t* rgb) {
  HWY_DYNAMIC_DISPATCH(ConvertRow)(y, cb, cr, count, rgb);
}

void ConvertPixels(std::span<uint32_t> pixels) {
  HWY_DYNAMIC_DISPATCH(ConvertPixels)(pixels.data(), pixels.size());
}

}  // namespace bulkhead::image
#endif  // HWY_ONCE
