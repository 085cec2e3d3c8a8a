// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/attempt.h"

#include <cerrno>
#include <chrono>
#include <csignal>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/check.h"
#include "isolation/sandbox/child.h"
#include "isolation/sandbox/namespaces.h"

namespace bulkhead::isolation {
namespace {

using Clock = std::chrono::steady_clock;
constexpr std::chrono::seconds kStartTimeMax{10};

struct Pipe {
  base::UniqueFd read;
  base::UniqueFd write;
};

int OpenPipe(Pipe& pipe) {
  int fds[2] = {-1, -1};
  if (::pipe2(fds, O_CLOEXEC) != 0) return errno;
  pipe.read = base::UniqueFd(fds[0]);
  pipe.write = base::UniqueFd(fds[1]);
  return 0;
}

struct Pipes {
  Pipe go;
  Pipe report;
  Pipe empty;  // only its read end, which is at its end
};

int OpenPipes(Pipes& pipes) {
  for (Pipe* pipe : {&pipes.go, &pipes.report, &pipes.empty}) {
    if (const int error = OpenPipe(*pipe); error != 0) return error;
  }
  pipes.empty.write = base::UniqueFd();
  return 0;
}

std::vector<Bind> ListBinds(const LaunchSpec& spec) {
  std::vector<Bind> binds;
  for (const FileBind& file : spec.files) {
    binds.push_back({BindKind::kFile, file.source, file.destination, {}});
  }
  for (const std::filesystem::path& device : spec.devices) {
    binds.push_back({BindKind::kDevice, device, device, {}});
  }
  return binds;
}

Identity PlanIdentity(const Preparation& preparation) {
  const bool mapped = preparation.layers.Has(Layer::kUserNamespace);
  if (mapped) return {true, kInsideId, MayChangeIds(), false};
  if (preparation.own_id.has_value()) return {true, *preparation.own_id, true, true};
  return {};
}

IdMap PlanIds(const Preparation& preparation) {
  const uid_t user = preparation.own_id.value_or(::geteuid());
  const gid_t group = preparation.own_id.value_or(::getegid());
  return {kInsideId, user, group, !MayChangeIds()};
}

ChildPlan PlanChild(const Preparation& preparation, const Pipes& pipes) {
  const LaunchSpec& spec = *preparation.spec;
  ChildPlan plan;
  plan.layers = preparation.layers;
  plan.parent_go = pipes.go.write.get();
  plan.parent_report = pipes.report.read.get();
  plan.alive = pipes.go.read.get();
  plan.report = pipes.report.write.get();
  plan.identity = PlanIdentity(preparation);
  plan.root = PlanRoot(ListBinds(spec));
  plan.cores = CoreMask(spec.share.cpus);
  plan.cores_taken.resize(plan.cores.size());
  plan.descriptors = PlanDescriptors(spec, pipes.empty.read.get(), plan.report, plan.alive);
  for (const FileBind& file : spec.files) plan.landlock.readable.push_back(file.destination);
  for (const auto& device : spec.devices) plan.landlock.devices.push_back(device);
  plan.landlock_abi = preparation.landlock_abi;
  plan.limits = spec.limits;
  plan.filter = preparation.filter;
  plan.program = spec.program;
  std::vector<std::string> arguments = {plan.program};
  arguments.insert(arguments.end(), spec.arguments.begin(), spec.arguments.end());
  plan.arguments = TextVector(std::move(arguments));
  plan.environment = TextVector(spec.environment);
  return plan;
}

// A file that is missing or not ours to read says nothing about the layer.
bool IsAboutTheFile(Step step, int error) {
  if (step != Step::kOpenFile && step != Step::kPlaceFile) return false;
  return error == ENOENT || error == ENOTDIR || error == EACCES || error == EINVAL ||
         error == ELOOP || error == ENAMETOOLONG;
}

StepFailure Fail(Step step, int error, uint32_t index = 0) {
  return {step, error, index, IsAboutTheFile(step, error) ? std::nullopt : LayerOf(step), {}};
}

// A parent that may mount takes the mounts itself, see private_root.h.
std::optional<StepFailure> TakeMounts(ChildPlan& plan) {
  if (!plan.layers.Has(Layer::kPrivateRoot)) return std::nullopt;
  uint32_t index = 0;
  for (Bind& bind : plan.root.binds) {
    const int error = TakeMount(bind.source, bind.kind, bind.mount);
    // It is no one's right but root's; the child has it in a namespace of its own.
    if (error == EPERM) return std::nullopt;
    if (error != 0) return Fail(Step::kOpenFile, error, index);
    ++index;
  }
  return std::nullopt;
}

std::optional<StepFailure> OpenCgroup(const Preparation& preparation, ChildPlan& plan) {
  if (preparation.cgroup == nullptr) return std::nullopt;
  auto entrances = OpenEntrances(*preparation.cgroup);
  if (entrances.ok()) {
    plan.cgroup = std::move(entrances).value();
    return std::nullopt;
  }
  StepFailure failure = Fail(Step::kOpenCgroup, EACCES);
  failure.detail = entrances.error().detail;
  return failure;
}

// The next report, or a failure of the pipe; no value: the pipe has ended.
std::optional<StepReport> NextReport(int fd, Clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Clock::now()).count();
    pollfd waiting = {fd, POLLIN, 0};
    const int ready = ::poll(&waiting, 1, left > 0 ? static_cast<int>(left) : 0);
    if (ready < 0 && errno == EINTR) continue;
    if (ready == 0) return StepReport{Step::kNone, ETIMEDOUT, 0};
    StepReport report;
    const ssize_t got = ready < 0 ? -1 : ::read(fd, &report, sizeof report);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return StepReport{Step::kNone, errno, 0};
    if (got != sizeof report) return std::nullopt;
    return report;
  }
}

