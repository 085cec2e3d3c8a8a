// SPDX-License-Identifier: Apache-2.0
// Our own font of five by seven dots for printable ASCII, with two rows more for what hangs below
// the line. It is there so that a label needs no font file.
#pragma once

#include <array>
#include <cstdint>

namespace bulkhead::yolo {

inline constexpr int kGlyphWidth = 5;
inline constexpr int kGlyphHeight = 9;

// Rows from the top; bit 4 of a row is its left dot.
using Glyph = std::array<uint8_t, kGlyphHeight>;

// The glyph of a printable ASCII character; of anything else an empty box.
const Glyph& GlyphOf(char32_t code_point);

}  // namespace bulkhead::yolo
