// SPDX-License-Identifier: Apache-2.0
// Connection's way from a response to bytes.
#include <algorithm>
#include <utility>

#include "http/connection.h"

namespace bulkhead::http {
namespace {

// Compressed before others get their turn: a fraction of a millisecond.
constexpr std::size_t kCompressStep = 64 << 10;

bool IsPicture(const Response& response) {
  const auto type = response.headers.Find("content-type");
  return type && type->starts_with("image/");
}

// What a refusal needs besides its words.
void AddHints(const Refusal& refusal, Response& response) {
  if (refusal.status == 405) response.headers.Add("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE");
  if (refusal.status == 501) response.headers.Add("Accept-Encoding", "gzip, deflate");
  if (refusal.status == 503) response.headers.Add("Retry-After", "1");
}

}  // namespace

Response Connection::Refuse(const Refusal& refusal) {
  ++server_->counts.refused;
  Response response =
      server_->handlers.refuse
          ? server_->handlers.refuse(refusal.status, refusal.message, request_)
          : MakeResponse(refusal.status, "text/plain", std::string(refusal.message) + "\n");
  AddHints(refusal, response);
  return response;
}

async::Task<bool> Connection::Send(Response& response, bool keep_alive) {
  const Limits& limits = server_->options.limits;
  const std::size_t bytes = BodyBytes(response);
  HeadOptions options{.http_1_0 = request_.http_1_0,
                      .keep_alive = keep_alive,
                      .varies = bytes >= limits.compress_bytes_min &&
                                bytes <= limits.compress_bytes_max && !IsPicture(response)};
  if (options.varies) options.coding = AcceptedCoding(request_.headers);
  if (options.coding != ContentCoding::kIdentity) {
    const bool compressed = co_await Compress(response, options.coding);
    if (!compressed) options.coding = ContentCoding::kIdentity;
  }
  options.date = server_->date;
  WriteResponseHead(response, options, head_);
  const bool bodiless =
      request_.method == "HEAD" || response.status == 204 || response.status == 304;
  const std::span<const BodyPart> body =
      bodiless ? std::span<const BodyPart>() : std::span<const BodyPart>(response.body);
  ResponseCursor cursor(head_, body);
  if (WriteNow(cursor)) co_return true;
  co_return co_await Write(std::move(cursor));
}

async::Task<bool> Connection::Compress(Response& response, ContentCoding coding) {
  auto deflater = Deflater::Open(coding);
  std::vector<std::byte> compressed;
  if (!deflater.ok()) co_return false;
  for (const BodyPart& part : response.body) {
    std::span<const std::byte> rest = BytesOf(part);
    while (!rest.empty()) {
      const auto step = rest.first(std::min(rest.size(), kCompressStep));
      deflater.value().Step(step, false, compressed);
      rest = rest.subspan(step.size());
      if (!rest.empty()) co_await Yield();
    }
  }
  deflater.value().Step({}, true, compressed);
  response.body.clear();
  response.body.emplace_back(std::move(compressed));
  co_return true;
}

bool Connection::WriteNow(ResponseCursor& cursor) {
  if (interruption_ != Interruption::kNone) return false;
  const StreamStep step = socket_.TryWrite(cursor.Pieces());
  if (step.end != StreamEnd::kMoved) return false;
  server_->counts.sent_bytes += step.bytes;
  cursor.Advance(step.bytes);
  return cursor.finished();
}

async::Task<bool> Connection::Write(ResponseCursor cursor) {
  while (!cursor.finished()) {
    if (interruption_ != Interruption::kNone) co_return false;
    const StreamStep step = socket_.TryWrite(cursor.Pieces());
    if (step.end == StreamEnd::kMoved) {
      server_->counts.sent_bytes += step.bytes;
      cursor.Advance(step.bytes);
      continue;
    }
    if (step.end == StreamEnd::kClosed || step.end == StreamEnd::kBroken) co_return false;
    EnterPhase(Phase::kWriting, server_->options.limits.write_time_max);
    const bool ready = co_await socket_.Wait(step.end);
    if (!ready) co_return false;
  }
  co_return true;
}

async::Task<bool> Connection::SendContinue() {
  const bool sent = co_await Write(ResponseCursor("HTTP/1.1 100 Continue\r\n\r\n", {}));
  phase_ = Phase::kBody;
  co_return sent;
}

}  // namespace bulkhead::http
