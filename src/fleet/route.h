// SPDX-License-Identifier: Apache-2.0
// From a tenant's model to a worker that has room for a frame.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "async/cancel_token.h"
#include "async/task.h"
#include "base/result.h"
#include "channel/messages.h"
#include "fleet/worker_link.h"
#include "tenant/records.h"

namespace bulkhead::fleet {

struct RouteRequest {
  tenant::TenantId tenant;
  tenant::ModelName model;
  std::optional<tenant::Version> version;  // none: the one that serves
  // How long a call may wait for a worker with room; zero: for ever.
  channel::Deadline deadline{0};
};

// What a link is known by.
struct RoutedWorker {
  std::string name;
  tenant::Version version = 0;
  std::shared_ptr<WorkerLink> link;
};

// A place at one worker for one call; not called, it is given back. Move only. Holds the link, so
// that it may be kept over a swap.
class Lease {
 public:
  // The worker's link must have room.
  explicit Lease(RoutedWorker worker);
  Lease(Lease&& other) noexcept;
  Lease& operator=(Lease&& other) noexcept;
  Lease(const Lease&) = delete;
  Lease& operator=(const Lease&) = delete;
  ~Lease() { GiveBack(); }

  // Once; as WorkerLink's.
  async::Task<base::Result<channel::DetectReply>> Detect(DetectCall call,
                                                         async::CancelToken cancel);
  async::Task<base::Result<channel::InferReply>> Infer(InferCall call, async::CancelToken cancel);

  [[nodiscard]] const std::string& worker() const { return worker_.name; }
  [[nodiscard]] tenant::Version version() const { return worker_.version; }
  // As WorkerLink's.
  [[nodiscard]] std::shared_ptr<ReplyMemory> reply_memory() const {
    return worker_.link->reply_memory();
  }
  // What the worker said of itself; there for as long as it is held, whatever becomes of the
  // worker.
  [[nodiscard]] std::shared_ptr<const channel::Hello> ShareHello() const {
    return {worker_.link, worker_.link->hello()};
  }

 private:
  void GiveBack();
  RoutedWorker worker_;
  bool kept_ = true;  // the place was neither used nor given back
};

}  // namespace bulkhead::fleet
