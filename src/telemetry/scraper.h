// SPDX-License-Identifier: Apache-2.0
// Asks an exporter for its metrics, again and again.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "base/result.h"
#include "telemetry/http_place.h"

namespace bulkhead::telemetry {

struct ScrapeLimits {
  std::chrono::milliseconds every{15'000};   // from one answer to the next question
  std::chrono::milliseconds timeout{5'000};  // of one, from the look-up to the answer's end
  uint64_t bytes_max = uint64_t{16} << 20;   // of an answer
};

// On a thread of its own, where `heard` is called with each answer, or why there is none:
// kUnavailable: another status than 200 too; otherwise as ExchangeHttp. What is slow, endless or
// away costs this thread alone.
class Scraper {
 public:
  using Heard = std::function<void(base::Result<std::string> text)>;

  Scraper(HttpPlace place, std::string user_agent, const ScrapeLimits& limits, Heard heard);
  Scraper(const Scraper&) = delete;
  Scraper& operator=(const Scraper&) = delete;
  // Breaks off what is asked; `heard` is not called any more.
  ~Scraper();

 private:
  void Run(const std::stop_token& stop);
  [[nodiscard]] base::Result<std::string> Ask(const std::stop_token& stop) const;

  const HttpPlace place_;
  const std::string user_agent_;
  const ScrapeLimits limits_;
  const Heard heard_;
  std::mutex mutex_;
  std::condition_variable_any ended_;
  std::jthread thread_;  // last: it uses what stands above
};

}  // namespace bulkhead::telemetry
