// SPDX-License-Identifier: Apache-2.0
// A client that sends bytes and reads bytes.
#pragma once

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <string>
#include <string_view>

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/unique_fd.h"

namespace bulkhead::http {

class TestClient {
 public:
  // Of 127.0.0.1. A connection that is refused gives an invalid socket.
  explicit TestClient(uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    Connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }

  explicit TestClient(const std::filesystem::path& path) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, path.c_str(), path.native().size());
    Connect(reinterpret_cast<const sockaddr*>(&address), sizeof(address));
  }

  [[nodiscard]] bool connected() const { return fd_.valid(); }

  void Send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(fd_.get(), bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;  // the server had enough: its response says why
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
  }

  void EndSending() { ::shutdown(fd_.get(), SHUT_WR); }
  void Close() { fd_ = base::UniqueFd(); }

  // The next response of a known length, head and body; what there is when the server closes.
  std::string ReadResponse(bool has_body = true) {
    for (;;) {
      const auto head_end = received_.find("\r\n\r\n");
      if (head_end != std::string::npos) {
        const std::size_t length = head_end + 4 + (has_body ? LengthIn(head_end) : 0);
        if (received_.size() >= length) return Take(length);
      }
      if (!Receive()) return Take(received_.size());
    }
  }

  // Everything until the server closes.
  std::string ReadToEnd() {
    while (Receive()) {
    }
    return Take(received_.size());
  }

 private:
  void Connect(const sockaddr* address, socklen_t size) {
    fd_ = base::UniqueFd(::socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0));
    // Only a server that hangs lets it run out.
    const timeval patience{.tv_sec = 60, .tv_usec = 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    if (::connect(fd_.get(), address, size) != 0) fd_ = base::UniqueFd();
  }

  std::size_t LengthIn(std::size_t head_end) const {
    constexpr std::string_view kName = "\r\nContent-Length: ";
    const auto at = received_.find(kName);
    std::size_t length = 0;
    if (at > head_end) return length;
    std::from_chars(received_.data() + at + kName.size(), received_.data() + head_end, length);
    return length;
  }

  bool Receive() {
    std::string buffer(65'536, '\0');
    const ssize_t count = ::recv(fd_.get(), buffer.data(), buffer.size(), 0);
    EXPECT_TRUE(count >= 0 || errno == ECONNRESET) << std::strerror(errno);
    if (count <= 0) return false;
    received_.append(buffer, 0, static_cast<std::size_t>(count));
    return true;
  }

  std::string Take(std::size_t count) {
    std::string taken = received_.substr(0, count);
    received_.erase(0, count);
    return taken;
  }

  base::UniqueFd fd_;
  std::string received_;
};

}  // namespace bulkhead::http
