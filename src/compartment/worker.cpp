// SPDX-License-Identifier: Apache-2.0
#include "compartment/worker.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/errno_error.h"

namespace bulkhead::compartment {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int64_t kProcessesMax = 64;  // threads of the engine and of its libraries' start
// What a process maps besides the memory it uses: libraries, thread stacks, malloc's arenas.
constexpr uint64_t kAddressSpaceSlackBytes = uint64_t{2} << 30;
constexpr uint64_t kArenaBytes = uint64_t{128} << 20;  // per thread, stack included
constexpr std::size_t kLogBytesMax = std::size_t{64} << 10;
constexpr std::size_t kLogReadBytesMax = std::size_t{1} << 20;

struct Pair {
  base::UniqueFd ours;
  base::UniqueFd theirs;
};

base::Result<Pair> MakeFrames() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return base::ErrnoError(errno);
  }
  return Pair{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
}

// Only our end does not block.
base::Result<Pair> MakeReport() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return base::ErrnoError(errno);
  Pair pair{base::UniqueFd(ends[0]), base::UniqueFd(ends[1])};
  if (::fcntl(ends[0], F_SETFL, O_NONBLOCK) != 0) return base::ErrnoError(errno);
  return pair;
}

base::Result<base::UniqueFd> SetupDescriptor(std::span<const std::byte> setup) {
  base::UniqueFd file(::memfd_create("setup", MFD_CLOEXEC));
  if (!file.valid()) return base::ErrnoError(errno);
  if (::pwrite(file.get(), setup.data(), setup.size(), 0) != static_cast<ssize_t>(setup.size())) {
    return base::ErrnoError(errno);
  }
  return file;
}

lockdown::ResourceLimits LimitsOf(const device::Partition& partition) {
  lockdown::ResourceLimits limits;
  limits.processes = kProcessesMax;
  limits.locked_bytes = static_cast<uint64_t>(partition.memory_bytes);
  if (partition.tier == device::Tier::kCpu) {
    limits.address_space_bytes = static_cast<uint64_t>(partition.memory_bytes) +
                                 kAddressSpaceSlackBytes + partition.cpus.size() * kArenaBytes;
  }
  return limits;
}

isolation::LaunchSpec LaunchOf(const WorkerProgram& program, const WorkerSpec& spec) {
  isolation::LaunchSpec launch;
  launch.name = spec.name;
  launch.files = program.files;
  launch.devices = spec.partition.device_nodes;
  launch.program = program.program;
  launch.environment = spec.partition.environment;
  launch.environment.push_back("BULKHEAD_ONNXRUNTIME=" + program.engine_library.string());
  launch.share = {spec.partition.cpus, spec.partition.memory_bytes, kProcessesMax};
  launch.limits = LimitsOf(spec.partition);
  launch.policy = spec.policy;
  return launch;
}

std::string LastLine(const std::string& text) {
  const std::size_t end = text.find_last_not_of('\n');
  if (end == std::string::npos) return "it did not say why";
  const std::size_t start = text.find_last_of('\n', end);
  return text.substr(start == std::string::npos ? 0 : start + 1,
                     end - (start == std::string::npos ? 0 : start + 1) + 1);
}

}  // namespace

base::Result<Worker> StartWorker(isolation::IsolationDriver& driver, const WorkerProgram& program,
                                 const WorkerSpec& spec) {
  if (spec.partition.simulated) {
    return base::OperatorError(base::Code::kUnsupported,
                               spec.partition.id + " is simulated: no worker runs in it");
  }
  BH_ASSIGN(Pair frames, MakeFrames());
  BH_ASSIGN(Pair status, MakeReport());
  BH_ASSIGN(Pair log, MakeReport());
  BH_ASSIGN(const base::UniqueFd setup, SetupDescriptor(spec.setup));
  isolation::LaunchSpec launch = LaunchOf(program, spec);
  launch.error_output = log.theirs.get();
  launch.descriptors = {{frames.theirs.get(), channel::kFramesFd},
                        {spec.weights, channel::kWeightsFd},
                        {setup.get(), channel::kSetupFd},
                        {status.theirs.get(), channel::kStatusFd}};
  BH_ASSIGN(isolation::Compartment compartment, driver.Start(launch));
  return Worker{std::move(compartment), std::move(frames.ours), std::move(status.ours),
                std::move(log.ours), std::nullopt};
}

