// SPDX-License-Identifier: Apache-2.0
// Why not planes of the whole picture: written and read again they cost more than the conversion
// that they save, since they do not fit the nearer caches. Two bands of block rows do, and the
// picture is never held.
//
// A band is what libjpeg decodes at once: the rows of one row of its blocks, 8 of chroma and 8 or
// 16 of luma. Upsampling a row takes the chroma row beside it, which may lie in the band before or
// after; rows come in order, so the two bands read last hold all that a row needs.
#include "image/jpeg_rows.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <vector>

#include "base/check.h"
#include "image/exif.h"
#include "image/image.h"
#include "image/jpeg_session.h"
#include "image/ycc_kernels.h"

namespace bulkhead::image {
namespace {

constexpr std::size_t kPlanes = 3;
constexpr int kBandsHeld = 2;
constexpr int kBandRowsMax = 2 * DCTSIZE;

// The samples of one component in the bands held.
class Plane {
 public:
  Plane() = default;
  // `blocks` is the width, in blocks. Zeros, so that rows handed out after damage are no chance.
  Plane(std::size_t blocks, int band_rows)
      : band_rows_(band_rows),
        stride_(RoundedToSamples(blocks * DCTSIZE)),
        samples_(stride_ * static_cast<std::size_t>(kBandsHeld * band_rows)) {}

  [[nodiscard]] uint8_t* Row(int y) {
    return samples_.data() + static_cast<std::size_t>(y % (kBandsHeld * band_rows_)) * stride_;
  }
  [[nodiscard]] int band_rows() const { return band_rows_; }

 private:
  int band_rows_ = 0;
  std::size_t stride_ = 0;
  std::vector<uint8_t> samples_;
};

struct Session : JpegSession {
  std::array<std::array<JSAMPROW, kBandRowsMax>, kPlanes> rows{};  // where the next band goes
};

// Step.
void Start(Session& session) {
  session.codec.raw_data_out = TRUE;
  jpeg_start_decompress(&session.codec);
}

// Step.
void ReadBand(Session& session) {
  std::array<JSAMPARRAY, kPlanes> planes{};
  for (std::size_t p = 0; p < kPlanes; ++p) planes[p] = session.rows[p].data();
  jpeg_read_raw_data(&session.codec, planes.data(), kBandRowsMax);
}

// Step.
void End(Session& session) { jpeg_finish_decompress(&session.codec); }

bool IsPlanar(const jpeg_decompress_struct& codec) {
  if (codec.jpeg_color_space != JCS_YCbCr || codec.num_components != kPlanes) return false;
  const jpeg_component_info* part = codec.comp_info;
  for (const int chroma : {1, 2}) {
    if (part[chroma].h_samp_factor != 1 || part[chroma].v_samp_factor != 1) return false;
  }
  const int across = part[0].h_samp_factor;
  const int down = part[0].v_samp_factor;
  return (across == 1 && down == 1) || (across == 2 && (down == 1 || down == 2));
}

class JpegRows final : public Rows {
 public:
  // What to call before anything else, and not again. Errors are those of OpenJpegRows.
  base::Result<bool> Open(std::span<const std::byte> encoded, const DecodeLimits& limits) {
    BH_TRY(OpenJpeg(encoded, limits, session_));
    if (!IsPlanar(session_.codec)) return false;
    if (ParseJpegOrientation(encoded) != Orientation::kUpright) return false;
    MakeRoom();
    if (!RunStep(session_, Start)) return ErrorOf(session_.failure);
    return true;
  }

  [[nodiscard]] int width() const override { return width_; }
  [[nodiscard]] int height() const override { return height_; }

  const uint8_t* Row(int y) override {
    const YccRow ycc = Upsampled(y);
    ConvertRow(ycc.y, ycc.cb, ycc.cr, static_cast<std::size_t>(width_), rgb_.data());
    return rgb_.data();
  }

  void Pick(int y, std::span<const uint32_t> columns, std::span<uint32_t> pixels) override {
    BH_CHECK(columns.size() == pixels.size());
    const YccRow ycc = Upsampled(y);
    const uint32_t* column = columns.data();
    uint32_t* pixel = pixels.data();
    for (std::size_t i = 0; i < columns.size(); ++i) {
      const uint32_t x = column[i];
      pixel[i] = ycc.y[x] | uint32_t{ycc.cb[x]} << 8U | uint32_t{ycc.cr[x]} << 16U;
    }
    ConvertPixels(pixels);
  }

