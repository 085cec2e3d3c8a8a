// SPDX-License-Identifier: Apache-2.0
// From running deployments and their devices to the history of use.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "advice/dcgm.h"
#include "async/blocking_thread.h"
#include "async/task.h"
#include "base/result.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/statistics.h"
#include "gateway/use_recorder.h"
#include "store/store.h"
#include "telemetry/exposition.h"
#include "telemetry/http_place.h"
#include "telemetry/scraper.h"

namespace bulkhead::gateway {

struct UseFeedParts {
  boost::asio::io_context& io;
  const Accounts& accounts;
  const fleet::Fleet& fleet;
  const Statistics& statistics;
  store::UseHistory& history;  // used on `blocking`, and at the end
  async::BlockingThread& blocking;
  std::function<void(std::string_view)> log;
  std::function<int64_t()> unix_ms;
};

// Lives on the I/O thread; each exporter is asked on a thread of its own. What an exporter does or
// says is never in the way of a request, and where it fails there are no readings of that time.
class UseFeed {
 public:
  static constexpr std::size_t kDevicesMax = 4096;  // of one exporter
  static constexpr int64_t kDaysKept = 30;

  // `writer`: drawn by chance for this process.
  UseFeed(UseFeedParts parts, std::string writer);
  UseFeed(const UseFeed&) = delete;
  UseFeed& operator=(const UseFeed&) = delete;
  ~UseFeed();

  // Asks these dcgm-exporters from now on.
  void Begin(const std::vector<telemetry::HttpPlace>& exporters, const std::string& user_agent,
             const telemetry::ScrapeLimits& limits = {});
  // Asks nobody any more.
  void End();

  // Every few seconds: what was served meanwhile.
  void Count();
  // What changed, into the store, and what is older than kDaysKept out of it. What fails is tried
  // again with the next call. Errors of the store.
  async::Task<base::Status> Write();
  // The same, on this thread.
  base::Status WriteNow();

  void AppendFamilies(std::vector<telemetry::Family>& families) const;

 private:
  struct Exporter {
    std::string name;  // host:port
    uint64_t asked = 0;
    uint64_t failed = 0;
    uint64_t readings = 0;  // that were of a deployment
    bool failing = false;
    std::unique_ptr<telemetry::Scraper> scraper;
  };
  void Hear(std::size_t exporter, const base::Result<std::vector<advice::DeviceReading>>& readings);
  [[nodiscard]] std::vector<DeviceUser> Users() const;
  [[nodiscard]] std::function<base::Status()> Writing(const std::vector<store::UseRow>& rows) const;

  UseFeedParts parts_;
  UseRecorder recorder_;
  std::vector<Exporter> exporters_;
};

}  // namespace bulkhead::gateway
