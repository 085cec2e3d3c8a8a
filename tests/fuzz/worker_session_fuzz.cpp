// SPDX-License-Identifier: Apache-2.0
// Whatever a client says is an event or the end of the session. A request holds what came: its
// options written again and its picture, or its tensors, are the bytes of the body. Answers,
// cancels and recycled memory are mixed in.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <utility>
#include <variant>
#include <vector>

#include "channel/options_codec.h"
#include "channel/worker_session.h"
#include "framed_messages.h"

namespace bulkhead::channel {
namespace {

using Bytes = std::vector<std::byte>;

bool HoldsTheBody(const ArrivedRequest& request, std::span<const std::byte> body) {
  base::ByteWriter writer;
  if (request.inference) {
    writer.WriteBytes(EncodeInferFront(request.inference->inputs, request.inference->wanted));
    for (const base::TensorView& input : request.inference->inputs) writer.WriteBytes(input.bytes);
    return std::ranges::equal(std::move(writer).Take(), body);
  }
  WriteOptions({request.options, request.annotate}, writer);
  writer.WriteBytes(request.encoded());
  return std::ranges::equal(std::move(writer).Take(), body);
}

void FuzzOne(FuzzBytes input) {
  const uint8_t choice = input.Take();
  const std::size_t piece = 1 + std::size_t{input.Take()} * 16;
  Hello hello;
  hello.frames_in_flight_max = 2;
  hello.spec.class_names = {"a"};
  hello.inputs = {{"images", base::ElementType::kUint16, {-1, 2}},
                  {"scale", base::ElementType::kUint8, {}}};
  hello.outputs = {{"rows", base::ElementType::kFloat32, {-1}},
                   {"flags", base::ElementType::kBool, {1}}};
  WorkerSession session;
  if (!session.Start(hello).ok()) std::abort();
  if (choice % 2 == 1) {
    (void)FeedPieces(session, input.rest, piece);
    return;
  }
  while (!input.rest.empty()) {
    const bool answers = input.Take() % 2 == 0;
    const Bytes message = TakeMessage(input);
    auto events = FeedPieces(session, message, piece);
    if (!events.ok()) return;
    for (WorkerEvent& event : events.value()) {
      auto* request = std::get_if<ArrivedRequest>(&event);
      if (request == nullptr) continue;
      if (!HoldsTheBody(*request, std::span(message).subspan(kHeaderBytes))) std::abort();
      if (answers) (void)session.Fail({.id = request->id, .error = {}});
      session.Recycle(std::move(request->buffer));
    }
  }
}

}  // namespace
}  // namespace bulkhead::channel

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  bulkhead::channel::FuzzOne({std::as_bytes(std::span(data, size))});
  return 0;
}
