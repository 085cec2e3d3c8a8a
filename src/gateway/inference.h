// SPDX-License-Identifier: Apache-2.0
// From a request whose caller is known to its result, in the order that is promised: admitted,
// routed, run, checked, metered, released.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <variant>

#include "async/cancel_token.h"
#include "async/task.h"
#include "base/result.h"
#include "channel/messages.h"
#include "fleet/fleet.h"
#include "gateway/accounts.h"
#include "gateway/metering.h"
#include "gateway/statistics.h"
#include "gateway/tracing.h"
#include "meter/frame_record.h"
#include "openinference/messages.h"
#include "tenant/records.h"

namespace bulkhead::gateway {

// Which model is asked, by whom.
struct Asked {
  Caller caller;
  tenant::ModelName model;
  std::optional<tenant::Version> version;
  uint64_t body_bytes = 0;              // of the request, for the byte rate
  std::chrono::nanoseconds arrived{0};  // base::MonotonicNow's clock
  std::optional<std::chrono::microseconds> timeout;
  async::CancelToken cancel;
  Trace trace;  // steps are added to it
};

// A durable record of what is about to be released.
struct Receipt {
  meter::FrameRecord record;
  meter::RecordId id;
  std::string text;  // as its tenant reads it
};

struct Failure {
  base::Error error;
  std::optional<std::chrono::nanoseconds> retry_after;
};

template <typename T>
using Answer = std::variant<T, Failure>;

struct DetectJob {
  std::span<const std::byte> encoded;
  std::shared_ptr<const void> owner;  // of `encoded`
  yolo::DetectOptions options;
  bool annotate = false;
};

struct Detected {
  channel::DetectReply reply;
  std::shared_ptr<const channel::Hello> hello;  // of the worker that answered
  tenant::Version version = 0;
  Receipt receipt;
};

struct GraphJob {
  const openinference::InferRequest* request = nullptr;  // its tensors stay until the task ends
  std::shared_ptr<const void> owner;                     // of its tensors, for longer if need be
};

struct GraphDone {
  channel::InferReply reply;
  std::shared_ptr<fleet::ReplyMemory> reply_memory;  // for the reply's, when it was used
  std::shared_ptr<const channel::Hello> hello;
  tenant::Version version = 0;
  Receipt receipt;
};

struct InferenceParts {
  Accounts& accounts;
  fleet::Fleet& fleet;
  Metering& metering;
  Statistics& statistics;
  std::chrono::nanoseconds timeout_max;  // of a request that names none, and of any
};

// Lives on the I/O thread.
class Inference {
 public:
  explicit Inference(const InferenceParts& parts) : parts_(parts) {}

  // One frame. Metered when the result is given; the caller releases it, or takes it back.
  async::Task<Answer<Detected>> Detect(Asked asked, DetectJob job);
  // As many frames as the first input's first dimension says.
  async::Task<Answer<GraphDone>> Run(Asked asked, GraphJob job);

  // What was metered could not be delivered.
  void TakeBack(const Receipt& receipt);

 private:
  struct Begun;
  Answer<tenant::Ticket> Admit(const Asked& asked, uint32_t frames);
  async::Task<Answer<fleet::Lease>> Route(const Asked& asked, channel::Deadline deadline);
  [[nodiscard]] channel::Deadline DeadlineOf(const Asked& asked) const;
  Failure Fail(const Asked& asked, tenant::Version version, base::Error error, bool in_worker,
               uint32_t frames);
  async::Task<Answer<Receipt>> Meter(const Asked& asked, tenant::Version version, uint32_t frames,
                                     const channel::FrameTimes& times, int width, int height,
                                     tenant::Ticket& ticket);
  void CountSuccess(const Asked& asked, tenant::Version version, uint32_t frames,
                    const channel::FrameTimes& times, std::chrono::nanoseconds ledger);

  InferenceParts parts_;
};

}  // namespace bulkhead::gateway
