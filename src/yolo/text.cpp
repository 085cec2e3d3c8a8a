// SPDX-License-Identifier: Apache-2.0
#include "yolo/text.h"

#include <algorithm>
#include <cstddef>

#include "yolo/bitmap_font.h"

namespace bulkhead::yolo {
namespace {

constexpr int64_t kAdvance = kGlyphWidth + 1;  // one empty column between glyphs
constexpr char32_t kNotAscii = 0xFFFD;         // the replacement character; all look the same

bool IsContinuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U; }

// RFC 3629, 3: bytes that follow this first byte of a character.
std::size_t ContinuationsAfter(unsigned char first) {
  if (first >= 0xF8U) return 0;
  if (first >= 0xF0U) return 3;
  if (first >= 0xE0U) return 2;
  return first >= 0xC0U ? 1 : 0;
}

// Takes one character off the text. Which one it is matters only when it is ASCII.
char32_t TakeCharacter(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  text.remove_prefix(1);
  if (first < 0x80U) return first;
  std::size_t more = ContinuationsAfter(first);
  while (more > 0 && !text.empty() && IsContinuation(text.front())) {
    text.remove_prefix(1);
    --more;
  }
  return kNotAscii;
}

void DrawGlyph(const Glyph& glyph, int64_t left, int64_t top, int scale, Color color,
               image::Image& picture) {
  for (std::size_t row = 0; row < glyph.size(); ++row) {
    const int64_t y = top + static_cast<int64_t>(row) * scale;
    for (int column = 0; column < kGlyphWidth; ++column) {
      if ((glyph[row] >> (kGlyphWidth - 1 - column) & 1) == 0) continue;
      const int64_t x = left + int64_t{column} * scale;
      FillRect({x, y, x + scale, y + scale}, color, picture);
    }
  }
}

}  // namespace

int64_t TextWidth(std::string_view text, int scale) {
  int64_t columns = 0;
  while (!text.empty()) {
    TakeCharacter(text);
    columns += kAdvance;
  }
  return std::max<int64_t>(columns - 1, 0) * scale;
}

int64_t TextHeight(int scale) { return int64_t{kGlyphHeight} * scale; }

void DrawText(std::string_view text, int64_t left, int64_t top, int scale, Color color,
              image::Image& picture) {
  for (int64_t x = left; !text.empty() && x < picture.width(); x += kAdvance * scale) {
    DrawGlyph(GlyphOf(TakeCharacter(text)), x, top, scale, color, picture);
  }
}

}  // namespace bulkhead::yolo
