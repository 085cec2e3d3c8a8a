// SPDX-License-Identifier: Apache-2.0
// A token bucket, in the form of GCRA (the virtual scheduling algorithm of ITU-T I.371, annex A):
// what is kept is how much was taken and has not flowed back yet. Nothing is rounded: over any time
// exactly the rate goes through.
#pragma once

#include <cstdint>

namespace bulkhead::tenant {

// The bucket holds `burst_seconds` worth and is full at first.
struct Rate {
  uint64_t per_second = 0;
  uint32_t burst_seconds = 1;
  friend bool operator==(const Rate&, const Rate&) = default;
};

// Times are nanoseconds of one clock that does not go back; an earlier time than the last one is
// taken for the last one. One thread at a time.
class RateLimit {
 public:
  static constexpr int64_t kNever = INT64_MAX;

  explicit RateLimit(Rate rate) : rate_(rate) {}

  // How long from now until `amount` can be taken, rounded up; 0: now. An amount larger than the
  // bucket is to be had when the bucket is full; kNever: the rate is 0.
  [[nodiscard]] int64_t Wait(int64_t now_ns, uint64_t amount) const;

  // Takes, if Wait is 0, and says what Wait said. After more than the bucket's content the bucket
  // owes, and refuses everything until it has paid back.
  [[nodiscard]] int64_t Take(int64_t now_ns, uint64_t amount);

  // What is in the bucket now, in whole units.
  [[nodiscard]] uint64_t Remaining(int64_t now_ns) const;

  // Until it is full again, rounded up.
  [[nodiscard]] int64_t FullIn(int64_t now_ns) const;

  // Another rate from now on; what was taken stays taken, and what was owed beyond an empty bucket
  // is forgiven.
  void SetRate(int64_t now_ns, Rate rate);

  [[nodiscard]] uint64_t capacity() const;
  [[nodiscard]] Rate rate() const { return rate_; }

 private:
  // Thousand-millionths of a unit, so that a nanosecond gives back `per_second` of them.
  __extension__ using Nano = unsigned __int128;

  [[nodiscard]] Nano TakenAt(int64_t now_ns) const;
  [[nodiscard]] int64_t NanosecondsFor(Nano amount) const;

  Rate rate_;
  Nano taken_ = 0;
  int64_t as_of_ns_ = INT64_MIN;
};

}  // namespace bulkhead::tenant
