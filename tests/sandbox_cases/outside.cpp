// SPDX-License-Identifier: Apache-2.0
#include "sandbox_cases/outside.h"

#include <array>
#include <cstddef>
#include <cstring>
#include <fstream>

#include <arpa/inet.h>
#include <fmt/format.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ipc.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

namespace bulkhead::sandbox_cases {
namespace {

// On a port of the kernel's choice, which comes back.
std::string BindToLoopback(int socket) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  if (::bind(socket, generic, size) != 0) return "";
  if (::getsockname(socket, generic, &size) != 0) return "";
  return std::to_string(ntohs(address.sin_port));
}

bool BindToAbstract(int socket, const std::string& name) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data(), name.size());
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 + name.size());
  return ::bind(socket, reinterpret_cast<const sockaddr*>(&address), size) == 0;
}

bool IsReadable(const base::UniqueFd& fd) {
  pollfd waiting{fd.get(), POLLIN, 0};
  return ::poll(&waiting, 1, 0) == 1;
}

std::string LinkOf(const std::string& name) {
  std::error_code failed;
  return std::filesystem::read_symlink("/proc/self/ns/" + name, failed).string();
}

}  // namespace

Outside::Outside()
    : udp_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)),
      tcp_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)),
      abstract_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  names_["supervisor"] = std::to_string(::getpid());
  names_["udp"] = BindToLoopback(udp_.get());
  names_["tcp"] = BindToLoopback(tcp_.get());
  ::listen(tcp_.get(), 16);
  names_["abstract"] = fmt::format("bulkhead-cases-{}", ::getpid());
  if (BindToAbstract(abstract_.get(), names_["abstract"])) ::listen(abstract_.get(), 16);
  const key_t key = 0x62000000 + ::getpid();
  shared_memory_ = ::shmget(key, 4096, IPC_CREAT | 0666);
  names_["shared-memory"] = std::to_string(key);
  constexpr int kSessionKeyring = -3;
  names_["key"] = names_["abstract"];
  key_ = static_cast<int>(
      ::syscall(SYS_add_key, "user", names_["key"].c_str(), "x", 1UL, kSessionKeyring));
  // The compartments have the last core.
  names_["core"] = "0";

  std::string pattern = std::filesystem::temp_directory_path() / "bulkhead-cases-XXXXXX";
  folder_ = ::mkdtemp(pattern.data());
  ::chmod(folder_.c_str(), 0755);
  names_["weights"] = folder_ / "weights.onnx";
  std::ofstream(names_["weights"]) << "the weights of another tenant";
  // Only a file of root's is worth its bit.
  names_["set-user-id"] = folder_ / "set-user-id";
  std::filesystem::copy_file(BULKHEAD_HOSTILE_WORKER, names_["set-user-id"]);
  ::chmod(names_["set-user-id"].c_str(), 04755);
  names_["program"] = BULKHEAD_HOSTILE_WORKER;
  names_["everyones-program"] = folder_ / "hostile-worker";
  std::filesystem::copy_file(BULKHEAD_HOSTILE_WORKER, names_["everyones-program"]);
  ::chmod(names_["everyones-program"].c_str(), 0755);
  for (const char* name : {"user", "mnt", "pid", "net", "ipc", "uts", "cgroup"}) {
    names_[std::string("namespace ") + name] = std::string(name) + " " + LinkOf(name);
  }
}

Outside::~Outside() {
  constexpr int kInvalidate = 21;
  if (key_ >= 0) ::syscall(SYS_keyctl, kInvalidate, key_);
  if (shared_memory_ >= 0) ::shmctl(shared_memory_, IPC_RMID, nullptr);
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string Outside::Fill(std::string argument) const {
  for (const auto& [name, value] : names_) {
    const std::string place = "{" + name + "}";
    const std::size_t at = argument.find(place);
    if (at != std::string::npos) argument.replace(at, place.size(), value);
  }
  return argument;
}

bool Outside::WasReached() const {
  return IsReadable(udp_) || IsReadable(tcp_) || IsReadable(abstract_);
}

}  // namespace bulkhead::sandbox_cases
