// SPDX-License-Identifier: Apache-2.0
#include "rpc/server.h"

#include <algorithm>
#include <limits>
#include <system_error>
#include <thread>
#include <utility>

#include <grpcpp/generic/async_generic_service.h>
#include <grpcpp/resource_quota.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/security/tls_certificate_provider.h>
#include <grpcpp/security/tls_credentials_options.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "rpc/exchange.h"

namespace bulkhead::rpc {
namespace {

constexpr unsigned kTlsReloadSeconds = 60;

// gRPC's answer to every call, whatever its method: the caller is admitted before a message is
// read, which its generated services cannot do.
class Calls final : public grpc::CallbackGenericService {
 public:
  Calls(InferenceApi api, std::size_t window) : api_(std::move(api)), window_(window) {}

  grpc::ServerGenericBidiReactor* CreateReactor(
      grpc::GenericCallbackServerContext* context) override {
    return new Exchange(api_, *context, window_);  // deletes itself
  }

 private:
  const InferenceApi api_;
  const std::size_t window_;
};

int Clamped(std::size_t value) {
  return static_cast<int>(std::min<std::size_t>(value, std::numeric_limits<int>::max()));
}

int Milliseconds(std::chrono::milliseconds time) {
  return Clamped(static_cast<std::size_t>(std::max<int64_t>(time.count(), 0)));
}

void SetLimits(const Limits& limits, grpc::ServerBuilder& builder) {
  builder.SetMaxReceiveMessageSize(Clamped(limits.message_bytes_max));
  builder.SetMaxSendMessageSize(-1);
  builder.SetResourceQuota(grpc::ResourceQuota("bulkhead").Resize(limits.buffer_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_METADATA_SIZE, Clamped(limits.metadata_bytes_max));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONCURRENT_STREAMS, limits.calls_per_connection_max);
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIME_MS, Milliseconds(limits.ping_interval));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, Milliseconds(limits.ping_timeout));
  builder.AddChannelArgument(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
  builder.AddChannelArgument(GRPC_ARG_HTTP2_MIN_RECV_PING_INTERVAL_WITHOUT_DATA_MS,
                             Milliseconds(limits.client_ping_interval_min));
  builder.AddChannelArgument(GRPC_ARG_MAX_CONNECTION_IDLE_MS,
                             Milliseconds(limits.idle_connection_max));
  // gRPC 1.51 unpacks a message whole before it looks at its size: half a megabyte becomes half a
  // gigabyte. Clients that compress are told UNIMPLEMENTED.
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_GZIP, false);
  builder.SetCompressionAlgorithmSupportStatus(GRPC_COMPRESS_DEFLATE, false);
  // Two gateways on one port would each get some of the calls.
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
}

std::shared_ptr<grpc::ServerCredentials> CredentialsOf(const TlsFiles& files) {
  namespace tls = grpc::experimental;
  tls::TlsServerCredentialsOptions options(std::make_shared<tls::FileWatcherCertificateProvider>(
      files.key.string(), files.certificate.string(), kTlsReloadSeconds));
  options.watch_identity_key_cert_pairs();
  options.set_cert_request_type(GRPC_SSL_DONT_REQUEST_CLIENT_CERTIFICATE);
  return tls::TlsServerCredentials(options);
}

gpr_timespec After(std::chrono::nanoseconds time) {
  const auto left = std::chrono::duration_cast<std::chrono::microseconds>(
      std::max(time, std::chrono::nanoseconds(0)));
  return gpr_time_add(gpr_now(GPR_CLOCK_MONOTONIC),
                      gpr_time_from_micros(left.count(), GPR_TIMESPAN));
}

base::Status CheckReadable(const std::filesystem::path& file) {
  std::error_code error;
  if (std::filesystem::is_regular_file(file, error)) return base::Ok();
  return base::OperatorError(base::Code::kNotFound, "no file for gRPC's TLS: " + file.string());
}

}  // namespace

struct Server::State {
  State(InferenceApi api, std::size_t window) : calls(std::move(api), window) {}

  Calls calls;
  std::unique_ptr<grpc::Server> server;
  int port = 0;
  std::thread stopping;
};

Server::Server(std::unique_ptr<State> state) : state_(std::move(state)) {}

base::Result<std::unique_ptr<Server>> Server::Start(const ListenOptions& listen, InferenceApi api,
                                                    const Limits& limits) {
  auto state = std::make_unique<State>(std::move(api), limits.stream_window);
  grpc::EnableDefaultHealthCheckService(false);
  grpc::ServerBuilder builder;
  SetLimits(limits, builder);
  std::shared_ptr<grpc::ServerCredentials> credentials = grpc::InsecureServerCredentials();
  if (listen.tls) {
    BH_TRY(CheckReadable(listen.tls->certificate));
    BH_TRY(CheckReadable(listen.tls->key));
    credentials = CredentialsOf(*listen.tls);
  }
  const bool unix_socket = listen.address.starts_with("unix:");
  builder.AddListeningPort(listen.address, credentials, &state->port);
  builder.RegisterCallbackGenericService(&state->calls);
  state->server = builder.BuildAndStart();
  if (state->server == nullptr || state->port == 0) {
    return base::OperatorError(base::Code::kUnavailable, "gRPC cannot listen on " + listen.address);
  }
  if (unix_socket) state->port = 0;
  return std::unique_ptr<Server>(new Server(std::move(state)));
}

uint16_t Server::port() const { return static_cast<uint16_t>(state_->port); }

void Server::Stop(std::chrono::nanoseconds drain, std::function<void()> stopped) {
  state_->stopping = std::thread(
      [server = state_->server.get(), deadline = After(drain), stopped = std::move(stopped)] {
        server->Shutdown(deadline);
        stopped();
      });
}

Server::~Server() {
  if (state_->stopping.joinable()) {
    state_->stopping.join();
  } else {
    state_->server->Shutdown(After(std::chrono::nanoseconds(0)));
  }
}

}  // namespace bulkhead::rpc