  base::Status Finish() override {
    ReadBandsUpTo(bands_ - 1);
    if (!failed_ && !ended_) failed_ = !RunStep(session_, End);
    ended_ = true;
    if (failed_) return ErrorOf(session_.failure);
    return base::Ok();
  }

 private:
  struct YccRow {
    const uint8_t* y;
    const uint8_t* cb;
    const uint8_t* cr;
  };

  void MakeRoom() {
    const jpeg_decompress_struct& codec = session_.codec;
    width_ = static_cast<int>(codec.image_width);
    height_ = static_cast<int>(codec.image_height);
    across_ = codec.comp_info[0].h_samp_factor;
    down_ = codec.comp_info[0].v_samp_factor;
    chroma_width_ = (width_ + across_ - 1) / across_;
    chroma_height_ = (height_ + down_ - 1) / down_;
    bands_ = (chroma_height_ + DCTSIZE - 1) / DCTSIZE;
    for (std::size_t p = 0; p < kPlanes; ++p) {
      const jpeg_component_info& part = codec.comp_info[p];
      planes_[p] = Plane(part.width_in_blocks, part.v_samp_factor * DCTSIZE);
    }
    const std::size_t chroma_room = RoundedToSamples(static_cast<std::size_t>(chroma_width_));
    sums_.resize(chroma_room + 2);
    for (auto& row : upsampled_) row.resize(2 * chroma_room);
    const std::size_t room = RoundedToSamples(static_cast<std::size_t>(width_));
    rgb_.resize(room * Image::kChannels + 1);
  }

  void ReadBandsUpTo(int band) {
    for (; bands_read_ <= band && !failed_; ++bands_read_) {
      for (std::size_t p = 0; p < kPlanes; ++p) {
        const int rows = planes_[p].band_rows();
        for (int i = 0; i < rows; ++i) {
          session_.rows[p][static_cast<std::size_t>(i)] = planes_[p].Row(bands_read_ * rows + i);
        }
      }
      failed_ = !RunStep(session_, ReadBand);
    }
  }

  YccRow Upsampled(int y) {
    BH_CHECK(y >= last_y_ && y < height_);
    last_y_ = y;
    const int near = y / down_;
    const int beside = y % 2 == 0 ? near - 1 : near + 1;
    const int far = down_ == 1 ? near : std::clamp(beside, 0, chroma_height_ - 1);
    ReadBandsUpTo(std::max(near, far) / DCTSIZE);
    return {planes_[0].Row(y), Chroma(1, near, far), Chroma(2, near, far)};
  }

  const uint8_t* Chroma(std::size_t plane, int near, int far) {
    const uint8_t* row = planes_[plane].Row(near);
    if (across_ == 1) return row;
    std::vector<uint8_t>& out = upsampled_[plane - 1];
    // So narrow that libjpeg repeats samples instead, both ways.
    if (chroma_width_ <= 2) {
      for (std::size_t x = 0; x < out.size(); ++x) out[x] = row[x / 2];
      return out.data();
    }
    UpsampleChroma(row, planes_[plane].Row(far), static_cast<std::size_t>(chroma_width_),
                   down_ == 2 ? kBiasAcrossAndDown : kBiasAcross, sums_.data(), out.data());
    return out.data();
  }

  Session session_;
  int width_ = 0;
  int height_ = 0;
  int across_ = 1;  // luma samples per chroma sample
  int down_ = 1;
  int chroma_width_ = 0;
  int chroma_height_ = 0;
  int bands_ = 0;
  int bands_read_ = 0;
  int last_y_ = 0;
  bool failed_ = false;
  bool ended_ = false;
  std::array<Plane, kPlanes> planes_;
  std::vector<int16_t> sums_;
  std::array<std::vector<uint8_t>, kPlanes - 1> upsampled_;
  std::vector<uint8_t> rgb_;
};

}  // namespace

base::Result<std::unique_ptr<Rows>> OpenJpegRows(std::span<const std::byte> encoded,
                                                 const DecodeLimits& limits) {
  auto rows = std::make_unique<JpegRows>();
  BH_ASSIGN(const bool planar, rows->Open(encoded, limits));
  if (!planar) return std::unique_ptr<Rows>();
  return std::unique_ptr<Rows>(std::move(rows));
}

}  // namespace bulkhead::image
