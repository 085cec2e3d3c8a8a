// SPDX-License-Identifier: Apache-2.0
#include "node/poller.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <span>

#include <sys/epoll.h>

#include "base/check.h"
#include "base/errno_error.h"

namespace bulkhead::node {
namespace {

constexpr int kReadyMax = 64;
constexpr unsigned kSourceShift = 56;
constexpr std::chrono::milliseconds kWaitMax{3'600'000};

}  // namespace

base::Result<Poller> Poller::Open() {
  base::UniqueFd epoll(::epoll_create1(EPOLL_CLOEXEC));
  if (!epoll.valid()) return base::WithContext(base::ErrnoError(errno), "epoll_create1");
  return Poller(std::move(epoll));
}

base::Status Poller::Watch(int fd, Key key) {
  BH_CHECK(key.id >> kSourceShift == 0);
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = key.id | (static_cast<uint64_t>(key.source) << kSourceShift);
  if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, fd, &event) == 0) return base::Ok();
  return base::WithContext(base::ErrnoError(errno), "epoll_ctl");
}

void Poller::Forget(int fd) { ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr); }

base::Result<std::vector<Key>> Poller::Wait(std::optional<std::chrono::nanoseconds> timeout) {
  int timeout_ms = -1;
  if (timeout) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(*timeout);
    timeout_ms = static_cast<int>(std::clamp(left, std::chrono::milliseconds(0), kWaitMax).count());
  }
  std::array<epoll_event, kReadyMax> events{};
  const int count = ::epoll_wait(epoll_.get(), events.data(), kReadyMax, timeout_ms);
  if (count < 0 && errno != EINTR) {
    return base::WithContext(base::ErrnoError(errno), "epoll_wait");
  }
  std::vector<Key> keys;
  for (const epoll_event& event :
       std::span(events).first(static_cast<std::size_t>(std::max(count, 0)))) {
    const uint64_t word = event.data.u64;
    keys.push_back(
        {static_cast<Source>(word >> kSourceShift), word & ((uint64_t{1} << kSourceShift) - 1)});
  }
  return keys;
}

}  // namespace bulkhead::node
