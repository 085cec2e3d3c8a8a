// SPDX-License-Identifier: Apache-2.0
#include "compartment_trial.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <malloc.h>
#include <poll.h>
#include <sched.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "isolation/pod_driver.h"
#include "isolation/sandbox_driver.h"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// Of sanitizer/allocator_interface.h, which GCC does not install.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

namespace bulkhead::isolation {
namespace {

namespace fs = std::filesystem;

constexpr int kEndTimeMaxMs = 10'000;
constexpr int64_t kMemoryBytes = int64_t{64} << 20;

int FirstCore() {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  int core = 0;
  while (!CPU_ISSET(static_cast<std::size_t>(core), &set)) ++core;
  return core;
}

std::string ReadText(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// A folder that vanishes meanwhile is somebody else's, and skipped.
void AddFoldersOf(const std::string& owner, const fs::path& folder,
                  std::vector<std::string>& found) {
  std::error_code error;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end;
       entry.increment(error)) {
    std::error_code gone;
    if (entry->is_symlink(gone) || !entry->is_directory(gone)) continue;
    if (entry->path().native().find(owner) != std::string::npos) found.push_back(entry->path());
    AddFoldersOf(owner, entry->path(), found);
  }
}

std::vector<std::string> CgroupsOf(const std::string& owner) {
  std::vector<std::string> found;
  AddFoldersOf(owner, "/sys/fs/cgroup", found);
  std::ranges::sort(found);
  return found;
}

// The mounts of this namespace that could be ours: a root, or a file of a compartment. Others of
// the machine may come and go meanwhile.
std::string OwnMounts() {
  std::istringstream text(ReadText("/proc/self/mountinfo"));
  std::string mounts;
  for (std::string line; std::getline(text, line);) {
    std::istringstream fields(line);
    std::string field;
    for (int number = 1; number <= 5; ++number) fields >> field;
    const bool of_a_file = line.find(BULKHEAD_COMPARTMENT_PROGRAM) != std::string::npos;
    if (field == "/" || of_a_file) mounts += line + "\n";
  }
  return mounts;
}

}  // namespace

void PrintTo(const DriverKind& kind, std::ostream* out) { *out << kind.name; }

std::string OwnerName() {
  // Of the process that ran first: a child that a test forks shares the name.
  static const std::string name = fmt::format("test-{}", ::getpid());
  return name;
}

std::vector<DriverKind> DriverKinds() {
  const auto sandbox = [](const LayerSet& withheld) {
    return MakeSandboxDriver({.owner = OwnerName(), .withheld = withheld});
  };
  const auto pod = [](const LayerSet& withheld) {
    return MakePodDriver({.owner = OwnerName(), .withheld = withheld});
  };
  return {{"Sandbox", true, sandbox}, {"Pod", false, pod}};
}

const Machine& ProbeMachine(const DriverKind& kind) {
  static std::map<std::string, Machine> machines;
  const auto [found, added] = machines.try_emplace(kind.name);
  Machine& machine = found->second;
  if (!added) return machine;
  for (const LayerState& state : kind.open({})->Probe()) {
    machine.all.Add(state.layer);
    if (state.works) {
      machine.works.Add(state.layer);
    } else {
      machine.missing += fmt::format("  {}: {}\n", LayerName(state.layer), state.reason);
    }
  }
  if (!machine.missing.empty()) {
    std::cout << kind.name << " runs without:\n" << machine.missing;
  }
  return machine;
}

Pipe OpenPipe() {
  int fds[2] = {-1, -1};
  EXPECT_EQ(::pipe2(fds, O_CLOEXEC), 0);
  return {base::UniqueFd(fds[0]), base::UniqueFd(fds[1])};
}

std::vector<std::string> ReadLines(int fd) {
  std::string text;
  char bytes[4096];
  for (ssize_t got = 1; got > 0;) {
    got = ::read(fd, bytes, sizeof bytes);
    if (got > 0) text.append(bytes, static_cast<std::size_t>(got));
  }
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool Ends(int process) {
  pollfd ended = {process, POLLIN, 0};
  return ::poll(&ended, 1, kEndTimeMaxMs) == 1;
}

Traces TakeTraces() {
  Traces traces;
  for (int fd = 0; fd < 1024; ++fd) {
    std::error_code error;
    const fs::path link = fs::read_symlink(fmt::format("/proc/self/fd/{}", fd), error);
    if (!error) traces.descriptors.push_back(fmt::format("{} {}", fd, link.native()));
  }
  traces.mounts = OwnMounts();
  traces.cgroups = CgroupsOf(OwnerName());
  siginfo_t child = {};
  traces.children = ::waitid(P_ALL, 0, &child, WEXITED | WNOHANG | WNOWAIT) == 0;
  return traces;
}

void PrintTo(const Traces& traces, std::ostream* out) {
  *out << fmt::format("descriptors {}\ncgroups {}\nchildren {}\nmounts {}",
                      fmt::join(traces.descriptors, ", "), fmt::join(traces.cgroups, ", "),
                      traces.children, traces.mounts);
}

std::size_t BytesInUse() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
  return __sanitizer_get_current_allocated_bytes();
#else
  const struct mallinfo2 heap = ::mallinfo2();
  return heap.uordblks + heap.hblkhd;
#endif
}

TrialFolder::TrialFolder() { EXPECT_EQ(::chmod(path().c_str(), 0755), 0); }

std::string TrialFolder::Write(const std::string& name, const std::string& text,
                               mode_t mode) const {
  const std::string file = path() / name;
  std::ofstream(file) << text;
  EXPECT_EQ(::chmod(file.c_str(), mode), 0);
  return file;
}

void CompartmentTrial::SetUp() {
  const Machine& machine = ProbeMachine(GetParam());
  if (GetParam().sandbox && !machine.works.Has(Layer::kPrivateRoot)) {
    GTEST_SKIP() << "this machine gives no sandbox:\n" << machine.missing;
  }
  if (::access(BULKHEAD_COMPARTMENT_PROGRAM, X_OK) != 0) {
    GTEST_SKIP() << "user " << ::getuid() << " may not reach " << BULKHEAD_COMPARTMENT_PROGRAM;
  }
  driver_ = GetParam().open({});
}

LaunchSpec CompartmentTrial::Spec(std::vector<std::string> arguments) const {
  const Machine& machine = ProbeMachine(GetParam());
  LaunchSpec spec;
  spec.name = "trial";
  spec.files = {{BULKHEAD_COMPARTMENT_PROGRAM, BULKHEAD_COMPARTMENT_PROGRAM}};
  spec.program = BULKHEAD_COMPARTMENT_PROGRAM;
  spec.arguments = std::move(arguments);
  spec.share = {{FirstCore()}, kMemoryBytes, 16};
  for (const Layer layer : machine.all.List()) {
    if (!machine.works.Has(layer)) spec.policy.optional.Add(layer);
  }
  return spec;
}

base::Result<CompartmentTrial::Held> CompartmentTrial::StartHeld(LaunchSpec spec,
                                                                 IsolationDriver& driver) {
  Held held{{}, OpenPipe(), OpenPipe()};
  spec.descriptors.push_back({held.answers.write.get(), 3});
  spec.descriptors.push_back({held.hold.read.get(), 4});
  BH_ASSIGN(held.compartment, driver.Start(spec));
  held.answers.write = base::UniqueFd();
  held.hold.read = base::UniqueFd();
  char up[3] = {};
  EXPECT_EQ(::read(held.answers.read.get(), up, sizeof up), 3);
  return held;
}

base::Result<Life> CompartmentTrial::RunToEnd(LaunchSpec spec, IsolationDriver& driver) {
  Pipe answers = OpenPipe();
  Pipe errors = OpenPipe();
  spec.descriptors.push_back({answers.write.get(), 3});
  spec.error_output = errors.write.get();
  BH_ASSIGN(Compartment compartment, driver.Start(spec));
  answers.write = base::UniqueFd();
  errors.write = base::UniqueFd();
  Life life;
  life.lines = ReadLines(answers.read.get());
  life.errors = ReadLines(errors.read.get());
  life.layers = compartment.layers;
  EXPECT_TRUE(Ends(compartment.process.get()));
  BH_ASSIGN(life.end, driver.Destroy(std::move(compartment), Cause::kKilled));
  return life;
}

base::Result<Life> CompartmentTrial::RunToEnd(std::vector<std::string> arguments) {
  return RunToEnd(Spec(std::move(arguments)), *driver_);
}

std::string CompartmentTrial::Proc(pid_t pid, const std::string& file) {
  return ReadText(fmt::format("/proc/{}/{}", pid, file));
}

std::string CompartmentTrial::Status(pid_t pid, const std::string& key) {
  std::istringstream text(Proc(pid, "status"));
  for (std::string line; std::getline(text, line);) {
    if (line.starts_with(key + ":\t")) return line.substr(key.size() + 2);
  }
  return "";
}

}  // namespace bulkhead::isolation
