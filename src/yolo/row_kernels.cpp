// SPDX-License-Identifier: Apache-2.0
// Compiled once per instruction set: Highway includes this file again for each.
#include "yolo/row_kernels.h"

#include <algorithm>
#include <array>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "yolo/row_kernels.cpp"
// clang-format off
#include <hwy/foreach_target.h>
#include <hwy/highway.h>
// clang-format on

HWY_BEFORE_NAMESPACE();
namespace bulkhead::yolo {
namespace HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

constexpr std::size_t kPixelBytes = 3;

using Int32 = hn::CappedTag<int32_t, kLanesMax>;
using Int16 = hn::Rebind<int16_t, Int32>;
using Uint16 = hn::Rebind<uint16_t, Int32>;
using Uint8 = hn::Rebind<uint8_t, Int32>;
using Uint32 = hn::Rebind<uint32_t, Int32>;
using Float = hn::Rebind<float, Int32>;

// 1/255 as a sum of two floats, the first with so few bits (17) that its product with an 8-bit
// value is exact. value * kHigh + value * kLow then has one rounding that counts and equals the
// correctly rounded quotient value / 255 for all 256 values, with or without fused multiply-add
// (a test tries them all); a product with 1/255 alone misses the last bit of some.
constexpr float kHigh = 0x1.0101p-8F;
constexpr float kLow = 0x1.010102p-32F;

// Floats value / 255 for lanes 0..255.
HWY_INLINE hn::VFromD<Float> Unit(hn::VFromD<Int32> value) {
  const Float d;
  const auto v = hn::ConvertTo(d, value);
  return hn::MulAdd(v, hn::Set(d, kHigh), hn::Mul(v, hn::Set(d, kLow)));
}

template <class D, class V, typename T>
HWY_INLINE void StoreAtMost(D d, V v, T* out, std::size_t count) {
  if (count >= hn::Lanes(d)) {
    hn::StoreU(v, d, out);
    return;
  }
  HWY_ALIGN std::array<T, kLanesMax> last;
  hn::Store(v, d, last.data());
  std::copy_n(last.begin(), count, out);
}

HWY_INLINE void StoreUnit(hn::VFromD<Int32> value, float* out, std::size_t count) {
  StoreAtMost(Float(), Unit(value), out, count);
}

// As binary16. Quotients are 0 or normal numbers of both formats (1/255 > 2^-14), so rounding to
// nearest even is an addition to the float's bits whose carry runs into the exponent.
HWY_INLINE void StoreUnit(hn::VFromD<Int32> value, uint16_t* out, std::size_t count) {
  const Int32 d;
  const auto bits = hn::BitCast(d, Unit(value));
  const auto odd = hn::And(hn::ShiftRight<13>(bits), hn::Set(d, 1));
  const auto rounded = hn::ShiftRight<13>(hn::Add(bits, hn::Add(odd, hn::Set(d, 0xFFF))));
  const auto half = hn::Sub(rounded, hn::Set(d, (127 - 15) << 10));
  const auto zero_kept = hn::IfThenZeroElse(hn::Eq(value, hn::Zero(d)), half);
  StoreAtMost(Uint16(), hn::DemoteTo(Uint16(), zero_kept), out, count);
}

template <int kShift>
HWY_INLINE hn::VFromD<Int32> Byte(hn::VFromD<Uint32> packed) {
  const Uint32 d;
  return hn::BitCast(Int32(), hn::And(hn::ShiftRight<kShift>(packed), hn::Set(d, 0xFFU)));
}

HWY_INLINE void StoreBlend(hn::VFromD<Int32> left, hn::VFromD<Int32> right,
                           hn::VFromD<Int32> right_weight, int16_t* out) {
  const auto step = hn::Mul(hn::Sub(right, left), right_weight);
  const auto sum = hn::Add(hn::ShiftLeft<11>(left), step);
  hn::StoreU(hn::DemoteTo(Int16(), hn::ShiftRight<4>(sum)), Int16(), out);
}

void BlendColumns(const uint32_t* HWY_RESTRICT left, const uint32_t* HWY_RESTRICT right,
                  const int32_t* HWY_RESTRICT right_weight, std::size_t count,
                  int16_t* HWY_RESTRICT wide) {
  const Uint32 d;
  const std::size_t plane = RoundedToLanes(count);
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    const auto l = hn::LoadU(d, left + x);
    const auto r = hn::LoadU(d, right + x);
    const auto weight = hn::LoadU(Int32(), right_weight + x);
    StoreBlend(Byte<0>(l), Byte<8>(r), weight, wide + x);
    StoreBlend(Byte<8>(l), Byte<16>(r), weight, wide + plane + x);
    StoreBlend(Byte<16>(l), Byte<24>(r), weight, wide + 2 * plane + x);
  }
}

template <typename Sample>
HWY_INLINE void BlendRowsTo(const int16_t* HWY_RESTRICT upper, const int16_t* HWY_RESTRICT lower,
                            int upper_weight, int lower_weight, std::size_t count,
                            Sample* HWY_RESTRICT out) {
  const Int16 d;
  const auto upper_weights = hn::Set(d, static_cast<int16_t>(upper_weight));
  const auto lower_weights = hn::Set(d, static_cast<int16_t>(lower_weight));
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    const auto above = hn::MulHigh(hn::LoadU(d, upper + x), upper_weights);
    const auto below = hn::MulHigh(hn::LoadU(d, lower + x), lower_weights);
    const auto sum = hn::Add(hn::Add(above, below), hn::Set(d, int16_t{2}));
    StoreUnit(hn::PromoteTo(Int32(), hn::ShiftRight<2>(sum)), out + x, count - x);
  }
}

