// SPDX-License-Identifier: Apache-2.0
// The workers that serve one deployment, and the calls that wait for one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "async/cancel_token.h"
#include "async/deadline_timer.h"
#include "async/task.h"
#include "base/result.h"
#include "fleet/route.h"

namespace bulkhead::fleet {

// I/O thread. A call that waits may outlive it: it gets kUnavailable then.
class RouteQueue {
 public:
  explicit RouteQueue(boost::asio::io_context& io);
  RouteQueue(const RouteQueue&) = delete;
  RouteQueue& operator=(const RouteQueue&) = delete;
  ~RouteQueue();

  // What serves from now on. Calls that wait stay in line; with no worker they get kUnavailable.
  void Serve(std::vector<RoutedWorker> workers, std::size_t waiting_max);
  // A worker may have got room.
  void Pump();

  // As Fleet::Route, but for kNotFound; of the request it looks at version and deadline. A call
  // that waits while its version is replaced gets kUnavailable.
  async::Task<base::Result<Lease>> Take(const RouteRequest& request, async::CancelToken cancel);
  // The same as far as it needs no waiting; nullopt: it would have to wait.
  base::Result<std::optional<Lease>> TakeNow(const RouteRequest& request);

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] const std::vector<RoutedWorker>& workers() const { return workers_; }

 private:
  struct Waiting {
    std::optional<tenant::Version> version;
    channel::Deadline deadline{0};
    async::Done<base::Result<Lease>> done;
    async::CancelWatch cancel;
  };
  [[nodiscard]] bool Serves(std::optional<tenant::Version> version) const;
  const RoutedWorker* Least();
  void Wait(const RouteRequest& request, const async::CancelToken& cancel,
            async::Done<base::Result<Lease>> done);
  void End(uint64_t id, base::Result<Lease> outcome);
  void EndLate();
  void Refuse();

  std::vector<RoutedWorker> workers_;
  std::size_t waiting_max_ = 0;
  std::size_t last_chosen_ = 0;
  uint64_t last_id_ = 0;
  std::map<uint64_t, Waiting> waiting_;  // in the order in which they came
  async::DeadlineTimer timer_;
};

}  // namespace bulkhead::fleet
