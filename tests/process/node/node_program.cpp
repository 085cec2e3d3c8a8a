// SPDX-License-Identifier: Apache-2.0
#include "node_program.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <utility>

#include <fcntl.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/errno_error.h"
#include "base/read_file.h"
#include "channel/blocking_client.h"
#include "channel/setup.h"
#include "compartment/weights.h"
#include "isolation/sandbox_driver.h"
#include "node/state_folder.h"

namespace bulkhead {
namespace {

namespace fs = std::filesystem;

constexpr int kEndTimeMaxMs = 10'000;
constexpr std::size_t kFileBytesMax = std::size_t{1} << 20;

int CountDescriptors(const std::string& process) {
  std::error_code error;
  const fs::directory_iterator first("/proc/" + process + "/fd", error);
  return static_cast<int>(std::distance(first, fs::directory_iterator()));
}

base::UniqueFd OpenProcess(pid_t pid) {
  return base::UniqueFd(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
}

bool Ends(const base::UniqueFd& process) {
  pollfd ended{process.get(), POLLIN, 0};
  return !process.valid() || ::poll(&ended, 1, kEndTimeMaxMs) == 1;
}

std::vector<pid_t> ChildrenOf(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/task/{}/children", pid, pid));
  return {std::istream_iterator<pid_t>(file), std::istream_iterator<pid_t>()};
}

// The folders that the groups of all supervisors of this test are below of.
const std::vector<std::string>& CgroupParents() {
  static const std::vector<std::string> parents = [] {
    std::vector<std::string> found{"/sys/fs/cgroup"};
    std::error_code error;
    const auto options = fs::directory_options::skip_permission_denied;
    for (fs::recursive_directory_iterator entry("/sys/fs/cgroup", options, error), end;
         !error && entry != end; entry.increment(error)) {
      if (entry->path().native().find("bulkhead-") != std::string::npos) continue;
      if (entry->is_directory(error)) found.push_back(entry->path());
    }
    return found;
  }();
  return parents;
}

}  // namespace

const isolation::LayerSet& MissingLayers() {
  static const isolation::LayerSet missing = [] {
    isolation::LayerSet layers;
    const auto driver = isolation::MakeSandboxDriver({.owner = fmt::format("test-{}", ::getpid())});
    for (const isolation::LayerState& state : driver->Probe()) {
      if (state.works) continue;
      std::cout << "without " << isolation::LayerName(state.layer) << ": " << state.reason << '\n';
      layers.Add(state.layer);
    }
    return layers;
  }();
  return missing;
}

StateHome::StateHome() : path_(testing::TempDir() + "bulkhead-node-XXXXXX") {
  EXPECT_NE(::mkdtemp(path_.data()), nullptr);
  path_ = fs::canonical(path_);
}

StateHome::~StateHome() {
  std::error_code error;
  fs::remove_all(path_, error);
}

std::vector<std::string> StateHome::Content() const {
  std::vector<std::string> names;
  for (const auto& entry : fs::directory_iterator(path_)) {
    if (entry.path().filename() != "keys") names.push_back(entry.path().filename());
  }
  return names;
}

std::vector<std::string> StateHome::Cgroups() const {
  const std::string ours = "bulkhead-" + node::OwnerName({path_, base::UniqueFd()});
  std::vector<std::string> found;
  for (const std::string& parent : CgroupParents()) {
    std::error_code error;
    const fs::path folder = fs::path(parent) / ours;
    if (!fs::exists(folder, error)) continue;
    found.push_back(folder);
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      if (entry.is_directory(error)) found.push_back(entry.path());
    }
  }
  return found;
}

NodeProgram::NodeProgram(const StateHome& home, std::vector<std::string> arguments,
                         const std::string& worker) {
  std::array<int, 2> log{};
  EXPECT_EQ(::pipe2(log.data(), O_CLOEXEC), 0);
  log_ = base::UniqueFd(log[0]);
  const base::UniqueFd theirs(log[1]);
  arguments.insert(arguments.begin(), {BULKHEAD_NODE, "--state-dir", home.path()});
  for (const isolation::Layer layer : MissingLayers().List()) {
    arguments.push_back(fmt::format("--optional-layers={}", isolation::LayerName(layer)));
  }
  std::vector<char*> words;
  words.reserve(arguments.size() + 1);
  for (std::string& argument : arguments) words.push_back(argument.data());
  words.push_back(nullptr);
  pid_ = ::fork();
  if (pid_ == 0) {
    // Without it a test that is interrupted would leave it.
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    ::dup2(theirs.get(), STDERR_FILENO);
    if (!worker.empty()) ::setenv("BULKHEAD_WORKER", worker.c_str(), 1);
    ::execv(BULKHEAD_NODE, words.data());
    ::_exit(127);
  }
}

NodeProgram::~NodeProgram() {
  if (pid_ < 0) return;
  // It cleans up; what a killed one leaves nobody would remove.
  const base::UniqueFd process = OpenProcess(pid_);
  Signal(SIGTERM);
  if (!Ends(process)) Signal(SIGKILL);
  End();
}

bool NodeProgram::Serves() {
  std::array<char, 4096> piece{};
  while (logged_.find("bulkhead-node: serving ") == std::string::npos) {
    const ssize_t count = ::read(log_.get(), piece.data(), piece.size());
    if (count <= 0) return false;
    logged_.append(piece.data(), static_cast<std::size_t>(count));
  }
  return true;
}

void NodeProgram::Signal(int number) const { ::kill(pid_, number); }

int NodeProgram::End() {
  int status = 0;
  EXPECT_EQ(::waitpid(pid_, &status, 0), pid_);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

std::string NodeProgram::Log() {
  std::array<char, 4096> piece{};
  pollfd readable{log_.get(), POLLIN, 0};
  while (::poll(&readable, 1, 0) == 1) {
    const ssize_t count = ::read(log_.get(), piece.data(), piece.size());
    if (count <= 0) break;
    logged_.append(piece.data(), static_cast<std::size_t>(count));
  }
  return std::exchange(logged_, "");
}

int NodeProgram::DescriptorCount() const { return CountDescriptors(std::to_string(pid_)); }

std::vector<pid_t> NodeProgram::Workers() const { return ChildrenOf(pid_); }

std::string Mounts() {
  std::ifstream file("/proc/self/mountinfo");
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

int OwnDescriptorCount() { return CountDescriptors("self"); }

void AdoptOrphans() { ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0); }

int ReapChildren(pid_t besides) {
  int count = 0;
  while (true) {
    std::vector<pid_t> children = ChildrenOf(::getpid());
    std::erase(children, besides);
    if (children.empty()) return count;
    for (const pid_t child : children) {
      if (!Ends(OpenProcess(child))) return -1;
      ::waitpid(child, nullptr, 0);
      ++count;
    }
  }
}

bool KillAndWait(pid_t pid) {
  const base::UniqueFd process = OpenProcess(pid);
  if (!process.valid()) return false;
  ::syscall(SYS_pidfd_send_signal, process.get(), SIGKILL, nullptr, 0);
  EXPECT_TRUE(Ends(process));
  return true;
}

base::Result<base::UniqueFd> SealModel(node::Client& client, const seal::SealedName& name,
                                       const base::UniqueFd& model) {
  base::UniqueFd file(::open(testing::TempDir().c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));
  if (!file.valid()) return base::ErrnoError(errno);
  BH_TRY(client.Seal(name, model.get(), file.get(), kPatience));
  return file;
}

base::Status LaunchModel(node::Client& client, const std::string& name, const base::UniqueFd& model,
                         bool restart) {
  BH_ASSIGN(const std::vector<std::byte> setup, channel::EncodeSetup({}));
  node::Launch launch;
  launch.name = name;
  launch.profile = "cpu:1c512m";
  launch.tiers = {device::Tier::kCpu};
  launch.restart = restart;
  launch.optional_layers = MissingLayers();
  launch.model = {"tenantA000000001", "bolts", 1};
  BH_ASSIGN(const base::UniqueFd file, SealModel(client, launch.model, model));
  return client.Launch(launch, file.get(), setup, kPatience);
}

base::Status LaunchBolts(node::Client& client, const std::string& name, const std::string& model,
                         bool restart) {
  BH_ASSIGN(const base::UniqueFd weights,
            compartment::LoadWeights(BULKHEAD_TEST_DATA "/onnx/" + model, kFileBytesMax));
  return LaunchModel(client, name, weights, restart);
}

base::Status SeeBolts(base::UniqueFd frames) {
  BH_ASSIGN(const std::vector<std::byte> picture,
            base::ReadFile(BULKHEAD_SOURCE_DIR "/tests/fuzz/corpus/image_decode/rgb444.jpg",
                           kFileBytesMax));
  BH_ASSIGN(channel::BlockingClient client,
            channel::BlockingClient::Connect(std::move(frames), kPatience));
  BH_ASSIGN(const channel::DetectReply reply, client.Detect(picture, {}, kPatience));
  if (reply.result.detections.size() == 2) return base::Ok();
  return base::OperatorError(base::Code::kInternal, fmt::format("{} objects instead of 2",
                                                                reply.result.detections.size()));
}

}  // namespace bulkhead
