// SPDX-License-Identifier: Apache-2.0
#include "gateway/v1_routes.h"

#include <algorithm>
#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/json_writer.h"
#include "gateway/detect_options.h"
#include "gateway/http_error.h"
#include "http/multipart.h"
#include "http/query.h"
#include "report/result_json.h"

namespace bulkhead::gateway {
namespace {

using Body = std::shared_ptr<const std::vector<std::byte>>;

constexpr std::size_t kPicturesMax = 64;
constexpr std::size_t kDocumentBytes = 512;  // of a picture with little in it

struct DetectQuery {
  yolo::DetectOptions options;
  bool annotate = false;
};

base::Result<DetectQuery> ParseDetectQuery(const std::string& query) {
  DetectQuery parsed;
  BH_ASSIGN(auto fields, http::ParseQuery(query));
  if (const auto found = fields.find("annotate"); found != fields.end()) {
    if (found->second != "1" && found->second != "0") {
      return base::PublicError(base::Code::kInvalid, "annotate must be 0 or 1");
    }
    parsed.annotate = found->second == "1";
    fields.erase(found);
  }
  BH_ASSIGN(parsed.options, DetectOptionsFrom(fields));
  return parsed;
}

double Milliseconds(std::chrono::nanoseconds time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

// The members of an object that was begun. Written as text: a tree takes several times as long,
// for each frame.
void WriteDetected(const std::string& model, const Detected& detected, base::JsonWriter& out) {
  const channel::FrameTimes& times = detected.reply.times;
  report::WriteResult(detected.hello->spec, detected.reply.result, out);
  out.Key("model");
  out.Text(model);
  out.Key("version");
  out.Unsigned(detected.version);
  out.Key("receipt");
  out.Text(detected.receipt.text);
  out.Key("times_ms");
  out.BeginObject();
  const auto write = [&out](std::string_view step, std::chrono::nanoseconds time) {
    out.Key(step);
    out.Real(Milliseconds(time));
  };
  write("queue", times.queue);
  write("decode", times.decode);
  write("letterbox", times.letterbox);
  write("infer", times.infer);
  write("heads", times.heads);
  out.EndObject();
}

http::BodyPart OneDocument(const std::string& model, const Detected& detected) {
  base::JsonWriter out;
  out.Reserve(kDocumentBytes);
  out.BeginObject();
  WriteDetected(model, detected, out);
  out.EndObject();
  return std::move(out).Take();
}

void WriteError(const base::Error& error, base::JsonWriter& out) {
  out.Key("error");
  out.BeginObject();
  out.Key("status");
  out.Signed(HttpStatusOf(error.code));
  out.Key("detail");
  out.Text(error.public_message);
  out.EndObject();
}

http::Response OneResponse(const RouteParts& parts, const RoutedRequest& request, Detected detected,
                           bool annotate) {
  http::Response response =
      annotate
          ? http::MakeResponse(200, "image/jpeg", std::move(detected.reply.annotated))
          : http::MakeResponse(200, "application/json", OneDocument(request.path.model, detected));
  // What a worker drew is not to be taken for a page.
  if (annotate) response.headers.Add("X-Content-Type-Options", "nosniff");
  parts.accounts.AddRateLimitFields(request.caller.tenant, response.headers);
  AddReceipt(parts, std::move(detected.receipt), response);
  return response;
}

async::Task<Answer<Detected>> DetectOne(const RouteParts& parts, Asked asked, Body body,
                                        std::span<const std::byte> encoded, DetectQuery query) {
  asked.body_bytes = encoded.size();
  DetectJob job{encoded, std::move(body), std::move(query.options), query.annotate};
  return parts.inference.Detect(std::move(asked), std::move(job));
}

// The answers of pictures that run beside each other.
struct Gathered {
  std::vector<Answer<Detected>> answers;
  std::size_t missing = 0;
  async::Done<bool> done;
};

async::Task<void> DetectInto(const RouteParts& parts, Asked asked, Body body,
                             std::span<const std::byte> encoded, DetectQuery query,
                             std::shared_ptr<Gathered> gathered, std::size_t place) {
  gathered->answers[place] =
      co_await DetectOne(parts, std::move(asked), std::move(body), encoded, std::move(query));
  if (--gathered->missing == 0) gathered->done(true);
}

async::Task<std::shared_ptr<Gathered>> DetectAll(const RouteParts& parts, RoutedRequest request,
                                                 Body body, std::vector<http::FormPart> pictures,
                                                 DetectQuery query, boost::asio::io_context& io) {
  auto gathered = std::make_shared<Gathered>();
  gathered->answers.resize(pictures.size(), Failure{});
  gathered->missing = pictures.size();
  const Asked asked = AskedOf(request, {request.path.model});
  co_await async::Await<bool>([&](async::Done<bool> done) {
    gathered->done = std::move(done);
    for (std::size_t i = 0; i < pictures.size(); ++i) {
      async::Spawn(io, DetectInto(parts, asked, body, pictures[i].content, query, gathered, i));
    }
  });
  co_return gathered;
}

http::Response AllResponse(const RouteParts& parts, const RoutedRequest& request,
                           const std::vector<http::FormPart>& pictures, const Gathered& gathered) {
  base::JsonWriter out;
  out.BeginObject();
  out.Key("images");
  out.BeginArray();
  std::vector<Receipt> receipts;
  for (std::size_t i = 0; i < pictures.size(); ++i) {
    out.BeginObject();
    if (const auto* detected = std::get_if<Detected>(&gathered.answers[i])) {
      WriteDetected(request.path.model, *detected, out);
      receipts.push_back(detected->receipt);
    } else {
      WriteError(std::get<Failure>(gathered.answers[i]).error, out);
    }
    out.Key("name");
    out.Text(pictures[i].name);
    out.EndObject();
  }
  out.EndArray();
  out.EndObject();
  http::Response response = http::MakeResponse(200, "application/json", std::move(out).Take());
  parts.accounts.AddRateLimitFields(request.caller.tenant, response.headers);
  response.written = [&inference = parts.inference, receipts](bool delivered) {
    if (delivered) return;
    for (const Receipt& receipt : receipts) inference.TakeBack(receipt);
  };
  return response;
}

async::Task<http::Response> HandleForm(const RouteParts& parts, RoutedRequest request, Body body,
                                       std::vector<http::FormPart> pictures, DetectQuery query) {
  if (pictures.empty()) {
    const base::Error empty = base::PublicError(base::Code::kInvalid, "the form has no picture");
    co_return FailureResponse(request, {empty, std::nullopt});
  }
  // The first refusal of a form whose pictures all fail in one way is its answer.
  const auto gathered =
      co_await DetectAll(parts, request, std::move(body), pictures, std::move(query), parts.io);
  const bool none = std::ranges::none_of(gathered->answers, [](const Answer<Detected>& answer) {
    return std::holds_alternative<Detected>(answer);
  });
  if (none) co_return FailureResponse(request, std::get<Failure>(gathered->answers.front()));
  co_return AllResponse(parts, request, pictures, *gathered);
}

}  // namespace

async::Task<http::Response> HandleDetect(const RouteParts& parts, RoutedRequest request) {
  const base::Status allowed = Accounts::Require(request.caller, tenant::Scope::kInfer);
  if (!allowed.ok()) co_return FailureResponse(request, {allowed.error(), std::nullopt});
  auto query = ParseDetectQuery(request.http.query);
  if (!query.ok()) co_return FailureResponse(request, {query.error(), std::nullopt});
  const Body body = std::make_shared<const std::vector<std::byte>>(std::move(request.http.body));
  const std::string type(request.http.headers.Find("Content-Type").value_or(""));
  if (http::IsMultipart(type)) {
    auto pictures = http::ParseMultipart(type, *body, kPicturesMax);
    if (!pictures.ok()) co_return FailureResponse(request, {pictures.error(), std::nullopt});
    query.value().annotate = false;
    co_return co_await HandleForm(parts, std::move(request), body, std::move(pictures).value(),
                                  std::move(query).value());
  }
  const bool annotate = query.value().annotate;
  Asked asked = AskedOf(request, {request.path.model});
  auto answer = co_await DetectOne(parts, std::move(asked), body, *body, std::move(query).value());
  if (auto* failure = std::get_if<Failure>(&answer)) co_return FailureResponse(request, *failure);
  co_return OneResponse(parts, request, std::get<Detected>(std::move(answer)), annotate);
}

}  // namespace bulkhead::gateway
