// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/stale_processes.h"

#include <charconv>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>

#include <fmt/format.h>
#include <poll.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/unique_fd.h"
#include "isolation/sandbox/identity.h"

namespace bulkhead::isolation {
namespace {

constexpr int kEndTimeMaxMs = 10'000;

template <typename Number>
std::optional<Number> ParseNumber(std::string_view text) {
  Number number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

// The real user id; nullopt: the process has gone.
std::optional<uid_t> UserOf(pid_t pid) {
  constexpr std::string_view kUid = "Uid:\t";
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  for (std::string line; std::getline(status, line);) {
    if (!line.starts_with(kUid)) continue;
    const auto end = line.find('\t', kUid.size());
    return ParseNumber<uid_t>(std::string_view(line).substr(kUid.size(), end - kUid.size()));
  }
  return std::nullopt;
}

base::Status EndProcess(pid_t pid, uid_t user) {
  const base::UniqueFd process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  // Asked again: the number may have found another owner meanwhile.
  if (!process.valid() || UserOf(pid) != user) return base::Ok();
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  pollfd ended = {process.get(), POLLIN, 0};
  if (::poll(&ended, 1, kEndTimeMaxMs) == 1) return base::Ok();
  return base::OperatorError(base::Code::kInternal,
                             fmt::format("process {} of an earlier compartment does not end", pid));
}

}  // namespace

base::Status EndStaleProcesses(uid_t first, uint32_t count) {
  std::error_code error;
  for (std::filesystem::directory_iterator entry("/proc", error), end; !error && entry != end;
       entry.increment(error)) {
    const auto pid = ParseNumber<pid_t>(entry->path().filename().native());
    if (!pid.has_value()) continue;
    const std::optional<uid_t> user = UserOf(*pid);
    if (!user.has_value() || *user < first || *user - first >= count) continue;
    // Held while we kill, so that nobody gives the id to a compartment at the same time.
    const std::optional<OwnId> claim = ClaimId(*user);
    if (claim.has_value()) BH_TRY(EndProcess(*pid, *user));
  }
  if (!error) return base::Ok();
  return base::OperatorError(base::Code::kUnavailable, "/proc cannot be read: " + error.message());
}

}  // namespace bulkhead::isolation
