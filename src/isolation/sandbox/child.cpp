// SPDX-License-Identifier: Apache-2.0
#include "isolation/sandbox/child.h"

#include <algorithm>
#include <cerrno>
#include <climits>
#include <csignal>

#include <fcntl.h>
#include <sched.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "isolation/sandbox/namespaces.h"
#include "lockdown/capabilities.h"
#include "lockdown/process_flags.h"

namespace bulkhead::isolation {
namespace {

constexpr int kWordBits = static_cast<int>(sizeof(unsigned long) * CHAR_BIT);
constexpr int kStartFailed = 70;  // an exit status that nobody reads: the report says it all

void Report(const ChildPlan& plan, const StepReport& report) {
  // If the parent is gone there is nobody to tell.
  [[maybe_unused]] const auto written = ::write(plan.report, &report, sizeof report);
}

// --- The steps: each returns 0 or an errno; `index` says at which of several things it is.
// --------

int WaitForGo(ChildPlan& plan, uint32_t&) {
  // Alone it could not tell that the parent is gone.
  ::close(plan.parent_go);
  ::close(plan.parent_report);
  // An undumpable parent's child has /proc files that not even its own user may write, and the
  // parent has to write the id maps. The step kNotDumpable takes it back.
  if (plan.layers.Has(Layer::kUserNamespace) && ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) != 0) {
    return errno;
  }
  Report(plan, {Step::kAwake, 0, 0});
  char go = 0;
  const ssize_t got = ::read(plan.alive, &go, 1);
  if (got < 0) return errno;
  return got == 1 ? 0 : ESRCH;
}

int IntoCgroup(ChildPlan& plan, uint32_t& index) { return EnterCgroup(plan.cgroup, index); }

int BeginSession(ChildPlan&, uint32_t&) {
  ::umask(077);
  return StartSession();
}

int ChangeIdentity(ChildPlan& plan, uint32_t&) { return TakeIdentity(plan.identity); }

int CgroupNamespace(ChildPlan&, uint32_t&) { return EnterCgroupNamespace(); }

int PrivateMounts(ChildPlan&, uint32_t&) { return MakeMountsPrivate(); }

int NewRoot(ChildPlan& plan, uint32_t&) { return MakeRoot(plan.root); }

int PlaceFiles(ChildPlan& plan, uint32_t& index) {
  for (const Bind& bind : plan.root.binds) {
    if (const int error = PlaceBind(bind); error != 0) return error;
    ++index;
  }
  return 0;
}

int IntoRoot(ChildPlan&, uint32_t&) { return EnterRoot(); }

int HostName(ChildPlan&, uint32_t&) { return SetHostName(); }

int WorkingFolder(ChildPlan&, uint32_t&) { return ::chdir("/") == 0 ? 0 : errno; }

int KeepToCores(ChildPlan& plan, uint32_t&) {
  const std::size_t bytes = plan.cores.size() * sizeof(unsigned long);
  if (::syscall(SYS_sched_setaffinity, 0, bytes, plan.cores.data()) != 0) return errno;
  // The kernel leaves out cores that are not ours and says nothing.
  if (::syscall(SYS_sched_getaffinity, 0, bytes, plan.cores_taken.data()) < 0) return errno;
  return std::equal(plan.cores.begin(), plan.cores.end(), plan.cores_taken.begin()) ? 0 : EINVAL;
}

int Descriptors(ChildPlan& plan, uint32_t&) {
  const int end = plan.descriptors.end;
  const int error = ArrangeDescriptors(plan.descriptors);
  if (error != 0) return error;
  plan.report = end - 2;
  plan.alive = end - 1;
  return 0;
}

int Capabilities(ChildPlan&, uint32_t&) { return lockdown::DropCapabilities(); }

int NoNewPrivileges(ChildPlan&, uint32_t&) { return lockdown::SetNoNewPrivileges(); }

int NotDumpable(ChildPlan&, uint32_t&) { return lockdown::SetNotDumpable(); }

int WithParent(ChildPlan& plan, uint32_t&) { return lockdown::DieWithParent(plan.alive); }

int Landlock(ChildPlan& plan, uint32_t&) {
  return lockdown::RestrictWithLandlock(plan.landlock, plan.landlock_abi);
}

// Whether the program will be able to use what it is given, asked as the user that it will be.
int TryBind(const Bind& bind) {
  const char* path = bind.destination.c_str();
  struct stat status = {};
  // Opening a device may do something; asking does not.
  if (bind.kind == BindKind::kDevice) {
    if (::faccessat(AT_FDCWD, path, R_OK | W_OK, 0) != 0) return errno;
    if (::stat(path, &status) != 0) return errno;
    return S_ISCHR(status.st_mode) ? 0 : EINVAL;
  }
  const base::UniqueFd fd(::open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK));
  if (!fd.valid() || ::fstat(fd.get(), &status) != 0) return errno;
  return S_ISREG(status.st_mode) ? 0 : EINVAL;
}

