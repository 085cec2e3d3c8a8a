// SPDX-License-Identifier: Apache-2.0
#include "cli/serve.h"

#include <cerrno>
#include <csignal>
#include <ostream>
#include <string_view>
#include <system_error>
#include <utility>

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/unique_fd.h"

namespace bulkhead::cli {
namespace {

namespace fs = std::filesystem;

// One of the two programs, ended with this object at the latest.
class Child {
 public:
  static base::Result<Child> Start(const fs::path& program, const std::vector<std::string>& given) {
    std::vector<std::string> words{program.string()};
    words.insert(words.end(), given.begin(), given.end());
    std::vector<char*> arguments;
    for (std::string& word : words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    const pid_t parent = ::getpid();
    const pid_t process = ::fork();
    if (process < 0) return base::WithContext(base::ErrnoError(errno), program.string());
    if (process > 0) return Child(process);
    // A group of its own: the terminal's Ctrl-C is for us, who end both in their order.
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    if (::getppid() == parent) ::execv(program.c_str(), arguments.data());
    ::_exit(127);
  }
  Child(Child&& other) noexcept : process_(std::exchange(other.process_, -1)) {}
  Child& operator=(Child&&) = delete;
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    Signal(SIGKILL);
    Wait();
  }

  void Signal(int signal) const {
    if (process_ > 0) ::kill(process_, signal);
  }
  void Wait() {
    if (process_ > 0) ::waitpid(std::exchange(process_, -1), nullptr, 0);
  }
  [[nodiscard]] bool Is(pid_t process) const { return process_ == process; }
  // Whether it has ended; then it is waited for.
  bool HasEnded() {
    if (process_ > 0 && ::waitpid(process_, nullptr, WNOHANG) == process_) process_ = -1;
    return process_ < 0;
  }

 private:
  explicit Child(pid_t process) : process_(process) {}
  pid_t process_ = -1;
};

base::Result<base::UniqueFd> OpenSignals() {
  sigset_t signals;
  ::sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGCHLD}) ::sigaddset(&signals, signal);
  if (::sigprocmask(SIG_BLOCK, &signals, nullptr) != 0) return base::ErrnoError(errno);
  base::UniqueFd opened(::signalfd(-1, &signals, SFD_CLOEXEC));
  if (!opened.valid()) return base::ErrnoError(errno);
  return opened;
}

base::Result<fs::path> Beside(std::string_view name) {
  std::error_code failed;
  const fs::path self = fs::read_symlink("/proc/self/exe", failed);
  const fs::path program = self.parent_path() / name;
  if (failed || ::access(program.c_str(), X_OK) != 0) {
    return base::OperatorError(base::Code::kUnavailable,
                               fmt::format("{} is not beside this program", name));
  }
  return program;
}

struct Both {
  Child node;
  Child gateway;
};

base::Result<Both> Start(const ServeArguments& arguments) {
  BH_ASSIGN(const fs::path node_program, Beside("bulkhead-node"));
  BH_ASSIGN(const fs::path gateway_program, Beside("bulkhead-gateway"));
  const fs::path socket = arguments.home / "node.sock";
  std::vector<std::string> node_arguments{"--state-dir", (arguments.home / "node").string(),
                                          "--socket", socket.string()};
  node_arguments.insert(node_arguments.end(), arguments.node.begin(), arguments.node.end());
  std::vector<std::string> gateway_arguments{"--state-dir", (arguments.home / "gateway").string(),
                                             "--node", socket.string()};
  gateway_arguments.insert(gateway_arguments.end(), arguments.gateway.begin(),
                           arguments.gateway.end());
  BH_ASSIGN(Child node, Child::Start(node_program, node_arguments));
  // The gateway tries until the node answers.
  BH_ASSIGN(Child gateway, Child::Start(gateway_program, gateway_arguments));
  return Both{std::move(node), std::move(gateway)};
}

// The first process of a container is given the processes whose parents are gone, and waits for
// them. After the parts were asked: one of them that ends meanwhile is left to its object.
void ReapOrphans(const Both& both) {
  if (::getpid() != 1) return;
  for (;;) {
    siginfo_t ended{};
    if (::waitid(P_ALL, 0, &ended, WEXITED | WNOHANG | WNOWAIT) != 0) return;
    if (ended.si_pid == 0 || both.node.Is(ended.si_pid) || both.gateway.Is(ended.si_pid)) return;
    ::waitpid(ended.si_pid, nullptr, WNOHANG);
  }
}

// Until both have ended. Whether that was asked for.
bool Watch(Both& both, int signals, const Console& console) {
  bool asked = false;
  bool ending = false;
  for (;;) {
    signalfd_siginfo about{};
    if (::read(signals, &about, sizeof(about)) < 0) continue;
    const bool node_ended = both.node.HasEnded();
    const bool gateway_ended = both.gateway.HasEnded();
    ReapOrphans(both);
    if (about.ssi_signo != SIGCHLD) {
      both.gateway.Signal(ending ? SIGKILL : SIGTERM);
      if (ending) both.node.Signal(SIGKILL);
      asked = true;
      ending = true;
    }
    if (node_ended && gateway_ended) return asked;
    if (!ending && (node_ended || gateway_ended)) {
      *console.err << "bulkhead serve: the " << (node_ended ? "node" : "gateway")
                   << " ended by itself; its last line says why\n";
      both.gateway.Signal(SIGTERM);
      ending = true;
    }
    if (ending && gateway_ended) both.node.Signal(SIGTERM);
  }
}

base::Status MakeHome(const fs::path& home) {
  std::error_code failed;
  fs::create_directories(home, failed);
  if (failed) return base::WithContext(base::ErrnoError(failed.value()), home.string());
  return base::Ok();
}

}  // namespace

int RunServe(const ServeArguments& arguments, const Console& console) {
  const base::Status made = MakeHome(arguments.home);
  const auto signals = OpenSignals();
  if (!made.ok() || !signals.ok()) {
    PrintError(console, "serve", "", made.ok() ? signals.error() : made.error());
    return kFailure;
  }
  auto both = Start(arguments);
  if (!both.ok()) {
    PrintError(console, "serve", "", both.error());
    return kFailure;
  }
  return Watch(both.value(), signals.value().get(), console) ? kSuccess : kFailure;
}

}  // namespace bulkhead::cli
