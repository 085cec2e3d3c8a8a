// SPDX-License-Identifier: Apache-2.0
// The gRPC port: inference.GRPCInferenceService and grpc.health.v1.Health.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "rpc/inference_api.h"

namespace bulkhead::rpc {

struct Limits {
  // Of one request message: 64 MiB of tensors and what names them. More is RESOURCE_EXHAUSTED;
  // compressed ones are UNIMPLEMENTED.
  std::size_t message_bytes_max = (std::size_t{64} << 20) + (std::size_t{64} << 10);
  std::size_t metadata_bytes_max = std::size_t{16} << 10;
  int calls_per_connection_max = 128;
  // Messages of one ModelStreamInfer in work at once; further ones wait in the connection.
  std::size_t stream_window = 8;
  // Buffers of all connections together; beyond it gRPC reads slower and then refuses.
  std::size_t buffer_bytes_max = std::size_t{1} << 30;
  // A peer that does not answer a ping is gone.
  std::chrono::milliseconds ping_interval{60'000};
  std::chrono::milliseconds ping_timeout{20'000};
  // A client that pings more often is sent away.
  std::chrono::milliseconds client_ping_interval_min{10'000};
  std::chrono::milliseconds idle_connection_max{300'000};
};

// PEM files: the chain, the server's own certificate first, and its key without a passphrase. Both
// are looked at again every minute; what cannot be read leaves the old ones in force.
struct TlsFiles {
  std::filesystem::path certificate;
  std::filesystem::path key;
};

struct ListenOptions {
  std::string
      address;  // "0.0.0.0:8001", "[::]:8001" (all of IPv6 and IPv4), "unix:/path"; port 0: any
  std::optional<TlsFiles> tls;
};

// Any thread; its calls of the API come on gRPC's threads.
class Server {
 public:
  // Accepts from here on. kUnavailable: the address cannot be had. kNotFound: a TLS file.
  static base::Result<std::unique_ptr<Server>> Start(const ListenOptions& listen, InferenceApi api,
                                                     const Limits& limits = {});
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  // Cancels what still runs and waits until the API has replied to it or dropped it.
  ~Server();

  // What was taken for port 0; 0 for a Unix socket.
  [[nodiscard]] uint16_t port() const;

  // Accepts no more calls. After `drain` those that run are cancelled. `stopped` is called once, on
  // a thread of the server's own, when the last has ended. Once only.
  void Stop(std::chrono::nanoseconds drain, std::function<void()> stopped);

 private:
  struct State;
  explicit Server(std::unique_ptr<State> state);

  std::unique_ptr<State> state_;
};

}  // namespace bulkhead::rpc
