// SPDX-License-Identifier: Apache-2.0
// A program for compartments to hold: does what its first argument says and writes what it found,
// one item a line, to descriptor 3. Linked statically and without sanitizers, so that it needs no
// other file and nothing that a compartment takes away.
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>

#include <fcntl.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

namespace {

using Arguments = std::span<char*>;
constexpr int kAnswerFd = 3;
constexpr int kHoldFd = 4;
constexpr int kUsage = 64;

void Say(std::string line) {
  line += '\n';
  if (::write(kAnswerFd, line.data(), line.size()) < 0) ::_exit(kUsage);
}

void Say(long number) { Say(std::to_string(number)); }

long Number(std::string_view text) {
  long number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

int Abort(Arguments) { std::abort(); }

int Touch(Arguments arguments) {
  const auto* address = reinterpret_cast<const volatile char*>(Number(arguments[0]));
  return *address;
}

int MakeForbiddenCall(Arguments) {
  ::syscall(SYS_ptrace, 0L, 0L, 0L, 0L);
  return 0;
}

// Says that it is up, and stays until the other end of descriptor 4 is closed.
int Hold(Arguments) {
  Say("up");
  char byte = 0;
  while (::read(kHoldFd, &byte, 1) > 0) {
  }
  return 0;
}

int SayIdentity(Arguments) {
  utsname name = {};
  ::uname(&name);
  Say(::getuid());
  Say(::getgid());
  Say(::getpid());
  Say(std::string(name.nodename));
  return 0;
}

int SayArguments(Arguments arguments) {
  for (const char* argument : arguments) Say(std::string(argument));
  return 0;
}

int SayEnvironment(Arguments) {
  for (char** variable = environ; *variable != nullptr; ++variable) Say(std::string(*variable));
  return 0;
}

int SayDescriptors(Arguments) {
  for (int fd = 0; fd < 2048; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0) Say(fd);
  }
  return 0;
}

// The errno of opening each path for reading, then for writing.
int OpenFiles(Arguments paths) {
  for (const char* path : paths) {
    Say(::open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0);
    Say(::open(path, O_WRONLY | O_CLOEXEC) < 0 ? errno : 0);
  }
  return 0;
}

int CreateFile(Arguments path) {
  Say(::open(path[0], O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0 ? errno : 0);
  return 0;
}

int SayCores(Arguments) {
  cpu_set_t set;
  CPU_ZERO(&set);
  ::sched_getaffinity(0, sizeof set, &set);
  for (std::size_t core = 0; core < CPU_SETSIZE; ++core) {
    if (CPU_ISSET(core, &set)) Say(static_cast<long>(core));
  }
  return 0;
}

int SayLimits(Arguments) {
  rlimit limit = {};
  for (const int resource : {RLIMIT_CORE, RLIMIT_FSIZE, RLIMIT_NOFILE}) {
    ::syscall(SYS_prlimit64, 0, resource, nullptr, &limit);
    Say(static_cast<long>(limit.rlim_max));
  }
  return 0;
}

int UseStandardStreams(Arguments text) {
  char byte = 0;
  Say(::read(0, &byte, 1));
  Say(::write(1, "x", 1) < 0 ? errno : 0);
  return ::write(2, text[0], std::strlen(text[0])) < 0 ? errno : 0;
}

int UseMemory(Arguments bytes) {
  const auto size = static_cast<std::size_t>(Number(bytes[0]));
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return errno;
  std::memset(memory, 1, size);
  Say("used");
  return 0;
}

int Exit(Arguments status) { return static_cast<int>(Number(status[0])); }

int Spin(Arguments) {
  Say("up");
  for (;;) ::sched_yield();
}

const std::map<std::string_view, std::function<int(Arguments)>> kDeeds = {
    {"exit", Exit},
    {"abort", Abort},
    {"touch", Touch},
    {"violate", MakeForbiddenCall},
    {"hold", Hold},
    {"spin", Spin},
    {"identity", SayIdentity},
    {"arguments", SayArguments},
    {"environment", SayEnvironment},
    {"descriptors", SayDescriptors},
    {"open", OpenFiles},
    {"create", CreateFile},
    {"cores", SayCores},
    {"limits", SayLimits},
    {"streams", UseStandardStreams},
    {"memory", UseMemory},
};

}  // namespace

int main(int argc, char** argv) {
  const Arguments arguments(argv, static_cast<std::size_t>(argc));
  if (argc < 2) return kUsage;
  const auto deed = kDeeds.find(arguments[1]);
  return deed == kDeeds.end() ? kUsage : deed->second(arguments.subspan(2));
}
