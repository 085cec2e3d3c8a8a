// SPDX-License-Identifier: Apache-2.0
// For tests only: JPEG pictures of forms that EncodeJpeg does not write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <vector>

#include <jpeglib.h>

namespace bulkhead::image {

struct TestJpeg {
  int width = 0;
  int height = 0;
  // Sampling factors of luma; those of chroma are 1.
  int across = 2;
  int down = 2;
  bool progressive = false;
  unsigned restart_blocks = 0;
  int chroma_across = 1;
};

// Noise, so that every sample differs from its neighbours.
inline std::vector<std::byte> EncodeNoise(const TestJpeg& form) {
  jpeg_compress_struct codec{};
  jpeg_error_mgr errors{};
  codec.err = jpeg_std_error(&errors);
  jpeg_create_compress(&codec);
  unsigned char* file = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&codec, &file, &size);
  codec.image_width = static_cast<JDIMENSION>(form.width);
  codec.image_height = static_cast<JDIMENSION>(form.height);
  codec.input_components = 3;
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);
  jpeg_set_quality(&codec, 90, TRUE);
  codec.comp_info[0].h_samp_factor = form.across;
  codec.comp_info[0].v_samp_factor = form.down;
  codec.comp_info[1].h_samp_factor = form.chroma_across;
  codec.comp_info[2].h_samp_factor = form.chroma_across;
  codec.restart_interval = form.restart_blocks;
  if (form.progressive) jpeg_simple_progression(&codec);
  jpeg_start_compress(&codec, TRUE);
  std::mt19937 random(static_cast<unsigned>(form.width * 1000 + form.height));
  std::vector<uint8_t> row(static_cast<std::size_t>(form.width) * 3);
  for (int y = 0; y < form.height; ++y) {
    for (uint8_t& value : row) value = static_cast<uint8_t>(random() >> 24U);
    JSAMPROW rows = row.data();
    jpeg_write_scanlines(&codec, &rows, 1);
  }
  jpeg_finish_compress(&codec);
  jpeg_destroy_compress(&codec);
  const auto* first = reinterpret_cast<const std::byte*>(file);
  std::vector<std::byte> encoded(first, first + size);
  std::free(file);
  return encoded;
}

}  // namespace bulkhead::image
