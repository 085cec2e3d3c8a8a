// SPDX-License-Identifier: Apache-2.0
// RunModel: a request of the Open Inference Protocol through a worker.
#include <algorithm>
#include <chrono>
#include <utility>

#include "gateway/detect_options.h"
#include "gateway/detect_tensors.h"
#include "gateway/graph_tensors.h"
#include "gateway/v2_service.h"

namespace bulkhead::gateway {
namespace {

// A request and what its tensors lie in, for as long as either is used.
struct Kept {
  openinference::InferRequest request;
  std::shared_ptr<const void> owner;
};

// A graph's outputs for as long as somebody reads them.
struct Outputs {
  explicit Outputs(GraphDone given) : done(std::move(given)) {}
  Outputs(const Outputs&) = delete;
  Outputs& operator=(const Outputs&) = delete;
  ~Outputs() { done.reply_memory->Give(std::move(done.reply.memory)); }
  GraphDone done;
};

int64_t Microseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration_cast<std::chrono::microseconds>(time).count();
}

void Fill(Released& released, const ServedName& name, const Kept& kept, tenant::Version version,
          const channel::FrameTimes& times) {
  openinference::InferResponse& response = released.response;
  response.model = ServedText(name);
  response.version = std::to_string(version);
  response.id = kept.request.id;
  response.parameters["receipt"] = released.receipt.text;
  response.parameters["queue_us"] = Microseconds(times.queue);
  response.parameters["compute_us"] =
      Microseconds(times.decode + times.letterbox + times.infer + times.heads);
}

async::Task<Answer<Released>> RunDetect(const RouteParts& parts, Asked asked, ServedName name,
                                        std::shared_ptr<const Kept> kept) {
  auto options = DetectOptionsFrom(kept->request.parameters);
  if (!options.ok()) co_return Failure{options.error(), std::nullopt};
  const auto picture = PictureOf(kept->request);
  if (!picture.ok()) co_return Failure{picture.error(), std::nullopt};
  DetectJob job{picture.value(), kept, std::move(options).value(), false};
  auto answer = co_await parts.inference.Detect(std::move(asked), std::move(job));
  if (auto* failure = std::get_if<Failure>(&answer)) co_return std::move(*failure);
  auto& detected = std::get<Detected>(answer);
  auto response = DetectResponse(kept->request, detected.hello->spec, detected.reply.result);
  if (!response.ok()) {
    parts.inference.TakeBack(detected.receipt);
    co_return Failure{std::move(response).error(), std::nullopt};
  }
  Released released{std::move(response).value(), std::move(detected.receipt), nullptr};
  Fill(released, name, *kept, detected.version, detected.reply.times);
  co_return std::move(released);
}

async::Task<Answer<Released>> RunGraph(const RouteParts& parts, Asked asked, ServedName name,
                                       std::shared_ptr<const Kept> kept) {
  GraphJob job{&kept->request, kept};
  auto answer = co_await parts.inference.Run(std::move(asked), std::move(job));
  if (auto* failure = std::get_if<Failure>(&answer)) co_return std::move(*failure);
  auto outputs = std::make_shared<Outputs>(std::get<GraphDone>(std::move(answer)));
  const GraphDone& done = outputs->done;
  Released released{GraphResponse(done.reply, *done.hello), done.receipt, outputs};
  Fill(released, name, *kept, done.version, done.reply.times);
  co_return std::move(released);
}

}  // namespace

async::Task<Answer<Released>> RunModel(const RouteParts& parts, Asked asked, ServedName name,
                                       openinference::InferRequest request,
                                       std::shared_ptr<const void> owner) {
  const base::Status allowed = Accounts::Require(asked.caller, tenant::Scope::kInfer);
  if (!allowed.ok()) co_return Failure{allowed.error(), std::nullopt};
  // A model that is not there is the first thing that is wrong with a request.
  const auto known = IsModelReady(parts, {asked.caller, name, asked.version});
  if (!known.ok()) co_return Failure{known.error(), std::nullopt};
  if (request.timeout_us) {
    const std::chrono::microseconds timeout(*request.timeout_us);
    asked.timeout = asked.timeout ? std::min(*asked.timeout, timeout) : timeout;
  }
  auto kept = std::make_shared<const Kept>(Kept{std::move(request), std::move(owner)});
  if (name.detect) {
    co_return co_await RunDetect(parts, std::move(asked), std::move(name), std::move(kept));
  }
  co_return co_await RunGraph(parts, std::move(asked), std::move(name), std::move(kept));
}

}  // namespace bulkhead::gateway
