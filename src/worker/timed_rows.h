// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>

#include "image/rows.h"

namespace bulkhead::worker {

// The rows of another, and the time that it took to get them.
class TimedRows final : public image::Rows {
 public:
  explicit TimedRows(image::Rows& rows) : rows_(rows) {}

  [[nodiscard]] std::chrono::nanoseconds time() const { return time_; }

  [[nodiscard]] int width() const override { return rows_.width(); }
  [[nodiscard]] int height() const override { return rows_.height(); }
  const uint8_t* Row(int y) override {
    const Lap lap(time_);
    return rows_.Row(y);
  }
  void Pick(int y, std::span<const uint32_t> columns, std::span<uint32_t> pixels) override {
    const Lap lap(time_);
    rows_.Pick(y, columns, pixels);
  }
  base::Status Finish() override {
    const Lap lap(time_);
    return rows_.Finish();
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Adds its own lifetime to a sum.
  class Lap {
   public:
    explicit Lap(std::chrono::nanoseconds& sum) : sum_(sum) {}
    Lap(const Lap&) = delete;
    Lap& operator=(const Lap&) = delete;
    ~Lap() { sum_ += Clock::now() - start_; }

   private:
    std::chrono::nanoseconds& sum_;
    Clock::time_point start_ = Clock::now();
  };

  image::Rows& rows_;
  std::chrono::nanoseconds time_{0};
};

}  // namespace bulkhead::worker
