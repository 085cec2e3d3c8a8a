// SPDX-License-Identifier: Apache-2.0
// The ledger as the I/O thread uses it: a result waits until its record is durable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "async/task.h"
#include "base/result.h"
#include "meter/ledger.h"
#include "telemetry/exposition.h"
#include "telemetry/histogram.h"

namespace bulkhead::gateway {

// Lives on the I/O thread. End it before the io_context, and after it runs no more.
class Metering {
 public:
  // On the I/O thread. Errors are those of meter::Ledger::Open.
  // `receipt_secret` stays the same for as long as receipts are to be read.
  static base::Result<std::unique_ptr<Metering>> Open(boost::asio::io_context& io,
                                                      const std::filesystem::path& folder,
                                                      std::span<const std::byte> receipt_secret);
  Metering(const Metering&) = delete;
  Metering& operator=(const Metering&) = delete;
  ~Metering();

  // Goes on when the record is durable. kUnavailable, with a sentence for the caller: it is not and
  // will not be, so the result must not be released. `record` is used until the task ends.
  async::Task<base::Result<meter::RecordId>> Record(const meter::FrameRecord& record);

  // Takes a result back that could not be released. Returns at once. Where there is no room now, it
  // is written with the next record that finds some, or at the end.
  void TakeBack(meter::FrameRecord record, meter::RecordId about);
  // Any other record whose fate nobody waits for; where there is no room, it is dropped.
  void Note(const meter::FrameRecord& record);

  // What the tenant is told of a record.
  [[nodiscard]] std::string ReceiptOf(meter::RecordId id) const;

  // False for good: nobody knows what is on the disk, and nothing can be metered before a restart.
  [[nodiscard]] bool usable() const;
  [[nodiscard]] meter::Ledger& ledger();

  void AppendFamilies(std::vector<telemetry::Family>& families) const;

 private:
  struct State;
  explicit Metering(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::gateway