base::Result<std::optional<channel::StatusRecord>> ReadStatus(Worker& worker) {
  std::array<std::byte, channel::kStatusRecordBytes> bytes{};
  ssize_t count = 0;
  do {
    count = ::read(worker.status.get(), bytes.data(), bytes.size());
  } while (count < 0 && errno == EINTR);
  if (count < 0 && errno == EAGAIN) return std::optional<channel::StatusRecord>();
  if (count < 0) return base::ErrnoError(errno);
  if (count == 0) return base::OperatorError(base::Code::kUnavailable, "the worker has ended");
  const auto record = channel::ParseStatus(std::span(bytes).first(static_cast<std::size_t>(count)));
  if (!record) {
    return base::OperatorError(base::Code::kCorrupt,
                               "the worker sent a status record that is none");
  }
  if (record->state == channel::WorkerState::kViolated) worker.violation = record;
  return record;
}

base::Status WaitUntilReady(Worker& worker, std::chrono::milliseconds timeout) {
  const Clock::time_point deadline = Clock::now() + timeout;
  while (true) {
    const auto record = ReadStatus(worker);
    const bool gave_up = record.ok() && record.value() &&
                         record.value()->state != channel::WorkerState::kLoading &&
                         record.value()->state != channel::WorkerState::kReady;
    if (gave_up || (!record.ok() && record.error().code == base::Code::kUnavailable)) {
      return base::OperatorError(base::Code::kUnavailable, LastLine(ReadLog(worker)));
    }
    BH_TRY(record);
    if (record.value()) {
      if (record.value()->state == channel::WorkerState::kReady) return base::Ok();
      continue;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now());
    if (left.count() <= 0) {
      return base::OperatorError(
          base::Code::kDeadline,
          "the worker was not ready after " + std::to_string(timeout.count()) + " ms");
    }
    pollfd status{worker.status.get(), POLLIN, 0};
    ::poll(&status, 1, static_cast<int>(left.count()));
  }
}

std::string ReadLog(Worker& worker) {
  std::string text;
  std::array<char, 4096> piece{};
  // A worker may write faster than we read; the rest waits for the next call.
  for (std::size_t read_bytes = 0; read_bytes < kLogReadBytesMax;) {
    const ssize_t count = ::read(worker.log.get(), piece.data(), piece.size());
    if (count <= 0) break;
    read_bytes += static_cast<std::size_t>(count);
    text.append(piece.data(), static_cast<std::size_t>(count));
    if (text.size() > kLogBytesMax) text.erase(0, text.size() - kLogBytesMax);
  }
  const auto unprintable = [](char c) { return c != '\n' && (c < ' ' || c > '~'); };
  std::replace_if(text.begin(), text.end(), unprintable, '?');
  return text;
}

base::Result<isolation::End> EndWorker(isolation::IsolationDriver& driver, Worker worker,
                                       isolation::Cause cause) {
  BH_ASSIGN(isolation::End end, driver.Destroy(std::move(worker.compartment), cause));
  while (!worker.violation) {
    const auto record = ReadStatus(worker);
    if (!record.ok() || !record.value()) break;
  }
  if (end.reason == isolation::EndReason::kViolated && worker.violation) {
    end.syscall_number = static_cast<int>(worker.violation->value);
    end.syscall_arch = worker.violation->arch;
  }
  return end;
}

}  // namespace bulkhead::compartment
