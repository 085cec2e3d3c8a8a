// SPDX-License-Identifier: Apache-2.0
#include "transit_server.h"

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/capture_output.h"

namespace bulkhead::keys {
namespace {

constexpr std::string_view kToken = "hvs.plant-token";

std::string FromEnvironment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

TransitServer::TransitServer() {
  std::string name = (std::filesystem::temp_directory_path() / "transit-XXXXXX").string();
  folder_ = ::mkdtemp(name.data()) == nullptr ? "" : name;
}

TransitServer::~TransitServer() {
  StopDouble();
  std::filesystem::remove_all(folder_);
}

bool TransitServer::RealOne() { return !FromEnvironment("BULKHEAD_TRANSIT_ORIGIN").empty(); }

void TransitServer::WriteToken(std::string_view token) const {
  const auto beside = folder_ / "token.new";
  std::ofstream(beside) << token << '\n';
  std::filesystem::permissions(beside, std::filesystem::perms::owner_read);
  std::filesystem::rename(beside, folder_ / "token");
}

bool TransitServer::StartDouble() {
  const auto made = base::CaptureOutput(
      {"/usr/bin/openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
       "-nodes", "-days", "2", "-subj", "/CN=transit", "-addext", "subjectAltName=IP:127.0.0.1",
       "-keyout", folder_ / "key", "-out", folder_ / "ca"},
      {}, 1 << 16, std::chrono::seconds(60));
  if (!made.ok()) {
    std::cerr << made.error().detail << '\n';
    return false;
  }
  WriteToken(kToken);
  std::array<int, 2> in{};
  std::array<int, 2> out{};
  if (::pipe2(in.data(), O_CLOEXEC) != 0 || ::pipe2(out.data(), O_CLOEXEC) != 0) return false;
  input_ = base::UniqueFd(in[1]);
  const base::UniqueFd output(out[0]);
  const std::string script = BULKHEAD_SOURCE_DIR "/tests/transit_double/transit_double.py";
  const std::string certificate = folder_ / "ca";
  const std::string key = folder_ / "key";
  double_ = ::fork();
  if (double_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::dup2(in[0], STDIN_FILENO) < 0 || ::dup2(out[1], STDOUT_FILENO) < 0) ::_exit(126);
    ::execl(BULKHEAD_PYTHON3, "python3", script.c_str(), certificate.c_str(), key.c_str(),
            kToken.data(), nullptr);
    ::_exit(127);
  }
  ::close(in[0]);
  ::close(out[1]);
  std::string port;
  char c = 0;
  while (::read(output.get(), &c, 1) == 1 && c != '\n') port += c;
  origin_ = "https://127.0.0.1:" + port;
  return !port.empty();
}

void TransitServer::StopDouble() {
  if (double_ < 0) return;
  ::kill(double_, SIGKILL);
  while (::waitpid(double_, nullptr, 0) < 0 && errno == EINTR) {
  }
  double_ = -1;
}

TransitPlace TransitServer::Place() const {
  TransitPlace place;
  if (RealOne()) {
    place.server = {FromEnvironment("BULKHEAD_TRANSIT_ORIGIN"),
                    FromEnvironment("BULKHEAD_TRANSIT_CA")};
    place.token_file = FromEnvironment("BULKHEAD_TRANSIT_TOKEN");
    // Its keys stay: every place has names of its own.
    place.prefix = "t" + folder_.filename().string().substr(8);
    for (char& c : place.prefix) c = static_cast<char>(std::tolower(c));
    return place;
  }
  place.server = {origin_, folder_ / "ca"};
  place.token_file = folder_ / "token";
  return place;
}

void TransitServer::Plan(const std::string& plan) const {
  auto client = HttpsClient::Make(Place().server);
  const auto answer =
      client.value()->Send("PUT", "/double/plan", {}, std::as_bytes(std::span(plan)));
  if (!answer.ok()) std::cerr << answer.error().detail << '\n';
}

}  // namespace bulkhead::keys
