// SPDX-License-Identifier: Apache-2.0
// The pipeline of a worker in this process, beside a client of a gateway that runs the same model;
// for bench/serve/pipeline.py.
//
//   serve-pipeline PORT KEY MODEL JPEG CORE
//
// Reads commands, and answers each with one line:
//   pairs N    N requests and N frames in turn: median milliseconds of each, and of their ratios
//   frames N   N frames one after the other: seconds of wall time, and of processor time
//
// All of it runs on CORE, which should be the worker's: a frame never has more than that one.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <exception>
#include <iostream>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include "base/read_file.h"
#include "base/unique_fd.h"
#include "bench_worker.h"
#include "engine/onnxruntime_engine.h"
#include "paired_medians.h"
#include "require.h"
#include "worker/detector.h"

namespace bulkhead::bench {
namespace {

constexpr std::size_t kFileBytesMax = std::size_t{64} << 20;

// A client with one connection. Throws when an answer is no success.
class Client {
 public:
  Client(uint16_t port, const std::string& key, std::span<const std::byte> jpeg)
      : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    if (::connect(socket_.get(), reinterpret_cast<const sockaddr*>(&address), sizeof(address)) !=
            0 ||
        ::setsockopt(socket_.get(), IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)) != 0) {
      throw std::runtime_error("cannot connect to the gateway");
    }
    request_ = fmt::format(
        "POST /v1/models/line-3/detect HTTP/1.1\r\nHost: bench\r\nX-API-Key: {}\r\n"
        "Content-Length: {}\r\n\r\n",
        key, jpeg.size());
    request_.append(reinterpret_cast<const char*>(jpeg.data()), jpeg.size());
  }

  void Detect() {
    std::string_view rest = request_;
    while (!rest.empty()) {
      const ssize_t sent = ::send(socket_.get(), rest.data(), rest.size(), MSG_NOSIGNAL);
      if (sent <= 0) throw std::runtime_error("the gateway closed the connection");
      rest.remove_prefix(static_cast<std::size_t>(sent));
    }
    std::string answer;
    while (!Complete(answer)) {
      char buffer[16'384];
      const ssize_t count = ::recv(socket_.get(), buffer, sizeof(buffer), 0);
      if (count <= 0) throw std::runtime_error("the gateway closed the connection");
      answer.append(buffer, static_cast<std::size_t>(count));
    }
    if (!answer.starts_with("HTTP/1.1 200")) throw std::runtime_error(answer);
  }

 private:
  static bool Complete(const std::string& answer) {
    constexpr std::string_view kLength = "Content-Length: ";
    const std::size_t end = answer.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    const std::size_t at = answer.find(kLength);
    if (at == std::string::npos || at > end) throw std::runtime_error("no length: " + answer);
    return answer.size() >= end + 4 + std::stoul(answer.substr(at + kLength.size()));
  }

  base::UniqueFd socket_;
  std::string request_;
};

void Frames(worker::Detector& detector, std::span<const std::byte> jpeg, int count) {
  const auto start = std::chrono::steady_clock::now();
  const std::clock_t spent = std::clock();
  for (int i = 0; i < count; ++i) Require(detector.Detect(jpeg, {}));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start;
  fmt::print("{} {}\n", wall.count(),
             static_cast<double>(std::clock() - spent) / static_cast<double>(CLOCKS_PER_SEC));
}

void Pairs(worker::Detector& detector, Client& client, std::span<const std::byte> jpeg, int count) {
  const PairedMedians medians =
      MeasurePairs(count, [&] { client.Detect(); }, [&] { Require(detector.Detect(jpeg, {})); });
  fmt::print("{} {} {}\n", medians.a_ms, medians.b_ms, medians.ratio);
}

void Answer(const std::vector<std::string>& arguments) {
  PinThread({std::stoi(arguments[4])});
  const auto model = Require(base::ReadFile(arguments[2], kFileBytesMax));
  const auto jpeg = Require(base::ReadFile(arguments[3], kFileBytesMax));
  auto engine = Require(engine::OpenOnnxRuntimeEngine(model, {.threads = 1}));
  worker::Detector detector = Require(worker::Detector::Open(std::move(engine), {}));
  Client client(static_cast<uint16_t>(std::stoi(arguments[0])), arguments[1], jpeg);
  std::string command;
  int count = 0;
  while (std::cin >> command >> count) {
    if (command == "pairs") Pairs(detector, client, jpeg, count);
    if (command == "frames") Frames(detector, jpeg, count);
    std::fflush(stdout);
  }
}

}  // namespace
}  // namespace bulkhead::bench

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() != 5) return 2;
  try {
    bulkhead::bench::Answer(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "serve-pipeline: %s\n", error.what());
    return 1;
  }
  return 0;
}
