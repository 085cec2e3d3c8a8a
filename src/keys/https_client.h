// SPDX-License-Identifier: Apache-2.0
// HTTPS requests to one server that keeps keys, through libcurl loaded at run time.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace bulkhead::keys {

inline constexpr std::size_t kAnswerBytesMax = std::size_t{256} << 10;

// An agent on this machine may be spoken to without TLS, by an address of it; nobody else.
struct HttpsServer {
  std::string origin;        // "https://vault.plant.example:8200", nothing after it
  std::filesystem::path ca;  // certificates to trust; empty: the system's
  std::chrono::milliseconds timeout{10'000};  // of one request, all in all
};

struct HttpsAnswer {
  int status = 0;
  base::SecretBytes body;  // wiped when it goes
};

// kInvalid: no such origin.
base::Status CheckOrigin(std::string_view origin);

// One thread at a time. Follows no redirect, asks no proxy, reads no .netrc and keeps no cookies.
class HttpsClient {
 public:
  // kInvalid: no such origin. kUnavailable: no libcurl on this machine.
  static base::Result<std::unique_ptr<HttpsClient>> Make(HttpsServer server);
  virtual ~HttpsClient() = default;

  // `headers` are whole lines. kUnavailable: no answer, or none in time; the certificate is not one
  // of a name and an authority that we trust; more than kAnswerBytesMax.
  virtual base::Result<HttpsAnswer> Send(const char* method, const std::string& path,
                                         std::span<const std::string> headers,
                                         std::span<const std::byte> body) = 0;
};

}  // namespace bulkhead::keys
