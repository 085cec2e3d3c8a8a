// SPDX-License-Identifier: Apache-2.0
// The inner loops of resizing, one row at a time, in the widest instruction set that the processor
// has (chosen at run time; every choice gives the same bits). No other file sees vector types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace bulkhead::yolo {

// Kernels read and write whole vectors of at most this many elements, so every buffer handed to
// them is as long as RoundedToLanes(count). Rows of a Canvas are the exception: they are written to
// exactly `count` elements.
inline constexpr std::size_t kLanesMax = 16;

[[nodiscard]] constexpr std::size_t RoundedToLanes(std::size_t count) {
  return (count + kLanesMax - 1) / kLanesMax * kLanesMax;
}

// A picture row as fetched for each output column. `left` holds the bytes R G B (R') of the pixel
// at or left of the column's centre, `right` the bytes (B) R' G' B' whose last three are its right
// neighbour, both little endian. `right_weight` is in 1/2048.
struct FetchedRow {
  std::vector<uint32_t> left;
  std::vector<uint32_t> right;
  std::vector<int32_t> right_weight;
};

// A row resized horizontally: R, G and B one after the other, each RoundedToLanes(width) values
// of a pixel's value times 128.
using WideRow = std::vector<int16_t>;

// wide = (left * (2048 - right_weight) + right * right_weight) >> 4.
void BlendColumns(const FetchedRow& row, std::size_t count, WideRow& wide);

// out = round(upper * upper_weight + lower * lower_weight) / 255 in OpenCV's arithmetic: the high
// 16 bits of each product, summed, with the last two bits rounded off. Weights are in 1/2048.
void BlendRows(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
               std::size_t count, float* out);
void BlendRows(const int16_t* upper, const int16_t* lower, int upper_weight, int lower_weight,
               std::size_t count, uint16_t* out);

// out = the left pixels of `row` / 255, to three planes.
void SpreadSamples(const FetchedRow& row, std::size_t count, float* red, float* green, float* blue);
void SpreadSamples(const FetchedRow& row, std::size_t count, uint16_t* red, uint16_t* green,
                   uint16_t* blue);

// Fixed-point weights of Pillow's 8-bit resampling: 1.0 = 1 << 22.
inline constexpr int kWeightBits = 22;

// The consecutive picture rows or columns that one row or column of the result is the mean of.
struct Taps {
  int first = 0;
  std::size_t count = 0;
  std::size_t weights = 0;  // index of its first weight
};

struct Filter {
  std::vector<Taps> taps;  // one per result row or column
  std::vector<int32_t> weights;
  std::size_t longest = 0;
};

// Resizes a row of RGB pixels to 3 * filter.taps.size() values, each rounded to 8 bits. Reads one
// byte beyond the last pixel.
void WeighColumns(const uint8_t* row, const Filter& filter, uint8_t* out);

// out[i] = the weighted mean of rows[t][i] over t < taps, rounded to 8 bits.
void WeighRows(const uint8_t* const* rows, const int32_t* weights, std::size_t taps,
               std::size_t count, uint8_t* out);

}  // namespace bulkhead::yolo
