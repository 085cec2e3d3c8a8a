// SPDX-License-Identifier: Apache-2.0
// libpng gives up by calling our error function, which must not return: we longjmp. Jumping over an
// object with a destructor is undefined, so all calls that can fail are made in "steps": functions
// that own nothing, run by RunStep. What must be released is owned by its callers.
#include "image/png_decode.h"

#include <csetjmp>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include <png.h>

#include "image/decode_error.h"
#include "image/exif.h"

namespace bulkhead::image {
namespace {

using base::Result;

struct Session {
  png_structp png = nullptr;
  png_infop header = nullptr;
  std::span<const std::byte> unread;
  Image* picture = nullptr;
  char text[128] = {};

  Session() = default;
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session() { png_destroy_read_struct(&png, &header, nullptr); }
};

[[noreturn]] void OnError(png_structp png, png_const_charp text) {
  auto* session = static_cast<Session*>(png_get_error_ptr(png));
  static_cast<void>(std::snprintf(session->text, sizeof session->text, "%s", text));
  png_longjmp(png, 1);
}

// libpng warns of harmless things only: lost image data is an error.
void OnWarning(png_structp /*png*/, png_const_charp /*text*/) {}

void OnRead(png_structp png, png_bytep out, std::size_t count) {
  auto* session = static_cast<Session*>(png_get_io_ptr(png));
  if (count > session->unread.size()) png_error(png, "ends early");
  std::memcpy(out, session->unread.data(), count);
  session->unread = session->unread.subspan(count);
}

[[nodiscard]] bool RunStep(Session& session, void (*step)(Session&)) {
  // NOLINTNEXTLINE(cert-err52-cpp): libpng reports errors by longjmp only
  if (setjmp(png_jmpbuf(session.png)) != 0) return false;
  step(session);
  return true;
}

// Step. Ancillary chunks (profiles, texts, Exif) are skipped unread: a compressed one cannot blow
// up, and libpng allocates for Exif whatever size the chunk claims. As none is kept, none needs a
// size limit.
void ReadHeader(Session& session) {
  png_structp png = session.png;
  png_set_read_fn(png, &session, OnRead);
  png_set_user_limits(png, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // CheckPictureSize decides
  png_set_chunk_malloc_max(png, 0);
  png_set_keep_unknown_chunks(png, PNG_HANDLE_CHUNK_NEVER, nullptr, -1);
  png_read_info(png, session.header);
}

// Step. Every form becomes 8-bit RGB; no gamma, no background.
void ReadPixels(Session& session) {
  png_structp png = session.png;
  Image& picture = *session.picture;
  png_set_palette_to_rgb(png);
  png_set_expand_gray_1_2_4_to_8(png);
  png_set_gray_to_rgb(png);
  png_set_strip_16(png);
  png_set_strip_alpha(png);
  const int passes = png_set_interlace_handling(png);
  png_read_update_info(png, session.header);
  if (png_get_rowbytes(png, session.header) != picture.row_bytes()) {
    png_error(png, "rows are not RGB");
  }
  for (int pass = 0; pass < passes; ++pass) {
    for (int y = 0; y < picture.height(); ++y) png_read_row(png, picture.row(y), nullptr);
  }
  png_read_end(png, session.header);  // also finds a file that ends early
}

}  // namespace

Result<Orientation> DecodePng(std::span<const std::byte> encoded, const DecodeLimits& limits,
                              Image& picture) {
  Session session;
  session.unread = encoded;
  session.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &session, OnError, OnWarning);
  if (session.png == nullptr) return OutOfMemory();
  session.header = png_create_info_struct(session.png);
  if (session.header == nullptr) return OutOfMemory();
  if (!RunStep(session, ReadHeader)) return DamagedPicture("PNG", session.text);

  const uint32_t width = png_get_image_width(session.png, session.header);
  const uint32_t height = png_get_image_height(session.png, session.header);
  BH_TRY(CheckPictureSize(width, height, limits));
  picture.Reshape(static_cast<int>(width), static_cast<int>(height));
  session.picture = &picture;
  if (!RunStep(session, ReadPixels)) return DamagedPicture("PNG", session.text);
  return ParsePngOrientation(encoded);
}

}  // namespace bulkhead::image