void BlendRowsFloat(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
                    std::size_t count, float* out) {
  BlendRowsTo(upper, lower, upper_weight, lower_weight, count, out);
}

void BlendRowsHalf(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
                   std::size_t count, uint16_t* out) {
  BlendRowsTo(upper, lower, upper_weight, lower_weight, count, out);
}

template <typename Sample>
HWY_INLINE void SpreadSamplesTo(const uint32_t* HWY_RESTRICT left, std::size_t count,
                                Sample* HWY_RESTRICT red, Sample* HWY_RESTRICT green,
                                Sample* HWY_RESTRICT blue) {
  const Uint32 d;
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    const auto pixels = hn::LoadU(d, left + x);
    StoreUnit(Byte<0>(pixels), red + x, count - x);
    StoreUnit(Byte<8>(pixels), green + x, count - x);
    StoreUnit(Byte<16>(pixels), blue + x, count - x);
  }
}

void SpreadSamplesFloat(const uint32_t* left, std::size_t count, float* red, float* green,
                        float* blue) {
  SpreadSamplesTo(left, count, red, green, blue);
}

void SpreadSamplesHalf(const uint32_t* left, std::size_t count, uint16_t* red, uint16_t* green,
                       uint16_t* blue) {
  SpreadSamplesTo(left, count, red, green, blue);
}

void WeighColumns(const uint8_t* HWY_RESTRICT row, const Taps* HWY_RESTRICT taps, std::size_t count,
                  const int32_t* HWY_RESTRICT all_weights, uint8_t* HWY_RESTRICT out) {
  const hn::CappedTag<int32_t, 4> d;  // R, G, B and one that is dropped
  const hn::Rebind<uint8_t, decltype(d)> d8;
  for (std::size_t x = 0; x < count; ++x) {
    const uint8_t* pixels = row + kPixelBytes * static_cast<std::size_t>(taps[x].first);
    const int32_t* weights = all_weights + taps[x].weights;
    for (std::size_t c = 0; c < kPixelBytes; c += hn::Lanes(d)) {
      auto sum = hn::Set(d, 1 << (kWeightBits - 1));
      for (std::size_t t = 0; t < taps[x].count; ++t) {
        const auto values = hn::PromoteTo(d, hn::LoadU(d8, pixels + kPixelBytes * t + c));
        sum = hn::Add(sum, hn::Mul(values, hn::Set(d, weights[t])));
      }
      const auto rounded = hn::DemoteTo(d8, hn::ShiftRight<kWeightBits>(sum));
      StoreAtMost(d8, rounded, out + kPixelBytes * x + c, kPixelBytes - c);
    }
  }
}

void WeighRows(const uint8_t* const* HWY_RESTRICT rows, const int32_t* HWY_RESTRICT weights,
               std::size_t taps, std::size_t count, uint8_t* HWY_RESTRICT out) {
  const Int32 d;
  const Uint8 d8;
  for (std::size_t x = 0; x < count; x += hn::Lanes(d)) {
    auto sum = hn::Set(d, 1 << (kWeightBits - 1));
    for (std::size_t t = 0; t < taps; ++t) {
      const auto values = hn::PromoteTo(d, hn::LoadU(d8, rows[t] + x));
      sum = hn::Add(sum, hn::Mul(values, hn::Set(d, weights[t])));
    }
    hn::StoreU(hn::DemoteTo(d8, hn::ShiftRight<kWeightBits>(sum)), d8, out + x);
  }
}

}  // namespace HWY_NAMESPACE
}  // namespace bulkhead::yolo
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace bulkhead::yolo {

HWY_EXPORT(BlendColumns);
HWY_EXPORT(BlendRowsFloat);
HWY_EXPORT(BlendRowsHalf);
HWY_EXPORT(SpreadSamplesFloat);
HWY_EXPORT(SpreadSamplesHalf);
HWY_EXPORT(WeighColumns);
HWY_EXPORT(WeighRows);

void BlendColumns(const FetchedRow& row, std::size_t count, WideRow& wide) {
  HWY_DYNAMIC_DISPATCH(BlendColumns)
  (row.left.data(), row.right.data(), row.right_weight.data(), count, wide.data());
}

void BlendRows(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
               std::size_t count, float* out) {
  HWY_DYNAMIC_DISPATCH(BlendRowsFloat)(upper, lower, upper_weight, lower_weight, count, out);
}

void BlendRows(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
               std::size_t count, uint16_t* out) {
  HWY_DYNAMIC_DISPATCH(BlendRowsHalf)(upper, lower, upper_weight, lower_weight, count, out);
}

void SpreadSamples(const FetchedRow& row, std::size_t count, float* red, float* green,
                   float* blue) {
  HWY_DYNAMIC_DISPATCH(SpreadSamplesFloat)(row.left.data(), count, red, green, blue);
}

void SpreadSamples(const FetchedRow& row, std::size_t count, uint16_t* red, uint16_t* green,
                   uint16_t* blue) {
  HWY_DYNAMIC_DISPATCH(SpreadSamplesHalf)(row.left.data(), count, red, green, blue);
}

void WeighColumns(const uint8_t* row, const Filter& filter, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(WeighColumns)
  (row, filter.taps.data(), filter.taps.size(), filter.weights.data(), out);
}

void WeighRows(const uint8_t* const* rows, const int32_t* weights, std::size_t taps,
               std::size_t count, uint8_t* out) {
  HWY_DYNAMIC_DISPATCH(WeighRows)(rows, weights, taps, count, out);
}

}  // namespace bulkhead::yolo
#endif  // HWY_ONCE
