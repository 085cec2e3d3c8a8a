// SPDX-License-Identifier: Apache-2.0
#include "keys/https_client.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include <curl/curl.h>
#include <dlfcn.h>
#include <fmt/format.h>

namespace bulkhead::keys {
namespace {

using base::Code;
using base::OperatorError;

constexpr std::size_t kOriginBytesMax = 256;
constexpr std::array<std::string_view, 3> kThisMachine{"http://127.0.0.1", "http://[::1]",
                                                       "http://localhost"};

// Those functions of libcurl that are used.
struct Curl {
  decltype(&curl_global_init) global_init = nullptr;
  decltype(&curl_easy_init) init = nullptr;
  decltype(&curl_easy_cleanup) cleanup = nullptr;
  decltype(&curl_easy_setopt) set = nullptr;
  decltype(&curl_easy_perform) perform = nullptr;
  decltype(&curl_easy_getinfo) get = nullptr;
  decltype(&curl_easy_strerror) text = nullptr;
  decltype(&curl_slist_append) append = nullptr;
  decltype(&curl_slist_free_all) free_all = nullptr;
};

base::Result<Curl> LoadCurl() {
  // Stays for the process, as libcurl wants it.
  void* const library = ::dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
  if (library == nullptr) {
    return OperatorError(Code::kUnavailable,
                         "no libcurl.so.4 on this machine (Debian: libcurl4, libcurl4t64)");
  }
  Curl curl;
  bool all = true;
  const auto find = [&](const char* name, auto& function) {
    function =
        reinterpret_cast<std::remove_reference_t<decltype(function)>>(::dlsym(library, name));
    all = all && function != nullptr;
  };
  find("curl_global_init", curl.global_init);
  find("curl_easy_init", curl.init);
  find("curl_easy_cleanup", curl.cleanup);
  find("curl_easy_setopt", curl.set);
  find("curl_easy_perform", curl.perform);
  find("curl_easy_getinfo", curl.get);
  find("curl_easy_strerror", curl.text);
  find("curl_slist_append", curl.append);
  find("curl_slist_free_all", curl.free_all);
  if (!all || curl.global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
    return OperatorError(Code::kUnavailable, "libcurl does not start");
  }
  return curl;
}

// What an answer's body is written to.
struct Received {
  base::SecretBytes bytes;
  std::size_t size = 0;
};

std::size_t Receive(const char* piece, std::size_t one, std::size_t count, void* to) {
  auto& received = *static_cast<Received*>(to);
  const std::size_t size = one * count;
  // Fewer than were given ends the transfer.
  if (size > received.bytes.bytes().size() - received.size) return 0;
  std::memcpy(received.bytes.bytes().data() + received.size, piece, size);
  received.size += size;
  return size;
}

class CurlClient final : public HttpsClient {
 public:
  CurlClient(Curl curl, HttpsServer server)
      : curl_(curl), server_(std::move(server)), handle_(curl_.init(), curl_.cleanup) {}

  base::Status Prepare();
  base::Result<HttpsAnswer> Send(const char* method, const std::string& path,
                                 std::span<const std::string> headers,
                                 std::span<const std::byte> body) override;

 private:
  template <typename Value>
  void Set(CURLoption option, Value value) {
    set_ = set_ && curl_.set(handle_.get(), option, value) == CURLE_OK;
  }

