// SPDX-License-Identifier: Apache-2.0
#include "worker/serving.h"

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/monotonic_clock.h"
#include "channel/inheritance.h"
#include "channel/wire_enum.h"
#include "channel/worker_session.h"
#include "worker/annotate.h"
#include "worker/detector.h"
#include "worker/raw_inference.h"
#include "worker/request_queue.h"
#include "worker/request_reader.h"
#include "worker/socket_io.h"

namespace bulkhead::worker {
namespace {

// Answers requests until there will be no more, or until nobody takes the answers.
class Answering {
 public:
  Answering(int socket, Detector& detector, RequestQueue& queue)
      : socket_(socket), detector_(&detector), queue_(&queue) {}

  void Run() {
    while (!client_gone_) {
      std::optional<Work> work = queue_->Take();
      if (!work) return;
      for (WaitingRequest& request : work->too_late) {
        const base::Error error = base::PublicError(
            base::Code::kDeadline, "the request was cancelled, or too late, before it began");
        Send(queue_->Fail({request.request.id, error}));
        queue_->Recycle(std::move(request));
      }
      RunBatch(work->batch);
      if (work->inference) RunInference(*std::move(work->inference));
    }
  }

 private:
  void RunInference(WaitingRequest waiting) {
    const std::chrono::nanoseconds begun = base::MonotonicNow();
    auto reply = Infer(detector_->engine(), *waiting.request.inference);
    if (reply.ok()) {
      reply.value().id = waiting.request.id;
      reply.value().times.queue = begun - waiting.arrival;
      const channel::InferAnswer answer = queue_->Reply(reply.value());
      Send(answer.front, answer.outputs);
    } else {
      Send(queue_->Fail({waiting.request.id, std::move(reply).error()}));
    }
    queue_->Recycle(std::move(waiting));
  }

  void RunBatch(std::vector<WaitingRequest>& batch) {
    if (batch.empty()) return;
    const std::chrono::nanoseconds begun = base::MonotonicNow();
    std::vector<BatchPicture> pictures;
    pictures.reserve(batch.size());
    for (const WaitingRequest& waiting : batch) {
      pictures.push_back({waiting.request.encoded(), &waiting.request.options});
    }
    detector_->DetectBatch(pictures, [&](std::size_t index, BatchOutcome outcome) {
      Answer(batch[index], std::move(outcome), begun);
    });
  }

  void Answer(WaitingRequest& waiting, BatchOutcome outcome, std::chrono::nanoseconds begun) {
    const channel::RequestId id = waiting.request.id;
    if (outcome.result.ok()) {
      const channel::FrameTimes times{begun - waiting.arrival, outcome.times.decode,
                                      outcome.times.letterbox, outcome.times.infer,
                                      outcome.times.heads,     outcome.batch};
      Reply(waiting, {id, std::move(outcome.result).value(), times, {}});
    } else {
      Send(queue_->Fail({id, std::move(outcome.result).error()}));
    }
    queue_->Recycle(std::move(waiting));
  }

  void Reply(const WaitingRequest& waiting, channel::DetectReply reply) {
    if (waiting.request.annotate) {
      auto annotated = Annotate(waiting.request.encoded(), detector_->limits(), reply.result,
                                detector_->spec().class_names);
      if (!annotated.ok()) {
        Send(queue_->Fail({reply.id, std::move(annotated).error()}));
        return;
      }
      reply.annotated = std::move(annotated).value();
    }
    Send(queue_->Reply(reply));
  }

  // `more` is sent from where it lies.
  void Send(std::span<const std::byte> front,
            std::span<const std::span<const std::byte>> more = {}) {
    std::vector<std::span<const std::byte>> pieces(more.begin(), more.end());
    pieces.insert(pieces.begin(), front);
    if (!client_gone_) client_gone_ = !WriteAll(socket_, pieces).ok();
  }

  int socket_;
  Detector* detector_;
  RequestQueue* queue_;
  bool client_gone_ = false;
};

base::Result<std::vector<std::byte>> LockAndOpen(const Lock& lock, RequestQueue& queue,
                                                 const channel::Hello& hello) {
  BH_TRY(lock());
  return queue.Open(hello);
}

void TellFailure(const Inheritance& inheritance, const base::Error& error) {
  channel::WriteStatus(inheritance.status_fd,
                       {channel::WorkerState::kFailed, channel::WireOf(error.code)});
}

base::Error GiveUpStart(const Inheritance& inheritance, base::Error error) {
  TellFailure(inheritance, error);
  // A client that is gone hears nothing; the status pipe has it.
  static_cast<void>(
      WriteAll(inheritance.frames.get(), channel::WorkerSession::EncodeStartFailure(error)));
  return error;
}

}  // namespace

base::Status Serve(Inheritance inheritance, const Runtime& runtime, const Lock& lock) {
  channel::WriteStatus(inheritance.status_fd, {channel::WorkerState::kLoading});
  auto loaded = Load(std::move(inheritance.setup), std::move(inheritance.weights), runtime);
  if (!loaded.ok()) return GiveUpStart(inheritance, std::move(loaded).error());

  const int socket = inheritance.frames.get();
  RequestQueue queue(loaded.value().batching);
  // Started here because no thread can be started after the lock.
  auto reader = RequestReader::Start(socket, queue);
  if (!reader.ok()) return GiveUpStart(inheritance, std::move(reader).error());
  auto hello = LockAndOpen(lock, queue, loaded.value().hello);
  if (!hello.ok()) return GiveUpStart(inheritance, std::move(hello).error());

  // Before Hello, whose bytes may have to wait for a client that waits for this.
  channel::WriteStatus(inheritance.status_fd, {channel::WorkerState::kReady});
  if (WriteAll(socket, hello.value()).ok()) {
    Answering(socket, loaded.value().detector, queue).Run();
  }
  base::Status end = queue.end();
  if (!end.ok()) TellFailure(inheritance, end.error());
  return end;
}

}  // namespace bulkhead::worker
