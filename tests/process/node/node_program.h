// SPDX-License-Identifier: Apache-2.0
// The real bulkhead-node as a child of the test, and what it and its workers leave on the machine.
#pragma once

#include <chrono>
#include <ostream>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/unique_fd.h"
#include "node/client.h"

namespace bulkhead {

constexpr std::chrono::seconds kPatience{60};

// A folder that lives as long as this.
class StateHome {
 public:
  StateHome();
  StateHome(const StateHome&) = delete;
  StateHome& operator=(const StateHome&) = delete;
  ~StateHome();

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string socket() const { return path_ + "/node.sock"; }
  // Names in it, but for its keys, which stay.
  [[nodiscard]] std::vector<std::string> Content() const;
  // Folders of control groups that a node with this state made.
  [[nodiscard]] std::vector<std::string> Cgroups() const;

 private:
  std::string path_;
};

// Told to stop with this, if it still runs.
class NodeProgram {
 public:
  // `worker`: "" for the program beside it.
  NodeProgram(const StateHome& home, std::vector<std::string> arguments,
              const std::string& worker = "");
  NodeProgram(const NodeProgram&) = delete;
  NodeProgram& operator=(const NodeProgram&) = delete;
  ~NodeProgram();

  [[nodiscard]] pid_t pid() const { return pid_; }
  // Waits until it serves its socket; false: it ended first.
  bool Serves();
  void Signal(int number) const;
  // Waits for its end: its exit status, or 128 and the signal.
  int End();
  // What it has logged and was not asked for yet.
  std::string Log();
  [[nodiscard]] int DescriptorCount() const;
  [[nodiscard]] std::vector<pid_t> Workers() const;

 private:
  pid_t pid_ = -1;
  base::UniqueFd log_;
  std::string logged_;
};

std::string Mounts();
// kill -9 of anybody's process; false: it is gone already.
bool KillAndWait(pid_t pid);
// Descriptors of the test itself.
int OwnDescriptorCount();
// Makes this process the parent of whatever loses its own, so that no orphan goes unnoticed.
void AdoptOrphans();
// Waits for every child but `besides` to end, and takes note of it; how many there were, -1: one
// does not end.
int ReapChildren(pid_t besides);

// The layers that this machine does not give to this user; said once.
const isolation::LayerSet& MissingLayers();

// A file without a name with what the node made of a memfd.
base::Result<base::UniqueFd> SealModel(node::Client& client, const seal::SealedName& name,
                                       const base::UniqueFd& model);

// A launch on one core. `model`: a memfd, which the node seals first.
base::Status LaunchModel(node::Client& client, const std::string& name, const base::UniqueFd& model,
                         bool restart = true);
// The same of the small test network. `model`: a file of tests/data/onnx.
base::Status LaunchBolts(node::Client& client, const std::string& name,
                         const std::string& model = "two_bolts.onnx", bool restart = true);
// Sends a picture through a frames socket and expects the two objects that the network sees in
// everything.
base::Status SeeBolts(base::UniqueFd frames);

}  // namespace bulkhead
