// SPDX-License-Identifier: Apache-2.0
#include "postgres_server.h"

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <iostream>
#include <thread>

#include <fcntl.h>
#include <grp.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "store/postgres_database.h"

namespace bulkhead::store {
namespace {

constexpr uid_t kNobody = 65'534;

// Debian's place, the newest version last; else nothing.
std::filesystem::path Programs() {
  std::filesystem::path newest;
  int newest_version = 0;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    const int version = static_cast<int>(std::strtol(entry.path().filename().c_str(), nullptr, 10));
    const auto programs = entry.path() / "bin";
    if (version > newest_version && std::filesystem::exists(programs / "postgres")) {
      newest = programs;
      newest_version = version;
    }
  }
  return newest;
}

// initdb and the server refuse root.
bool DropRoot() {
  if (::geteuid() != 0) return true;
  return ::setgroups(0, nullptr) == 0 && ::setresgid(kNobody, kNobody, kNobody) == 0 &&
         ::setresuid(kNobody, kNobody, kNobody) == 0;
}

int WaitFor(pid_t child) {
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void ShowLog(const std::filesystem::path& folder) {
  std::ifstream log(folder / "log");
  std::cerr << log.rdbuf() << '\n';
}

}  // namespace

bool PostgresServer::Installed() { return !Programs().empty(); }

PostgresServer::~PostgresServer() {
  Stop();
  if (!folder_.empty()) std::filesystem::remove_all(folder_);
}

bool PostgresServer::Create() {
  std::string name = (std::filesystem::temp_directory_path() / "postgres-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return false;
  folder_ = name;
  if (::geteuid() == 0 && ::chown(folder_.c_str(), kNobody, kNobody) != 0) return false;
  // Its language orders texts otherwise than by their bytes.
  const pid_t made =
      Spawn({"initdb", "-D", folder_ / "data", "-U", "postgres", "-A", "trust", "-E", "UTF8",
             "--no-sync", "--locale=C", "--locale-provider=icu", "--icu-locale=en"});
  if (WaitFor(made) != 0) {
    ShowLog(folder_);
    return false;
  }
  std::ofstream(folder_ / "data" / "pg_hba.conf")
      << "local all keyed scram-sha-256\nlocal all all trust\n";
  return Start();
}

bool PostgresServer::Start() {
  server_ = Spawn({"postgres", "-D", folder_ / "data", "-k", folder_, "-c",
                   "listen_addresses=", "-c", "fsync=off"});
  // There is no event to wait for: the server is asked until it answers.
  for (int i = 0; i < 3000; ++i) {
    if (Answers()) return true;
    if (::waitpid(server_, nullptr, WNOHANG) != 0) break;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ShowLog(folder_);
  return false;
}

void PostgresServer::Stop() {
  if (server_ < 0) return;
  ::kill(server_, SIGQUIT);
  static_cast<void>(WaitFor(server_));
  server_ = -1;
}

std::string PostgresServer::Conninfo(const std::string& database) const {
  return "host=" + folder_.string() + " user=postgres dbname=" + database;
}

bool PostgresServer::Answers() const {
  return OpenPostgresDatabase(Conninfo("postgres"), std::chrono::seconds(10)).ok();
}

pid_t PostgresServer::Spawn(const std::vector<std::string>& arguments) const {
  const std::string program = Programs() / arguments.front();
  const std::string log = folder_ / "log";
  std::vector<char*> words;
  for (const std::string& argument : arguments)
    words.push_back(const_cast<char*>(argument.c_str()));
  // By its path: initdb looks beside itself for postgres.
  words.front() = const_cast<char*>(program.c_str());
  words.push_back(nullptr);
  const pid_t child = ::fork();
  if (child != 0) return child;
  // Whatever ends the test ends the server.
  if (!DropRoot() || ::prctl(PR_SET_PDEATHSIG, SIGQUIT) != 0 || ::chdir("/") != 0) ::_exit(126);
  const int out = ::open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  if (::dup2(out, STDOUT_FILENO) < 0 || ::dup2(out, STDERR_FILENO) < 0) ::_exit(126);
  ::execv(program.c_str(), words.data());
  ::_exit(127);
}

}  // namespace bulkhead::store
