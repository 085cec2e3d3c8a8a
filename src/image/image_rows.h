// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "image/image.h"
#include "image/rows.h"

namespace bulkhead::image {

// The rows of a decoded picture, which must outlive this.
class ImageRows final : public Rows {
 public:
  explicit ImageRows(const Image& picture) : picture_(picture) {}

  [[nodiscard]] int width() const override { return picture_.width(); }
  [[nodiscard]] int height() const override { return picture_.height(); }
  const uint8_t* Row(int y) override { return picture_.row(y); }
  void Pick(int y, std::span<const uint32_t> columns, std::span<uint32_t> pixels) override;
  base::Status Finish() override { return base::Ok(); }

 private:
  const Image& picture_;
};

}  // namespace bulkhead::image