  Curl curl_;
  HttpsServer server_;
  std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> handle_;
  bool set_ = true;
};

base::Status CurlClient::Prepare() {
  if (handle_ == nullptr) return OperatorError(Code::kExhausted, "no memory for libcurl");
  const bool tls = server_.origin.starts_with("https:");
  Set(CURLOPT_PROTOCOLS_STR, tls ? "https" : "http");
  Set(CURLOPT_FOLLOWLOCATION, 0L);
  Set(CURLOPT_PROXY, "");
  Set(CURLOPT_NETRC, long{CURL_NETRC_IGNORED});
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  Set(CURLOPT_PATH_AS_IS, 1L);
  // On a connection that is used again libcurl sends again what got no answer: a key would turn
  // over twice.
  Set(CURLOPT_FRESH_CONNECT, 1L);
  Set(CURLOPT_FORBID_REUSE, 1L);
  Set(CURLOPT_SSL_VERIFYPEER, 1L);
  Set(CURLOPT_SSL_VERIFYHOST, 2L);
  Set(CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  Set(CURLOPT_TIMEOUT_MS, static_cast<long>(server_.timeout.count()));
  Set(CURLOPT_WRITEFUNCTION, &Receive);
  if (!server_.ca.empty()) {
    Set(CURLOPT_CAINFO, server_.ca.c_str());
    // Only those: not what a build of libcurl trusts besides.
    Set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (set_) return base::Ok();
  return OperatorError(Code::kUnavailable, "this libcurl is too old");
}

base::Result<HttpsAnswer> CurlClient::Send(const char* method, const std::string& path,
                                           std::span<const std::string> headers,
                                           std::span<const std::byte> body) {
  Received received;
  BH_ASSIGN(received.bytes, base::SecretBytes::Allocate(kAnswerBytesMax));
  curl_slist* lines = nullptr;
  for (const std::string& header : headers) {
    curl_slist* const longer = curl_.append(lines, header.c_str());
    if (longer == nullptr) break;
    lines = longer;
  }
  const std::string url = server_.origin + path;
  Set(CURLOPT_URL, url.c_str());
  Set(CURLOPT_CUSTOMREQUEST, method);
  Set(CURLOPT_HTTPHEADER, lines);
  Set(CURLOPT_WRITEDATA, static_cast<void*>(&received));
  if (body.empty()) {
    Set(CURLOPT_HTTPGET, 1L);
  } else {
    Set(CURLOPT_POST, 1L);
    Set(CURLOPT_POSTFIELDSIZE, static_cast<long>(body.size()));
    Set(CURLOPT_POSTFIELDS, static_cast<const void*>(body.data()));
  }
  const CURLcode code = set_ ? curl_.perform(handle_.get()) : CURLE_FAILED_INIT;
  long status = 0;
  curl_.get(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  // libcurl keeps what it was given until it is given something else.
  Set(CURLOPT_POSTFIELDS, static_cast<const void*>(nullptr));
  Set(CURLOPT_HTTPHEADER, static_cast<curl_slist*>(nullptr));
  curl_.free_all(lines);
  if (code == CURLE_WRITE_ERROR) {
    return OperatorError(Code::kUnavailable, fmt::format("{}: an answer of more than {} bytes",
                                                         server_.origin, kAnswerBytesMax));
  }
  if (code != CURLE_OK) {
    return OperatorError(Code::kUnavailable,
                         fmt::format("{}: {}", server_.origin, curl_.text(code)));
  }
  HttpsAnswer answer;
  answer.status = static_cast<int>(status);
  BH_ASSIGN(answer.body, base::SecretBytes::Allocate(received.size));
  std::ranges::copy(received.bytes.bytes().first(received.size), answer.body.bytes().begin());
  return answer;
}

bool IsHostCharacter(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
         c == '-' || c == ':' || c == '[' || c == ']';
}

}  // namespace

base::Status CheckOrigin(std::string_view origin) {
  constexpr std::string_view kHttps = "https://";
  const bool tls = origin.starts_with(kHttps);
  const bool near = std::ranges::any_of(kThisMachine, [&](std::string_view start) {
    return origin.starts_with(start) &&
           (origin.size() == start.size() || origin[start.size()] == ':');
  });
  const std::string_view host = origin.substr(std::min(origin.size(), origin.find("//") + 2));
  const bool good = (tls || near) && origin.size() <= kOriginBytesMax && !host.empty() &&
                    std::ranges::all_of(host, IsHostCharacter);
  if (good) return base::Ok();
  return OperatorError(Code::kInvalid,
                       "a server is https://HOST[:PORT], or http:// with an address of this "
                       "machine (127.0.0.1, [::1], localhost)");
}

base::Result<std::unique_ptr<HttpsClient>> HttpsClient::Make(HttpsServer server) {
  BH_TRY(CheckOrigin(server.origin));
  BH_ASSIGN(const Curl curl, LoadCurl());
  auto client = std::make_unique<CurlClient>(curl, std::move(server));
  BH_TRY(client->Prepare());
  return std::unique_ptr<HttpsClient>(std::move(client));
}

}  // namespace bulkhead::keys
