// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstdint>
#include <new>

#include "image/encode.h"
#include "image/jpeg_library.h"

namespace bulkhead::image {
namespace {

using base::Code;
using base::Result;

constexpr std::size_t kChunkBytes = std::size_t{64} << 10;

struct Sink {
  jpeg_destination_mgr target{};
  std::vector<std::byte> encoded;
};

// Appends a chunk's worth of room and makes it libjpeg's buffer.
bool Grow(Sink& sink) noexcept {
  const std::size_t used = sink.encoded.size();
  try {
    sink.encoded.resize(used + kChunkBytes);
  } catch (const std::bad_alloc&) {
    return false;
  }
  sink.target.next_output_byte = reinterpret_cast<JOCTET*>(sink.encoded.data()) + used;
  sink.target.free_in_buffer = kChunkBytes;
  return true;
}

struct Session {
  jpeg_compress_struct codec{};
  JpegFailure failure{};
  Sink sink;
  const Image* picture = nullptr;
  int quality = 0;

  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { jpeg_destroy_compress(&codec); }  // does nothing when creation failed
};

Sink& SinkOf(j_compress_ptr codec) { return *static_cast<Sink*>(codec->client_data); }

boolean MakeRoom(j_compress_ptr codec) {
  if (!Grow(SinkOf(codec))) GiveUpForMemory(reinterpret_cast<j_common_ptr>(codec));
  return TRUE;
}

void StartWriting(j_compress_ptr codec) { MakeRoom(codec); }

void EndWriting(j_compress_ptr codec) {
  Sink& sink = SinkOf(codec);
  sink.encoded.resize(sink.encoded.size() - sink.target.free_in_buffer);
}

// Step.
void Write(Session& session) {
  jpeg_compress_struct& codec = session.codec;
  const Image& picture = *session.picture;
  jpeg_create_compress(&codec);
  codec.dest = &session.sink.target;
  codec.image_width = static_cast<JDIMENSION>(picture.width());
  codec.image_height = static_cast<JDIMENSION>(picture.height());
  codec.input_components = static_cast<int>(Image::kChannels);
  codec.in_color_space = JCS_RGB;
  jpeg_set_defaults(&codec);  // baseline, YCbCr, 4:2:0
  jpeg_set_quality(&codec, session.quality, TRUE);
  jpeg_start_compress(&codec, TRUE);
  for (int y = 0; y < picture.height(); ++y) {
    JSAMPROW row = const_cast<JSAMPROW>(picture.row(y));  // libjpeg only reads it
    jpeg_write_scanlines(&codec, &row, 1);
  }
  jpeg_finish_compress(&codec);
}

}  // namespace

Result<std::vector<std::byte>> EncodeJpeg(const Image& image, int quality) {
  if (image.empty() || std::max(image.width(), image.height()) > JPEG_MAX_DIMENSION) {
    return base::PublicError(Code::kInvalid, "an empty picture or one beyond JPEG's largest side");
  }
  Session session;
  session.codec.err = ReportTo(session.failure);
  session.codec.client_data = &session.sink;
  session.sink.target.init_destination = StartWriting;
  session.sink.target.empty_output_buffer = MakeRoom;
  session.sink.target.term_destination = EndWriting;
  session.picture = &image;
  session.quality = std::clamp(quality, 1, 100);
  if (!RunStep(session, Write)) {
    return base::OperatorError(Code::kExhausted, session.failure.text);
  }
  return std::move(session.sink.encoded);
}

}  // namespace bulkhead::image