int ReadFiles(ChildPlan& plan, uint32_t& index) {
  for (const Bind& bind : plan.root.binds) {
    if (const int error = TryBind(bind); error != 0) return error;
    ++index;
  }
  return 0;
}

int Limits(ChildPlan& plan, uint32_t&) { return lockdown::ApplyResourceLimits(plan.limits); }

// Handlers are gone with exec, but what the parent ignores or blocks would stay so.
int DefaultSignals() {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal == SIGKILL || signal == SIGSTOP) continue;
    // By number: the C library keeps two signals for itself and refuses them, and a parent that
    // another runtime started may ignore just those. All zeros is SIG_DFL in the kernel's layout.
    constexpr std::size_t kSignalSetBytes = 8;
    const unsigned char action[64] = {};
    if (::syscall(SYS_rt_sigaction, signal, action, nullptr, kSignalSetBytes) != 0) return errno;
  }
  sigset_t none = {};
  ::sigemptyset(&none);
  return ::sigprocmask(SIG_SETMASK, &none, nullptr) == 0 ? 0 : errno;
}

int Ready(ChildPlan& plan, uint32_t&) {
  if (const int error = DefaultSignals(); error != 0) return error;
  Report(plan, {Step::kReady, 0, 0});
  return 0;
}

int Filter(ChildPlan& plan, uint32_t&) {
  return lockdown::InstallSyscallFilter(*plan.filter, /*all_threads=*/false);
}

int Execute(ChildPlan& plan, uint32_t&) {
  if (plan.program.empty()) ::_exit(0);
  ::execve(plan.program.c_str(), plan.arguments.get(), plan.environment.get());
  return errno;
}

// The start of every compartment, in order. A step that makes a layer is left out with the layer;
// every other failure, and every failure of a layer that is in, ends the process.
struct ChildStep {
  Step step;
  int (*run)(ChildPlan& plan, uint32_t& index);
};
constexpr ChildStep kSteps[] = {
    {Step::kAwake, WaitForGo},
    // Before its namespace of cgroups, whose root is the group that it is in by then.
    {Step::kEnterCgroup, IntoCgroup},
    {Step::kSession, BeginSession},
    // First the user: what is made from here on is its own, and has a name in its namespace.
    {Step::kIdentity, ChangeIdentity},
    {Step::kCgroupNamespace, CgroupNamespace},
    {Step::kPrivateMounts, PrivateMounts},
    {Step::kMakeRoot, NewRoot},
    {Step::kPlaceFile, PlaceFiles},
    {Step::kEnterRoot, IntoRoot},
    {Step::kHostName, HostName},
    {Step::kWorkingFolder, WorkingFolder},
    {Step::kCores, KeepToCores},
    {Step::kDescriptors, Descriptors},
    // First of the two: without it the bounding set of an ordinary user could not be left as it is.
    {Step::kNoNewPrivileges, NoNewPrivileges},
    {Step::kCapabilities, Capabilities},
    {Step::kNotDumpable, NotDumpable},
    // After every change of user, which clears it.
    {Step::kDieWithParent, WithParent},
    {Step::kReadFile, ReadFiles},
    {Step::kLandlock, Landlock},
    // After all that needs a descriptor of its own.
    {Step::kLimits, Limits},
    {Step::kReady, Ready},
    {Step::kFilter, Filter},
    {Step::kExec, Execute},
};

}  // namespace

TextVector::TextVector(std::vector<std::string> texts) : texts_(std::move(texts)) {
  for (std::string& text : texts_) pointers_.push_back(text.data());
  pointers_.push_back(nullptr);
}

std::vector<unsigned long> CoreMask(const std::vector<int>& cpus) {
  std::vector<unsigned long> mask(kCoresMax / kWordBits);
  for (const int cpu : cpus) {
    mask.at(static_cast<std::size_t>(cpu / kWordBits)) |= 1UL << (cpu % kWordBits);
  }
  return mask;
}

void RunChild(ChildPlan& plan) {
  for (const ChildStep& step : kSteps) {
    const std::optional<Layer> layer = LayerOf(step.step);
    if (layer.has_value() && !plan.layers.Has(*layer)) continue;
    StepReport report = {step.step, 0, 0};
    report.error = step.run(plan, report.index);
    if (report.error != 0) {
      Report(plan, report);
      ::_exit(kStartFailed);
    }
  }
  ::_exit(kStartFailed);
}

}  // namespace bulkhead::isolation
