// SPDX-License-Identifier: Apache-2.0
// Sends spans to a receiver of OTLP/HTTP, without ever being in the way of what they describe.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string_view>
#include <thread>
#include <vector>

#include "telemetry/otlp_options.h"
#include "telemetry/span.h"

namespace bulkhead::telemetry {

// Of spans, since the start.
struct OtlpCounts {
  uint64_t exported = 0;  // a receiver took them
  uint64_t dropped = 0;   // no room: more came than a receiver took
  uint64_t failed = 0;    // given up, or thrown away by the receiver
};

// Any thread may add. One thread of its own sends, a batch at a time; it tries again what did not
// arrive, later and later, while further spans wait in a queue of fixed size.
class OtlpExporter {
 public:
  // `log`: a line for the operator when a receiver fails and when it is back; on the sending
  // thread.
  OtlpExporter(OtlpOptions options, std::function<void(std::string_view)> log);
  OtlpExporter(const OtlpExporter&) = delete;
  OtlpExporter& operator=(const OtlpExporter&) = delete;
  // Tries once more to send what waits, for OtlpOptions::end_time at most.
  ~OtlpExporter();

  // Never waits for a receiver. What has no room is dropped and counted.
  void Add(std::vector<Span> spans);

  [[nodiscard]] OtlpCounts counts() const;
  [[nodiscard]] const OtlpOptions& options() const { return options_; }

 private:
  enum class Outcome : uint8_t { kDone, kLater };

  void Run(const std::stop_token& stop);
  std::vector<Span> Take(const std::stop_token& stop);
  void Deliver(const std::vector<Span>& batch, const std::stop_token& stop);
  Outcome Try(const std::vector<Span>& batch, std::chrono::milliseconds timeout,
              const std::stop_token& stop);
  void Pause(int attempt, const std::stop_token& stop);
  void TryAtTheEnd(const std::vector<Span>& batch);
  void Count(uint64_t exported, uint64_t failed);
  void Say(std::string_view failure);  // empty: it works

  const OtlpOptions options_;
  const std::function<void(std::string_view)> log_;
  mutable std::mutex mutex_;  // held for moves of spans, never for a system call
  std::condition_variable_any came_;
  std::vector<Span> waiting_;
  OtlpCounts counts_;
  // Of the sending thread.
  bool failing_ = false;
  std::optional<std::chrono::milliseconds> asked_pause_;
  std::optional<std::chrono::nanoseconds> end_by_;
  std::jthread thread_;
};

}  // namespace bulkhead::telemetry
