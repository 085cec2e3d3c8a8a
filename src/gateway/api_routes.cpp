// SPDX-License-Identifier: Apache-2.0
#include "gateway/api_routes.h"

#include <charconv>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <boost/asio/post.hpp>

#include "async/cancel_token.h"
#include "base/monotonic_clock.h"
#include "gateway/credentials.h"
#include "gateway/http_error.h"
#include "gateway/v2_service.h"

namespace bulkhead::gateway {
namespace {

struct KnownCall {
  Caller caller;
  ServedName name;
  std::optional<tenant::Version> version;
};

rpc::ApiFailure FailureOf(const Failure& failure) {
  return {failure.error, failure.retry_after, false};
}

template <typename T>
void Tell(const rpc::Reply<T>& reply, base::Result<T> result) {
  if (result.ok()) {
    reply(std::move(result).value());
  } else {
    reply(rpc::ApiFailure{std::move(result).error(), std::nullopt, false});
  }
}

// As in the target of an HTTP request: a number from 1 on, or none.
base::Result<std::optional<tenant::Version>> VersionOf(const std::string& text) {
  if (text.empty()) return std::optional<tenant::Version>();
  tenant::Version version = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
  const bool whole = error == std::errc{} && end == text.data() + text.size();
  if (!whole || version == 0) return NoSuchModel();
  return std::optional<tenant::Version>(version);
}

void CountRefusal(const RouteParts& parts, const rpc::ApiCall& call, const base::Error& error) {
  parts.denials.RefusedKey(call.authorization, call.api_key, call.peer, error);
}

std::variant<Caller, rpc::ApiFailure> CallerOf(const RouteParts& parts, const rpc::ApiCall& call) {
  const auto key = KeyTextOf(call.authorization, call.api_key);
  if (!key) {
    const base::Error missing = base::PublicError(
        base::Code::kInvalid, "a key is needed, in the metadata authorization or x-api-key");
    parts.statistics.Refused("", "unauthenticated");
    CountRefusal(parts, call, missing);
    return rpc::ApiFailure{missing, std::nullopt, true};
  }
  base::Result<Caller> caller = parts.accounts.Authenticate(*key);
  if (caller.ok()) return std::move(caller).value();
  const bool unknown = caller.error().code == base::Code::kInvalid;
  parts.statistics.Refused("", unknown ? "unauthenticated" : "suspended");
  CountRefusal(parts, call, caller.error());
  return rpc::ApiFailure{std::move(caller).error(), std::nullopt, unknown};
}

// Who calls, with a scope, for which model. The failure is told to `reply`.
template <typename T>
std::optional<KnownCall> Know(const RouteParts& parts, const rpc::ApiCall& call,
                              tenant::Scope scope, const rpc::Reply<T>& reply) {
  std::variant<Caller, rpc::ApiFailure> caller = CallerOf(parts, call);
  if (auto* failure = std::get_if<rpc::ApiFailure>(&caller)) {
    reply(std::move(*failure));
    return std::nullopt;
  }
  const base::Status allowed = Accounts::Require(std::get<Caller>(caller), scope);
  const auto version = VersionOf(call.version);
  if (!allowed.ok() || !version.ok()) {
    const base::Code code = allowed.ok() ? version.error().code : allowed.error().code;
    parts.denials.RefusedRequest(std::get<Caller>(caller), call.model, call.peer, code);
    reply(rpc::ApiFailure{allowed.ok() ? version.error() : allowed.error(), std::nullopt, false});
    return std::nullopt;
  }
  return KnownCall{std::get<Caller>(std::move(caller)), ParseServedName(call.model),
                   version.value()};
}

// A question that is answered at once.
// The same of what was asked for by a caller that is known.
template <typename T>
const base::Result<T>& Counted(const RouteParts& parts, const rpc::ApiCall& call,
                               const Caller& caller, const base::Result<T>& result) {
  if (!result.ok()) {
    parts.denials.RefusedRequest(caller, call.model, call.peer, result.error().code);
  }
  return result;
}

template <typename T>
using Ask = base::Result<T> (*)(const RouteParts&, const NamedModel&);

template <typename T>
std::function<void(rpc::ApiCall, rpc::Reply<T>)> OfModel(boost::asio::io_context& io,
                                                         const RouteParts& parts, Ask<T> ask) {
  return [&io, &parts, ask](rpc::ApiCall call, rpc::Reply<T> reply) {
    boost::asio::post(io, [&parts, ask, call = std::move(call), reply = std::move(reply)] {
      const auto known = Know(parts, call, tenant::Scope::kRead, reply);
      if (!known) return;
      const base::Result<T> told = ask(parts, {known->caller, known->name, known->version});
      Tell(reply, Counted(parts, call, known->caller, told));
    });
  };
}

async::Task<void> Load(const RouteParts& parts, rpc::ApiCall call, bool load,
                       rpc::Reply<base::Unit> reply) {
  auto known = Know(parts, call, tenant::Scope::kManage, reply);
  if (!known) co_return;
  const base::Status done = co_await LoadModel(parts, known->caller, std::move(known->name), load);
  Tell(reply, Counted(parts, call, known->caller, done));
}

std::function<void(rpc::ApiCall, rpc::Reply<base::Unit>)> Loading(boost::asio::io_context& io,
                                                                  const RouteParts& parts,
                                                                  bool load) {
  return [&io, &parts, load](rpc::ApiCall call, rpc::Reply<base::Unit> reply) {
    async::Spawn(io, Load(parts, std::move(call), load, std::move(reply)));
  };
}

Asked AskedOf(const rpc::ApiCall& call, KnownCall known, const async::CancelSource& cancel) {
  Asked asked;
  asked.caller = std::move(known.caller);
  asked.model = known.name.model;
  asked.version = known.version;
  asked.body_bytes = call.bytes;
  asked.arrived = base::MonotonicNow();
  if (call.timeout) {
    asked.timeout = std::chrono::duration_cast<std::chrono::microseconds>(*call.timeout);
  }
  asked.cancel = cancel.token();
  return asked;
}

async::Task<void> Infer(boost::asio::io_context& io, const RouteParts& parts, rpc::ApiCall call,
                        std::shared_ptr<openinference::InferRequest> request,
                        rpc::Reply<rpc::InferAnswer> reply) {
  auto known = Know(parts, call, tenant::Scope::kInfer, reply);
  if (!known) co_return;
  auto cancel = std::make_shared<async::CancelSource>();
  call.cancellation->OnCancel(
      [&io, cancel] { boost::asio::post(io, [cancel] { cancel->Cancel(); }); });
  const ServedName name = known->name;
  Asked asked = AskedOf(call, *std::move(known), *cancel);
  const Trace trace =
      BeginTrace(parts, call.traceparent, "inference.GRPCInferenceService/ModelInfer", asked.caller,
                 call.model, asked.arrived);
  asked.trace = trace;
  const Caller caller = asked.caller;
  // The transport keeps the tensors until the reply; a worker may still be sent them after that.
  auto answer = co_await RunModel(parts, std::move(asked), name, *request, request);
  call.cancellation->OnCancel({});
  const auto* failure = std::get_if<Failure>(&answer);
  EndTrace(parts, trace, caller.tenant_name, cancel->token().cancelled(),
           failure == nullptr ? 200 : HttpStatusOf(failure->error.code));
  if (failure != nullptr) {
    const bool missing = failure->error.code == base::Code::kNotFound;
    parts.denials.RefusedRequest(caller, call.model, call.peer, failure->error.code);
    reply(missing ? rpc::ApiFailure{NoSuchModel(), std::nullopt, false} : FailureOf(*failure));
    co_return;
  }
  auto released = std::make_shared<Released>(std::get<Released>(std::move(answer)));
  auto written = [&io, &parts, released](bool delivered) {
    if (delivered) return;
    boost::asio::post(io, [&parts, released] { parts.inference.TakeBack(released->receipt); });
  };
  reply(rpc::InferAnswer{released->response, released->receipt.text, std::move(written)});
}

void AddPublic(boost::asio::io_context& io, const RouteParts& parts, rpc::InferenceApi& api) {
  api.admit = [&io, &parts](rpc::ApiCall call, rpc::Reply<base::Unit> reply) {
    boost::asio::post(io, [&parts, call = std::move(call), reply = std::move(reply)] {
      std::variant<Caller, rpc::ApiFailure> caller = CallerOf(parts, call);
      if (auto* failure = std::get_if<rpc::ApiFailure>(&caller)) {
        reply(std::move(*failure));
      } else {
        reply(base::Unit{});
      }
    });
  };
  api.live = [](const rpc::ApiCall&, const rpc::Reply<bool>& reply) { reply(true); };
  api.ready = [&io, &parts](const rpc::ApiCall&, rpc::Reply<bool> reply) {
    boost::asio::post(io, [&parts, reply = std::move(reply)] { reply(parts.ready()); });
  };
  api.server_metadata = [&io, &parts](const rpc::ApiCall&,
                                      rpc::Reply<openinference::ServerMetadata> reply) {
    boost::asio::post(io, [&parts, reply = std::move(reply)] { reply(DescribeServer(parts)); });
  };
}

void AddStatistics(boost::asio::io_context& io, const RouteParts& parts, rpc::InferenceApi& api) {
  using Statistics = std::vector<openinference::ModelStatistics>;
  api.statistics = [&io, &parts](rpc::ApiCall call, rpc::Reply<Statistics> reply) {
    boost::asio::post(io, [&parts, call = std::move(call), reply = std::move(reply)] {
      const auto known = Know(parts, call, tenant::Scope::kRead, reply);
      if (!known) return;
      if (call.model.empty()) {
        reply(CountModels(parts, known->caller));
        return;
      }
      auto one = CountModel(parts, {known->caller, known->name, known->version});
      Counted(parts, call, known->caller, one);
      Tell(reply, one.ok() ? base::Result<Statistics>(Statistics{std::move(one).value()})
                           : base::Result<Statistics>(std::move(one).error()));
    });
  };
  using Entries = std::vector<openinference::RepositoryEntry>;
  api.repository_index = [&io, &parts](rpc::ApiCall call, bool ready_only,
                                       rpc::Reply<Entries> reply) {
    boost::asio::post(io, [&parts, ready_only, call = std::move(call), reply = std::move(reply)] {
      const auto known = Know(parts, call, tenant::Scope::kRead, reply);
      if (!known) return;
      reply(IndexModels(parts, known->caller, ready_only));
    });
  };
}

}  // namespace

rpc::InferenceApi MakeInferenceApi(boost::asio::io_context& io, const RouteParts& parts) {
  rpc::InferenceApi api;
  AddPublic(io, parts, api);
  AddStatistics(io, parts, api);
  api.model_ready = OfModel<bool>(io, parts, IsModelReady);
  api.metadata = OfModel<openinference::ModelMetadata>(io, parts, DescribeModel);
  api.config = OfModel<openinference::ModelConfig>(io, parts, ConfigureModel);
  api.load = Loading(io, parts, true);
  api.unload = Loading(io, parts, false);
  api.infer = [&io, &parts](rpc::ApiCall call, openinference::InferRequest request,
                            rpc::Reply<rpc::InferAnswer> reply) {
    auto kept = std::make_shared<openinference::InferRequest>(std::move(request));
    async::Spawn(io, Infer(io, parts, std::move(call), std::move(kept), std::move(reply)));
  };
  return api;
}

}  // namespace bulkhead::gateway
