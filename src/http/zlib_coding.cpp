// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <utility>

#include <zlib.h>

#include "base/check.h"
#include "base/checked_math.h"
#include "http/content_coding.h"

namespace bulkhead::http {

struct ZlibStream {
  z_stream z{};
  int (*end)(z_stream*) = nullptr;

  ~ZlibStream() {
    if (end != nullptr) end(&z);
  }
};

namespace {

// zlib.h, inflateInit2: 16 more than the window's bits stands for gzip.
int WindowBits(ContentCoding coding) {
  return coding == ContentCoding::kGzip ? MAX_WBITS + 16 : MAX_WBITS;
}

uInt AsZlibCount(std::size_t count) {
  return static_cast<uInt>(std::min<std::size_t>(count, std::size_t{1} << 30));
}

void SetInput(z_stream& z, std::span<const std::byte> in) {
  // zlib does not write there; its interface is older than const.
  z.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(in.data()));
  z.avail_in = AsZlibCount(in.size());
}

void SetOutput(z_stream& z, std::span<std::byte> out) {
  z.next_out = reinterpret_cast<Bytef*>(out.data());
  z.avail_out = AsZlibCount(out.size());
}

}  // namespace

Inflater::Inflater(std::unique_ptr<ZlibStream> stream) : stream_(std::move(stream)) {}
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater::~Inflater() = default;

base::Result<Inflater> Inflater::Open(ContentCoding coding) {
  auto stream = std::make_unique<ZlibStream>();
  if (inflateInit2(&stream->z, WindowBits(coding)) != Z_OK) {
    return base::OperatorError(base::Code::kExhausted, "no memory for zlib");
  }
  stream->end = inflateEnd;
  return Inflater(std::move(stream));
}

base::Status Inflater::Step(std::span<const std::byte>& in, std::size_t step_bytes,
                            std::vector<std::byte>& out) {
  const std::size_t before = out.size();
  out.resize(before + step_bytes);
  SetInput(stream_->z, in);
  SetOutput(stream_->z, std::span(out).subspan(before));
  const std::size_t offered_in = stream_->z.avail_in;
  const int result = inflate(&stream_->z, Z_NO_FLUSH);
  const std::size_t taken = offered_in - stream_->z.avail_in;
  in = in.subspan(taken);
  out.resize(out.size() - stream_->z.avail_out);
  finished_ = result == Z_STREAM_END;
  const bool moved = taken > 0 || out.size() > before;
  if ((finished_ && in.empty()) || (result == Z_OK && moved)) return base::Ok();
  return base::PublicError(base::Code::kInvalid, "The body is not in its Content-Encoding.");
}

Deflater::Deflater(std::unique_ptr<ZlibStream> stream) : stream_(std::move(stream)) {}
Deflater::Deflater(Deflater&&) noexcept = default;
Deflater::~Deflater() = default;

base::Result<Deflater> Deflater::Open(ContentCoding coding) {
  constexpr int kMemoryLevel = 8;  // zlib's default
  auto stream = std::make_unique<ZlibStream>();
  if (deflateInit2(&stream->z, Z_BEST_SPEED, Z_DEFLATED, WindowBits(coding), kMemoryLevel,
                   Z_DEFAULT_STRATEGY) != Z_OK) {
    return base::OperatorError(base::Code::kExhausted, "no memory for zlib");
  }
  stream->end = deflateEnd;
  return Deflater(std::move(stream));
}

void Deflater::Step(std::span<const std::byte> in, bool last, std::vector<std::byte>& out) {
  constexpr std::size_t kRoomMin = 256;
  BH_CHECK(in.size() <= AsZlibCount(in.size()));
  SetInput(stream_->z, in);
  do {
    const std::size_t before = out.size();
    out.resize(before + std::max(kRoomMin, in.size() / 4));
    SetOutput(stream_->z, std::span(out).subspan(before));
    (void)deflate(&stream_->z, last ? Z_FINISH : Z_NO_FLUSH);
    out.resize(out.size() - stream_->z.avail_out);
  } while (stream_->z.avail_out == 0);
}

}  // namespace bulkhead::http