// Gives the sleeping child its ids, and lets it go.
std::optional<StepFailure> Release(const Preparation& preparation, pid_t pid, Pipes& pipes,
                                   Clock::time_point deadline) {
  const auto awake = NextReport(pipes.report.read.get(), deadline);
  if (!awake.has_value()) return Fail(Step::kAwake, ESRCH);
  if (awake->error != 0) return Fail(awake->step, awake->error);
  if (preparation.layers.Has(Layer::kUserNamespace)) {
    if (const int error = WriteIdMaps(pid, PlanIds(preparation)); error != 0) {
      StepFailure failure = Fail(Step::kWriteIds, error);
      if (preparation.own_id.has_value()) failure.layer = Layer::kOwnUser;
      return failure;
    }
  }
  const char go = 1;
  if (::write(pipes.go.write.get(), &go, 1) != 1) return Fail(Step::kRelease, errno);
  return std::nullopt;
}

// Waits until the child has become the program.
std::optional<StepFailure> WaitForExec(const ChildPlan& plan, const Pipes& pipes,
                                       Clock::time_point deadline) {
  bool ready = false;
  while (const auto report = NextReport(pipes.report.read.get(), deadline)) {
    if (report->error != 0) {
      StepFailure failure = Fail(report->step, report->error, report->index);
      if (report->step == Step::kEnterCgroup) {
        failure.detail = plan.cgroup.at(report->index).path.string();
      }
      return failure;
    }
    ready = ready || report->step == Step::kReady;
  }
  // The pipe ends with exec, but also when something kills the child before.
  if (!ready) return Fail(Step::kNone, ESRCH);
  return std::nullopt;
}

// Whether somebody else's SIGKILL has ended it: a person's, or that of a kernel short of memory.
bool WasKilled(const StartedProcess& started) {
  siginfo_t end = {};
  const auto id = static_cast<id_t>(started.process.get());
  return ::waitid(P_PIDFD, id, &end, WEXITED | WNOHANG | WNOWAIT) == 0 && end.si_pid != 0 &&
         end.si_code == CLD_KILLED && end.si_status == SIGKILL;
}

}  // namespace

void KillAndReap(const StartedProcess& started) {
  ::syscall(SYS_pidfd_send_signal, started.process.get(), SIGKILL, nullptr, 0);
  siginfo_t ended = {};
  while (::waitid(P_PIDFD, static_cast<id_t>(started.process.get()), &ended, WEXITED) != 0 &&
         errno == EINTR) {
  }
}

std::variant<StartedProcess, StepFailure> Attempt(const Preparation& preparation) {
  // Its root would be mounted over the machine's own.
  BH_CHECK(preparation.layers.Has(Layer::kMountNamespace) ||
           !preparation.layers.Has(Layer::kPrivateRoot));
  Pipes pipes;
  if (const int error = OpenPipes(pipes); error != 0) return Fail(Step::kPipe, error);
  ChildPlan plan = PlanChild(preparation, pipes);
  if (auto failure = TakeMounts(plan)) return *failure;
  if (auto failure = OpenCgroup(preparation, plan)) return *failure;

  StartedProcess started;
  const auto deadline = Clock::now() + kStartTimeMax;
  started.pid = CloneProcess(NamespaceFlags(preparation.layers), started.process);
  if (started.pid == 0) RunChild(plan);
  if (started.pid < 0) return Fail(Step::kClone, errno);
  // Only the child may hold it, or its end would never be seen.
  pipes.report.write = base::UniqueFd();

  std::optional<StepFailure> failure = Release(preparation, started.pid, pipes, deadline);
  if (!failure.has_value()) failure = WaitForExec(plan, pipes, deadline);
  if (!failure.has_value()) return started;
  // Whatever could not be done then, could not be done to a process that was gone.
  if (WasKilled(started)) failure = Fail(Step::kNone, EINTR);
  KillAndReap(started);
  return *failure;
}

}  // namespace bulkhead::isolation
