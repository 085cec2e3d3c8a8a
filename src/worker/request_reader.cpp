// SPDX-License-Identifier: Apache-2.0
#include "worker/request_reader.h"

#include <array>
#include <cerrno>
#include <cstddef>
#include <span>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "worker/socket_io.h"

namespace bulkhead::worker {
namespace {

// Until there is something to read, which includes the end. False: told to stop.
bool WaitForBytes(int socket, int stopped) {
  std::array<pollfd, 2> ends{{{socket, POLLIN, 0}, {stopped, POLLIN, 0}}};
  while (::poll(ends.data(), ends.size(), -1) < 0 && errno == EINTR) {
  }
  return ends[1].revents == 0;
}

}  // namespace

base::Result<std::unique_ptr<RequestReader>> RequestReader::Start(int socket, RequestQueue& queue) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::ErrnoError(errno);
  return std::unique_ptr<RequestReader>(
      new RequestReader(socket, queue, base::UniqueFd(ends[0]), base::UniqueFd(ends[1])));
}

RequestReader::RequestReader(int socket, RequestQueue& queue, base::UniqueFd stopped,
                             base::UniqueFd stop)
    : socket_(socket),
      queue_(queue),
      stopped_(std::move(stopped)),
      stop_(std::move(stop)),
      thread_([this] {
        begun_.count_down();
        Run();
      }) {
  begun_.wait();
}

RequestReader::~RequestReader() {
  queue_.Close(base::Ok());
  stop_ = base::UniqueFd();
  thread_.join();
}

void RequestReader::Run() {
  for (;;) {
    const std::span<std::byte> buffer = queue_.NextBuffer();
    if (buffer.empty() || !WaitForBytes(socket_, stopped_.get())) return;
    const auto count = ReadSome(socket_, buffer);
    if (!count.ok()) return queue_.Close(count.error());
    if (count.value() == 0) return queue_.Close(base::Ok());
    queue_.Received(count.value());
  }
}

}  // namespace bulkhead::worker
