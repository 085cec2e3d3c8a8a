// SPDX-License-Identifier: Apache-2.0
// Whatever a worker says is an event or the end of the session, and an event holds what the
// protocol promises: written again, it has the bytes that came. The input chooses task, options and
// pieces, then its bytes are messages with right headers, or the stream as it is.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "channel/client_session.h"
#include "channel/failure_codec.h"
#include "channel/hello_codec.h"
#include "channel/infer_codec.h"
#include "framed_messages.h"

namespace bulkhead::channel {
namespace {

using yolo::Task;
using Bytes = std::vector<std::byte>;

Hello HelloOf(uint8_t choice) {
  Hello hello;
  hello.batch_max = 4;
  hello.frames_in_flight_max = 5;
  hello.spec.task = static_cast<Task>(choice % 5);
  hello.spec.class_names = {"a", "b", "c"};
  hello.inputs = {{"images", base::ElementType::kUint8, {-1}}};
  hello.outputs = {{"rows", base::ElementType::kUint16, {2, -1}},
                   {"sizes", base::ElementType::kUint8, {-1, -1}},
                   {"flag", base::ElementType::kBool, {}}};
  if (hello.spec.task == Task::kClassify) {
    hello.spec.head = yolo::HeadLayout::kClassScores;
  }
  if (hello.spec.task == Task::kPose) hello.spec.keypoints = {2, 3};
  if (hello.spec.task == Task::kSegment) hello.spec.mask_coefficients = 1;
  return hello;
}

Bytes BodyOf(const ClientEvent& event, const Hello& hello) {
  if (const auto* said = std::get_if<Hello>(&event)) return EncodeHello(*said).value();
  if (const auto* reply = std::get_if<DetectReply>(&event)) {
    return EncodeReply(ShapeOf(hello.spec), *reply).value();
  }
  if (const auto* reply = std::get_if<InferReply>(&event)) {
    Bytes body = EncodeInferReplyFront(*reply);
    for (const InferOutput& output : reply->outputs) {
      body.insert(body.end(), output.tensor.bytes.begin(), output.tensor.bytes.end());
    }
    return body;
  }
  return EncodeFailure(std::get<FailureReply>(event).error);
}

bool IsOverTheLimitOfMasks(const ClientEvent& event) {
  const auto* failure = std::get_if<FailureReply>(&event);
  return failure != nullptr && failure->error.code == base::Code::kExhausted;
}

void FeedFramed(ClientSession& session, FuzzBytes& input, std::size_t piece) {
  while (!input.rest.empty()) {
    const Bytes message = TakeMessage(input);
    const auto events = FeedPieces(session, message, piece);
    if (!events.ok()) return;
    for (const ClientEvent& event : events.value()) {
      const Bytes body(message.begin() + kHeaderBytes, message.end());
      const bool starting = session.hello() == nullptr;
      const Bytes written = BodyOf(event, starting ? Hello() : *session.hello());
      if (written != body && !IsOverTheLimitOfMasks(event)) std::abort();
    }
  }
}

void FuzzOne(FuzzBytes input) {
  const uint8_t choice = input.Take();
  const std::size_t piece = 1 + std::size_t{input.Take()} * 16;
  ClientSession session(ClientLimits{.mask_pixels_max = 1 << 16});
  if (choice < 200) {
    const Bytes body = EncodeHello(HelloOf(choice)).value();
    const auto header = EncodeHeader(
        {.type = MessageType::kHello, .body_bytes = static_cast<uint32_t>(body.size())});
    if (!FeedPieces(session, header, piece).ok()) std::abort();
    if (!FeedPieces(session, body, piece).ok()) std::abort();
    const Bytes picture(1);
    DetectRequest request{.id = 1, .options = {}, .encoded = picture};
    if (!session.Begin(request).ok()) std::abort();
    request.id = 2;
    request.options = {.confidence_min = 0, .detections_max = 2, .classes = {2, 0}};
    if (!session.Begin(request).ok() || !session.Abandon(2).ok()) std::abort();
    request.id = 4;
    request.options.classes.clear();
    if (!session.Begin(request).ok()) std::abort();
    InferRequest tensors{.id = 5, .inputs = {{base::ElementType::kUint8, {1}, picture}}};
    if (!session.Begin(tensors).ok()) std::abort();
    tensors.id = 7;
    tensors.outputs = {2, 0};
    if (!session.Begin(tensors).ok()) std::abort();
  }
  if (choice % 2 == 0) {
    FeedFramed(session, input, piece);
  } else {
    (void)FeedPieces(session, input.rest, piece);
  }
}

}  // namespace
}  // namespace bulkhead::channel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bulkhead::channel::FuzzOne({std::as_bytes(std::span(data, size))});
  return 0;
}
