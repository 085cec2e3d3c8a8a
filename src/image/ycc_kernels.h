// SPDX-License-Identifier: Apache-2.0
// From the planes of a JPEG to RGB, one row at a time, with the bits of libjpeg-turbo, in the
// widest instruction set that the processor has (chosen at run time; every choice gives the same
// bits).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace bulkhead::image {

// Kernels read and write whole vectors of at most this many samples, so every row handed to them is
// as long as RoundedToSamples(count), in samples, or three times that, as RGB.
inline constexpr std::size_t kSamplesAtOnce = 32;

[[nodiscard]] constexpr std::size_t RoundedToSamples(std::size_t count) {
  return (count + kSamplesAtOnce - 1) / kSamplesAtOnce * kSamplesAtOnce;
}

// How a chroma row of half the width becomes one of full width: libjpeg's "fancy upsampling", a
// triangle filter. With s = 3 * near + far of the rows,
//   out[2 i] = (3 s[i] + s[i - 1] + left_bias) >> 4, out[2 i + 1] = (3 s[i] + s[i + 1] +
//   right_bias) >> 4, where the first and last s stand in for their missing neighbours.
struct ChromaBias {
  int left = 0;
  int right = 0;
};

// 4:2:0: `near` is the chroma row of the picture's row, `far` the one on its other side.
inline constexpr ChromaBias kBiasAcrossAndDown = {.left = 8, .right = 7};
// 4:2:2, where libjpeg computes (3 c[i] + c[i - 1] + 1) >> 2 and (3 c[i] + c[i + 1] + 2) >> 2 of
// one row c: the same with `near` and `far` both that row, hence everything times four.
inline constexpr ChromaBias kBiasAcross = {.left = 4, .right = 8};

// Writes 2 * count samples (2 * RoundedToSamples(count) of room). `sums` is scratch of
// 2 + RoundedToSamples(count) elements. count > 0.
void UpsampleChroma(const uint8_t* near, const uint8_t* far, std::size_t count, ChromaBias bias,
                    int16_t* sums, uint8_t* out);

// A row of interleaved RGB. With b = Cb - 128 and r = Cr - 128, each clamped to 0..255:
//   R = Y + (91881 r + 32768 >> 16), B = Y + (116130 b + 32768 >> 16),
//   G = Y + (-22554 b - 46802 r + 32768 >> 16): ITU-R BT.601's factors times 65536, as libjpeg
// rounds them.
void ConvertRow(const uint8_t* y, const uint8_t* cb, const uint8_t* cr, std::size_t count,
                uint8_t* rgb);

// The same for pixels Y | Cb << 8 | Cr << 16, in place: R | G << 8 | B << 16. Any count.
void ConvertPixels(std::span<uint32_t> pixels);

}  // namespace bulkhead::image
